/**
 * Gradient of `einsum`, which is an einsum too: of the upstream gradient with the other operand.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { addGradient, single } from "./gradient.ts";

interface Operand {
  /** One letter for each axis. */
  axes: string;
  tensor: tf.Tensor;
}

/** Axes that both have are kept as `axes` orders them, all others are summed. */
function contract(operands: Operand[], axes: string): Operand {
  const known = new Set(operands.map((operand) => operand.axes).join(""));
  const kept = [...axes].filter((axis) => known.has(axis)).join("");
  const given = operands.filter((operand) => operand.axes !== "");
  const scalars = operands.filter((operand) => operand.axes === "");
  // tfjs's einsum takes no scalar.
  let tensor = given.length === 0 ? tf.scalar(1) : tf.einsum(
    `${given.map((operand) => operand.axes).join()}->${kept}`,
    ...given.map((operand) => operand.tensor),
  );
  for (const scalar of scalars) tensor = tf.mul(tensor, scalar.tensor);
  return { axes: kept, tensor };
}

/** An axis that only this operand had was summed over: all of its elements get the same. */
function spread({ axes, tensor }: Operand, to: Operand): tf.Tensor {
  const shape = [...to.axes].map((axis, index) =>
    axes.includes(axis) ? to.tensor.shape[index]! : 1
  );
  return tf.broadcastTo(tf.reshape(tensor, shape), to.tensor.shape);
}

/** Registers it. */
export function registerEinsumGradient(): void {
  addGradient<{ equation: string }>(tf.Einsum, {
    saveAllInputs: true,
    compute: (dy, saved, { equation }) => {
      const [inputs, output] = equation.split("->") as [
        string,
        string,
      ];
      const operands = inputs.split(",").map((axes, index): Operand => ({
        axes,
        tensor: saved[index]!,
      }));
      const upstream: Operand = { axes: output, tensor: single(dy) };
      return Object.fromEntries(operands.map((operand, index) => [index, () => {
        const others = operands.filter((_, other) => other !== index);
        return spread(contract([upstream, ...others], operand.axes), operand);
      }]));
    },
  });
}
