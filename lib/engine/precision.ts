/**
 * The bfloat16 policy. tfjs knows no bfloat16, so inside a trace a tensor may hold it while tfjs
 * takes it for float32: matrix products and convolutions read and write bfloat16, fused functions
 * compute in float32 and write bfloat16, and everything else is cast back before it is used.
 *
 * @module
 */
import type { CheckedAttribute } from "./attributes.ts";
import { DataType } from "./dtypes.ts";
import type { OperationDefinition } from "./operations.ts";
import { castSymbol, type Symbol, type Trace } from "./trace.ts";

/** The element type of matrix products and of activations between them. */
export type Precision = "float32" | "bfloat16";

let current: Precision = "float32";

/** The precision in force. */
export function precision(): Precision {
  return current;
}

/**
 * Runs `body` with matrix products in the given precision.
 *
 * @example
 * ```ts
 * import { tf } from "./tensorflow.ts";
 * import { withPrecision } from "./precision.ts";
 * const product = withPrecision("bfloat16", () => tf.matMul([[1, 2]], [[3], [4]]));
 * ```
 */
export function withPrecision<Result>(wanted: Precision, body: () => Result): Result {
  const before = current;
  current = wanted;
  try {
    return body();
  } finally {
    current = before;
  }
}

// They move elements and compute nothing, so that bfloat16 may pass through.
const movesOnly = new Set([
  ...[
    "Reshape",
    "Transpose",
    "Split",
    "SplitV",
    "Slice",
    "StridedSlice",
    "Pack",
    "Unpack",
  ],
  ...["ConcatV2", "GatherV2", "Identity", "ExpandDims", "Squeeze", "Tile", "ReverseV2"],
]);

// They compute in the policy's precision.
const products = new Set(["BatchMatMulV2", "MatMul"]);

/** The attributes with bfloat16 where they said float32. */
export function reducedAttributes(
  attributes: readonly CheckedAttribute[],
): CheckedAttribute[] {
  return attributes.map((attribute) =>
    attribute.kind === "type" && attribute.value === DataType.float32
      ? { ...attribute, value: DataType.bfloat16 }
      : attribute
  );
}

/** Whether the policy wants this operation on float32 tensors to run in bfloat16. */
export function isReducedProduct(
  { name }: OperationDefinition,
  attributes: readonly CheckedAttribute[],
): boolean {
  return current === "bfloat16" && products.has(name) &&
    attributes.some(({ kind, value }) => kind === "type" && value === DataType.float32);
}

/** Casts an operation's inputs as the policy wants, and sets its type attribute to match. */
export function castForOperation(
  trace: Trace,
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly Symbol[],
): { inputs: readonly Symbol[]; attributes: readonly CheckedAttribute[] } {
  const isFloat = (symbol: Symbol): boolean =>
    symbol.dataType === DataType.float32 || symbol.dataType === DataType.bfloat16;
  const anyReduced = inputs.some((symbol) => symbol.dataType === DataType.bfloat16);
  const isProduct = current === "bfloat16" && products.has(operation.name);
  if (!anyReduced && !isProduct) return { inputs, attributes };
  const floats = inputs.filter(isFloat);
  const passes = movesOnly.has(operation.name) &&
    floats.every((symbol) => symbol.dataType === DataType.bfloat16);
  const wanted = isProduct || passes ? DataType.bfloat16 : DataType.float32;
  return {
    inputs: inputs.map((symbol) =>
      isFloat(symbol) ? castSymbol(trace, symbol, wanted) : symbol
    ),
    attributes: wanted === DataType.float32 ? attributes : reducedAttributes(attributes),
  };
}
