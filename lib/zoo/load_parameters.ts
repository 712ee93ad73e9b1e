/**
 * From the tensors of a checkpoint in memory to a model's parameters, with an account of what fitted.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import type { Layout, Parameters } from "../nn/scope.ts";
import { type StoredTensor, toFloat32 } from "./element_types.ts";
import { kitAxes } from "./layout.ts";
import { type LoadReport, planLoad, type Specifications } from "./load_report.ts";

export type { LoadReport };

/** Options of {@linkcode loadParameters}. */
export interface LoadOptions {
  /** The model's name for a name of the checkpoint; undefined leaves the tensor out. */
  rename?: (name: string) => string | undefined;
  /** False loads what fits and reports the rest. Default: true. */
  strict?: boolean;
}

/** A stored tensor as float32 in the kit's layout. TensorFlow moves the axes: it has all processors. */
export function kitTensor(stored: StoredTensor, layout: Layout): Tensor {
  const { shape } = stored;
  const axes = kitAxes(layout, shape.length);
  const values = toFloat32(stored);
  if (axes === undefined) return tf.tensor(values, shape, "float32");
  return tf.tidy(() => tf.tensor(values, shape, "float32").transpose(axes));
}

/**
 * Makes parameters of stored tensors, in the kit's layout and as float32.
 *
 * @param specifications the model's, from `describeParameters`.
 * @param stored tensors in PyTorch's layout, as `readSafetensors` gives them.
 * @returns the parameters that fitted (with `strict: false` perhaps not all) and the report.
 * @throws {Error} when strict and anything does not fit, when nothing fits, or when two stored names
 *   mean one parameter.
 *
 * @example
 * ```ts
 * import { describeParameters } from "../nn/scope.ts";
 * import { linear } from "../nn/linear.ts";
 * import { loadParameters } from "./load_parameters.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linear(scope.at("head"), input({ shape: [1, 3] }), 2)
 * );
 * const { parameters } = loadParameters(specifications, new Map([
 *   ["head.weight", { shape: [2, 3], dtype: "F32", data: new Float32Array(6) }],
 *   ["head.bias", { shape: [2], dtype: "F32", data: new Float32Array(2) }],
 * ]));
 * console.log(parameters["head.weight"]!.shape); // [ 3, 2 ]
 * ```
 */
export function loadParameters(
  specifications: Specifications,
  stored: ReadonlyMap<string, StoredTensor>,
  { rename = (name) => name, strict = true }: LoadOptions = {},
): { parameters: Parameters; report: LoadReport } {
  const plan = { rename, strict, resize: false };
  const { sources, report } = planLoad(specifications, stored, plan);
  const parameters = Object.fromEntries([...sources].map(([name, { from }]) => [
    name,
    kitTensor(stored.get(from)!, specifications.get(name)!.layout),
  ]));
  return { parameters, report };
}
