/**
 * Parameters and FLOPs of any model, counted from the operations that its own forward pass
 * records: no formula to keep in step with the model.
 *
 * @module
 */
import type { Placeholder, RecordedOperation, RecordedTensor } from "../engine/mod.ts";
import {
  describeParameters,
  type ParameterSpecification,
  type Scope,
} from "../nn/scope.ts";

/**
 * What counts. `convolution` and `linear` multiply their input by a parameter, `product` multiplies
 * two inputs (attention).
 */
export type CountedOperator =
  | "convolution"
  | "linear"
  | "product"
  | "layerNorm"
  | "batchNorm"
  | "pooling";

/** Numbers of a model's parameters; running statistics are none. */
export interface ParameterCount {
  total: number;
  /** Without frozen ones, such as fixed position embeddings. */
  trainable: number;
}

/** What a model costs. */
export interface Complexity {
  parameters: ParameterCount;
  /** FLOPs of each operator. */
  operators: Record<CountedOperator, number>;
  /** Their sum. */
  flops: number;
}

/** How {@linkcode complexity} counts, for whoever reads its numbers. */
export const countingRule: string =
  "One multiply-add is one FLOP. For each element, a layer norm counts 5, a batch norm 2 (in " +
  "training 5) and global average pooling 1; other element-wise work and copies count nothing.";

// For each element, as in fvcore (jit_handles.py), for norms with weight and bias.
const layerNormFlops = 5;
const batchNormFlops = { training: 5, evaluation: 2 };

function size(shape: readonly number[] | undefined): number {
  return (shape ?? []).reduce((product, length) => product * length, 1);
}

/** Whether a name stands for running statistics, which PyTorch counts as no parameters. */
export function isRunningStatistic(name: string): boolean {
  return /(^|\.)(running_(mean|var)|num_batches_tracked)$/.test(name);
}

/** The numbers of parameters among specifications. */
export function countParameters(
  specifications: ReadonlyMap<string, ParameterSpecification>,
): ParameterCount {
  const count = { total: 0, trainable: 0 };
  for (const [name, { shape, trainable }] of specifications) {
    if (isRunningStatistic(name)) continue;
    count.total += size(shape);
    if (trainable) count.trainable += size(shape);
  }
  return count;
}

/** Each result of a product is a sum over the axis that both inputs share. */
function productFlops({ inputs, outputs, attributes }: RecordedOperation): number {
  const shared = attributes.get("adj_x") === true ? -2 : -1;
  return size(outputs[0]!.shape) * inputs[0]!.shape!.at(shared)!;
}

/** Each result of a convolution is a sum over its kernel and the channels that it sees. */
function convolutionFlops({ name, inputs, outputs }: RecordedOperation): number {
  const [height, width, channels] = inputs[1]!.shape as [number, number, number];
  const seen = name === "DepthwiseConv2dNative" ? 1 : channels;
  return size(outputs[0]!.shape) * height * width * seen;
}

/** Whether this is the mean over the rows and columns of a map `(B, h, w, C)`. */
function isGlobalPooling(
  { inputs: [map], outputs: [pooled] }: RecordedOperation,
): boolean {
  const [batch, , , channels] = map!.shape!;
  const shape = pooled!.shape!.join();
  return map!.shape!.length === 4 &&
    [`${batch},${channels}`, `${batch},1,1,${channels}`].includes(shape);
}

/** Which operator an operation is, and its FLOPs; undefined for what counts nothing. */
function counted(
  operation: RecordedOperation,
  weight: ParameterSpecification | undefined,
): [CountedOperator, number] | undefined {
  const { kind, name, inputs, attributes } = operation;
  const elements = size(inputs[0]?.shape);
  if (kind === "fused") {
    if (/^layerNorm\b/.test(name)) return ["layerNorm", layerNormFlops * elements];
    return undefined;
  }
  switch (name) {
    case "BatchMatMulV2": {
      // Embedding patches by a convolution whose kernel is its stride is done as a product.
      const operator = weight?.layout === "convolution" ? "convolution" : "linear";
      return [weight === undefined ? "product" : operator, productFlops(operation)];
    }
    case "Conv2D":
    case "DepthwiseConv2dNative":
      return ["convolution", convolutionFlops(operation)];
    case "FusedBatchNormV3": {
      const mode = attributes.get("is_training") === false ? "evaluation" : "training";
      return ["batchNorm", batchNormFlops[mode] * elements];
    }
    case "Mean":
      return isGlobalPooling(operation) ? ["pooling", elements] : undefined;
  }
  if (/Conv|MatMul|Einsum|BatchNorm/.test(name)) {
    throw new Error(`The FLOPs of TensorFlow's ${name} are not known: add them here`);
  }
  return undefined;
}

/**
 * Counts parameters and the FLOPs of one forward pass; nothing is computed. Counts as the
 * literature's tables do (fvcore, mmengine), see {@linkcode countingRule}: what elsewhere is called
 * multiply-accumulate operations (MACs), of one image when the model is given one.
 *
 * @param model a forward function, at evaluation.
 * @throws {Error} on an operation that should count and whose FLOPs are not known here.
 *
 * @example
 * ```ts
 * import { complexity } from "./complexity.ts";
 * import { linear } from "../nn/linear.ts";
 * const { parameters, flops } = complexity((scope, input) =>
 *   linear(scope.at("head"), input({ shape: [1, 768] }), 1000)
 * );
 * console.log(parameters.total, flops); // 769000 768000
 * ```
 */
export function complexity(
  model: (scope: Scope, input: Placeholder) => unknown,
): Complexity {
  const operations: RecordedOperation[] = [];
  const specifications = describeParameters(
    model,
    (operation) => operations.push(operation),
  );
  const operators: Record<CountedOperator, number> = {
    ...{ convolution: 0, linear: 0, product: 0, layerNorm: 0, batchNorm: 0, pooling: 0 },
  };
  /** What each tensor is made of: the model's input, or parameters alone (then of which). */
  const origins = new Map<RecordedTensor, "input" | ParameterSpecification>();
  for (const operation of operations) {
    const from = operation.inputs.flatMap((tensor) => origins.get(tensor) ?? []);
    const weight = from.find((origin) => origin !== "input");
    const [operator, flops] = counted(operation, weight) ?? [];
    if (operator !== undefined) operators[operator] += flops!;
    const origin = operation.kind === "input"
      ? specifications.get(operation.name) ?? "input"
      : from.includes("input")
      ? "input"
      : weight;
    if (origin === undefined) continue; // constants
    for (const output of operation.outputs) origins.set(output, origin);
  }
  const flops = Object.values(operators).reduce((sum, count) => sum + count, 0);
  return { parameters: countParameters(specifications), operators, flops };
}
