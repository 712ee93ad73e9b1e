/**
 * Kernels that tfjs-core has functions for and tfjs-node lacks, where TensorFlow has the operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Attribute, AttributeKind } from "../attributes.ts";
import { type NodeBackend, setKernel } from "./kernel.ts";
import { executeWithWideIntegers } from "./wide_integers.ts";

type Tensors = Record<string, tf.TensorInfo | tf.TensorInfo[]>;
type Options = Record<string, unknown>;

/** How a call of a tfjs kernel becomes one of an operation. */
interface Operation {
  name: string;
  inputs: tf.TensorInfo[];
  attributes?: Attribute[];
  outputs: number;
  /** Positions of the inputs that TensorFlow wants as int64. */
  wide?: number[];
}

type Translation = (inputs: Tensors, options: Options) => Operation;

const attribute =
  (kind: keyof typeof AttributeKind) => (name: string, value: unknown): Attribute => ({
    name,
    type: AttributeKind[kind],
    value,
  });
const text = attribute("string");
const int = attribute("int");
const bool = attribute("bool");
const type = attribute("type");

/** The inputs of those names in that order; a list among them is spread out. */
function pick(inputs: Tensors, ...names: string[]): tf.TensorInfo[] {
  return names.flatMap((name) => inputs[name]!);
}

const int32 = 3;

const segments = (name: string): Translation => (inputs) => ({
  name,
  inputs: pick(inputs, "data", "indices", "segmentIds"),
  outputs: 1,
});

const translations: Record<string, Translation> = {
  BitwiseAnd: (inputs) => ({
    name: "BitwiseAnd",
    inputs: pick(inputs, "a", "b"),
    outputs: 1,
  }),

  DenseBincount: (inputs, { size, binaryOutput = false }) => ({
    name: "DenseBincount",
    inputs: [
      ...pick(inputs, "x"),
      tf.scalar(size as number, "int32"),
      ...pick(inputs, "weights"),
    ],
    attributes: [bool("binary_output", binaryOutput)],
    outputs: 1,
  }),

  SearchSorted: (inputs, { side }) => ({
    name: side === "left" ? "LowerBound" : "UpperBound",
    inputs: pick(inputs, "sortedSequence", "values"),
    attributes: [type("out_type", int32)],
    outputs: 1,
  }),

  Transform: (inputs, { interpolation, fillMode, fillValue, outputShape }) => {
    const [, height, width] = (inputs.image as tf.TensorInfo).shape;
    const size = (outputShape ?? [height, width]) as number[];
    return {
      name: "ImageProjectiveTransformV3",
      inputs: [
        ...pick(inputs, "image", "transforms"),
        tf.tensor1d(size, "int32"),
        tf.scalar(fillValue as number),
      ],
      attributes: [
        text("interpolation", String(interpolation).toUpperCase()),
        text("fill_mode", String(fillMode).toUpperCase()),
      ],
      outputs: 1,
    };
  },

  MaxPoolWithArgmax: (inputs, { filterSize, strides, pad, includeBatchInIndex }) => {
    const window = (size: unknown): number[] => [1, ...[size].flat(), 1] as number[];
    const square = (size: unknown): unknown =>
      typeof size === "number" ? [size, size] : size;
    return {
      name: "MaxPoolWithArgmax",
      inputs: pick(inputs, "x"),
      attributes: [
        int("ksize", window(square(filterSize))),
        int("strides", window(square(strides))),
        text("padding", pad === 0 ? "VALID" : String(pad).toUpperCase()),
        type("Targmax", int32),
        bool("include_batch_in_index", includeBatchInIndex),
      ],
      outputs: 2,
    };
  },

  RaggedGather: (inputs, { outputRaggedRank }) => ({
    name: "RaggedGather",
    inputs: pick(inputs, "paramsNestedSplits", "paramsDenseValues", "indices"),
    attributes: [
      int("PARAMS_RAGGED_RANK", (inputs.paramsNestedSplits as unknown[]).length),
      int("OUTPUT_RAGGED_RANK", outputRaggedRank),
    ],
    outputs: outputRaggedRank as number + 1,
  }),

  RaggedRange: (inputs) => ({
    name: "RaggedRange",
    inputs: pick(inputs, "starts", "limits", "deltas"),
    attributes: [type("Tsplits", int32)],
    outputs: 2,
  }),

  RaggedTensorToTensor: (inputs, { rowPartitionTypes }) => ({
    name: "RaggedTensorToTensor",
    inputs: pick(inputs, "shape", "values", "defaultValue", "rowPartitionTensors"),
    attributes: [text("row_partition_types", rowPartitionTypes)],
    outputs: 1,
  }),

  SparseFillEmptyRows: (inputs) => ({
    name: "SparseFillEmptyRows",
    inputs: pick(inputs, "indices", "values", "denseShape", "defaultValue"),
    outputs: 4,
    wide: [0, 2],
  }),

  SparseReshape: (inputs) => ({
    name: "SparseReshape",
    inputs: pick(inputs, "inputIndices", "inputShape", "newShape"),
    outputs: 2,
    wide: [0, 1, 2],
  }),

  SparseSegmentMean: segments("SparseSegmentMean"),
  SparseSegmentSum: segments("SparseSegmentSum"),

  StringNGrams: (inputs, options) => ({
    name: "StringNGrams",
    inputs: pick(inputs, "data", "dataSplits"),
    attributes: [
      text("separator", options.separator),
      int("ngram_widths", options.nGramWidths),
      text("left_pad", options.leftPad),
      text("right_pad", options.rightPad),
      int("pad_width", options.padWidth),
      bool("preserve_short_sequences", options.preserveShortSequences),
    ],
    outputs: 2,
  }),

  StringSplit: (inputs, { skipEmpty }) => ({
    name: "StringSplit",
    inputs: pick(inputs, "input", "delimiter"),
    attributes: [bool("skip_empty", skipEmpty)],
    outputs: 3,
  }),

  StringToHashBucketFast: (inputs, { numBuckets }) => ({
    name: "StringToHashBucketFast",
    inputs: pick(inputs, "input"),
    attributes: [int("num_buckets", numBuckets)],
    outputs: 1,
  }),
};

function execute(
  backend: NodeBackend,
  operation: Operation,
  given: Tensors,
): tf.TensorInfo[] {
  const { name, inputs, attributes = [], outputs, wide } = operation;
  const own = new Set(Object.values(given).flat());
  try {
    return executeWithWideIntegers(backend, name, attributes, inputs, outputs, wide);
  } finally {
    // What the translation made itself: sizes and the like.
    for (const input of inputs) if (!own.has(input)) (input as tf.Tensor).dispose();
  }
}

/** Registers the kernels. */
export function registerMissing(): void {
  for (const [kernel, translate] of Object.entries(translations)) {
    setKernel<Tensors, Options>(kernel, ({ inputs, attrs, backend }) => {
      const operation = translate(inputs, attrs ?? {});
      const results = execute(backend, operation, inputs);
      return operation.outputs === 1 && kernel !== "RaggedGather" ? results[0]! : results;
    });
  }
}
