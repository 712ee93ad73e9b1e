/**
 * From the tensors of a checkpoint to a model's parameters, with an account of what fitted.
 *
 * @module
 */
import { tf } from "../engine/mod.ts";
import type { Parameters, ParameterSpecification } from "../nn/scope.ts";
import { type StoredTensor, toFloat32 } from "./element_types.ts";
import { referenceShape, toKit } from "./layout.ts";

/** How a checkpoint and a model go together; shapes are in PyTorch's layout. */
export interface LoadReport {
  /** The model's parameters that the checkpoint has. */
  matched: string[];
  /** The model's parameters that it lacks. */
  missing: string[];
  /** What the checkpoint holds besides, under its own names. */
  unexpected: string[];
  /** Parameters that both have, in different shapes. */
  wrongShape: { name: string; stored: number[]; expected: number[] }[];
}

/** Options of {@linkcode loadParameters}. */
export interface LoadOptions {
  /** The model's name for a name of the checkpoint; undefined leaves the tensor out. */
  rename?: (name: string) => string | undefined;
  /** False loads what fits and reports the rest. Default: true. */
  strict?: boolean;
}

function list(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
  return names.slice(0, 3).join(", ") + more;
}

function refusal({ missing, unexpected, wrongShape }: LoadReport): string | undefined {
  const shapes = wrongShape.map(({ name, stored, expected }) =>
    `${name} (is [${stored}], the model needs [${expected}])`
  );
  const faults = [
    ...(missing.length > 0 ? [`${missing.length} missing: ${list(missing)}`] : []),
    ...(unexpected.length > 0
      ? [`${unexpected.length} unexpected: ${list(unexpected)}`]
      : []),
    ...(shapes.length > 0 ? [`${shapes.length} of another shape: ${list(shapes)}`] : []),
  ];
  if (faults.length === 0) return undefined;
  return `The checkpoint does not fit the model: ${faults.join("; ")}. ` +
    "Build the model with the checkpoint's sizes, or load with strict: false what fits";
}

/**
 * Makes parameters of stored tensors, in the kit's layout and as float32.
 *
 * @param specifications the model's, from `describeParameters`.
 * @param stored tensors in PyTorch's layout, as `readSafetensors` gives them.
 * @returns the parameters that fitted (with `strict: false` perhaps not all) and the report.
 * @throws {Error} when strict and anything does not fit, or two stored names mean one parameter.
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
  specifications: ReadonlyMap<string, ParameterSpecification>,
  stored: ReadonlyMap<string, StoredTensor>,
  { rename = (name) => name, strict = true }: LoadOptions = {},
): { parameters: Parameters; report: LoadReport } {
  const found = new Map<string, { from: string; tensor: StoredTensor }>();
  const unexpected: string[] = [];
  for (const [from, tensor] of stored) {
    const name = rename(from);
    if (name === undefined) continue;
    const other = found.get(name);
    if (other !== undefined) {
      throw new Error(`The tensors ${other.from} and ${from} both stand for ${name}`);
    }
    if (specifications.has(name)) found.set(name, { from, tensor });
    else unexpected.push(from);
  }
  const report: LoadReport = { matched: [], missing: [], unexpected, wrongShape: [] };
  for (const [name, { shape, layout }] of specifications) {
    const tensor = found.get(name)?.tensor;
    const expected = referenceShape(shape, layout);
    if (tensor === undefined) report.missing.push(name);
    else if (tensor.shape.join() !== expected.join()) {
      report.wrongShape.push({ name, stored: tensor.shape, expected });
    } else report.matched.push(name);
  }
  const message = strict ? refusal(report) : undefined;
  if (message !== undefined) throw new Error(message);
  const parameters = Object.fromEntries(report.matched.map((name) => {
    const tensor = found.get(name)!.tensor;
    const { layout } = specifications.get(name)!;
    const { values, shape } = toKit(toFloat32(tensor), tensor.shape, layout);
    return [name, tf.tensor(values, shape, "float32")];
  }));
  return { parameters, report };
}
