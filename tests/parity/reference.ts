/**
 * Between the kit's parameters and the names and layouts of the reference implementation.
 *
 * @module
 */
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import type { Parameters, ParameterSpecification } from "../../lib/nn/scope.ts";
import { referenceAxes } from "../../lib/zoo/layout.ts";
import {
  applyKeyMap,
  type KeyMap,
  reverseKeyMap,
} from "../../lib/zoo/key_maps/key_map.ts";
import { type LoadOptions, loadParameters } from "../../lib/zoo/load_parameters.ts";
import { type GoldenCase, referenceWeights } from "./golden_case.ts";

type Specifications = ReadonlyMap<string, ParameterSpecification>;

/**
 * The case's weights as the model's parameters; refuses any that are missing or too many.
 *
 * @param options.keyMap from the reference's names to the kit's.
 * @param options.rename the kit's name for a name after that; undefined leaves the weight out.
 */
export function parametersOf(
  golden: GoldenCase,
  specifications: Specifications,
  { keyMap, ...options }: LoadOptions & { keyMap?: KeyMap } = {},
): Parameters {
  const weights = referenceWeights(golden);
  const named = keyMap === undefined ? weights : applyKeyMap(keyMap, weights);
  return loadParameters(specifications, named, options).parameters;
}

/** The reference's name for a name of the kit, by a key map from the reference's names. */
export function referenceNames(keyMap: KeyMap): (name: string) => string {
  const reversed = reverseKeyMap(keyMap);
  const nothing = { shape: [0], dtype: "F32" as const, data: new Float32Array(0) };
  return (name) => [...applyKeyMap(reversed, new Map([[name, nothing]])).keys()][0]!;
}

/**
 * Gradients as the case stores them: under `grad/KEY` with the reference's names and layouts.
 *
 * @param referenceName the reference's name for a name of the kit.
 */
export function referenceGradients(
  gradients: Parameters,
  specifications: Specifications,
  referenceName: (name: string) => string = (name) => name,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => {
      const { layout } = specifications.get(name)!;
      const axes = referenceAxes(layout, gradient.shape.length);
      return [
        `grad/${referenceName(name)}`,
        axes === undefined ? gradient : tf.transpose(gradient, axes),
      ];
    }),
  );
}

/**
 * What a training step leaves in the values that are not trained, as `out/after/NAME`: those that it
 * moved, and those that frozen norms keep.
 */
export function afterTraining(
  specifications: Specifications,
  parameters: Parameters,
  updates: Parameters,
): Record<string, Tensor> {
  return Object.fromEntries(
    [...specifications].flatMap(([name, { trainable }]) =>
      trainable ? [] : [[`out/after/${name}`, updates[name] ?? parameters[name]!.clone()]]
    ),
  );
}

/**
 * The value of a scalar function of parameters, everything else that it names, and its gradients.
 *
 * @param body returns the record of named tensors; `loss` in it is differentiated.
 * @param wanted the parameters to differentiate; the others are held fixed.
 */
export function withGradients<Named extends Record<string, Tensor>>(
  parameters: Parameters,
  body: (parameters: Parameters) => Named,
  loss: keyof Named & string = "out/loss",
  wanted: (name: string) => boolean = () => true,
): { named: Named; gradients: Parameters } {
  const names = Object.keys(parameters).filter(wanted);
  let named: Named | undefined;
  const gradients = tf.grads((...values: Tensor[]) => {
    const changed = Object.fromEntries(
      names.map((name, index) => [name, values[index]!]),
    );
    named = body({ ...parameters, ...changed });
    // The engine frees what a gradient computation made, unless it is kept.
    for (const tensor of Object.values(named)) tf.keep(tensor);
    return named[loss]!;
  })(names.map((name) => parameters[name]!));
  return {
    named: named!,
    gradients: Object.fromEntries(names.map((name, index) => [name, gradients[index]!])),
  };
}
