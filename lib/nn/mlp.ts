/**
 * The two-layer perceptron of a transformer block.
 *
 * @module
 */
import { fused, gelu, quickGelu, type Tensor } from "../engine/mod.ts";
import { linear, product } from "./linear.ts";
import { xavierUniform, zeros } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/** The non-linearity: exact GELU, or OpenAI's `x · sigmoid(1.702 x)`. */
export type Activation = "gelu" | "quick-gelu";

/** Options of {@linkcode mlp}. */
export interface MlpOptions {
  /** Width of the hidden layer. */
  hidden: number;
  activation?: Activation;
  /** The names of the two layers in the original checkpoint. Default: fc1, fc2 (timm). */
  names?: readonly [string, string];
}

/** Whole hidden units for a width and a ratio (a ratio such as 100 / 44 is not exact). */
export function hiddenWidth(width: number, mlpRatio: number): number {
  return Math.floor(width * mlpRatio + 1e-6);
}

/** The function of an activation's name. */
export function activate(x: Tensor, activation: Activation): Tensor {
  switch (activation) {
    case "gelu":
      return gelu(x);
    case "quick-gelu":
      return quickGelu(x);
  }
}

/**
 * linear → activation → linear: `(…, D)` → `(…, D)`.
 *
 * @example
 * ```ts
 * import { mlp } from "./mlp.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   mlp(scope, input({ shape: [1, 8] }), { hidden: 32 })
 * );
 * console.log([...specifications.keys()]);
 * // [ "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias" ]
 * ```
 */
export function mlp(
  scope: Scope,
  x: Tensor,
  { hidden, activation = "gelu", names = ["fc1", "fc2"] }: MlpOptions,
): Tensor {
  const width = x.shape.at(-1)!;
  const first = scope.at(names[0]);
  const weight = first.parameter("weight", [width, hidden], {
    initial: xavierUniform,
    layout: "linear",
  });
  const bias = first.parameter("bias", [hidden], { initial: zeros });
  const activated = fused(
    `bias ${activation}`,
    ([y, bias]) => [activate(y!.add(bias!), activation)],
    [product(x, weight), bias],
  )[0]!;
  return linear(scope.at(names[1]), activated, width);
}
