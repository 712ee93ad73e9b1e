/**
 * Constants that differ with the batch, computed when a graph runs.
 *
 * @module
 */
import { DataType } from "../dtypes.ts";
import { type Constant, tensorValue, typeValue } from "./attribute_values.ts";
import { type GraphNode, graphNode } from "./graph_def.ts";
import { integerConstant, type Size, type SizeNodes } from "./sizes.ts";

/** A constant as it was recorded for each of some batches. */
export interface BatchConstant {
  /** Of its node, which stays. */
  name: string;
  /** The first node that reads it, for errors: its own name says nothing. */
  reader: string | undefined;
  /** Whether it is the shape of a Reshape and nothing else. */
  isReshape: boolean;
  batches: readonly number[];
  values: readonly Constant[];
}

/** Adds nodes to the graph, each after those that it reads. */
export interface BatchNodes {
  sizes: SizeNodes;
  add(node: GraphNode): void;
}

/** Throws that something depends on the batch. */
export function refuse(what: string): never {
  throw new Error(
    `${what}: give the input a batch of fixed size instead of null, or leave the size of the ` +
      "batch to -1 in the function",
  );
}

/** Whether two pieces of memory are the same. */
export function sameBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return one.length === other?.length &&
    one.every((byte, index) => byte === other[index]);
}

function described({ name, reader }: BatchConstant): string {
  return `the constant ${name}${reader === undefined ? "" : ` that ${reader} reads`}`;
}

function refuseValues(constant: BatchConstant): never {
  refuse(`The values of ${described(constant)} depend on the batch`);
}

/** The size that was one value at each of the recorded batches. */
function sizeOf(
  batches: readonly number[],
  values: readonly number[],
  where: string,
): Size {
  const slope = (values[1]! - values[0]!) / (batches[1]! - batches[0]!);
  const offset = values[0]! - slope * batches[0]!;
  const fits = values.every((value, index) => value === slope * batches[index]! + offset);
  if (!fits || !Number.isInteger(slope)) {
    refuse(
      `${where} is ${values.join(", ")} for batches of ${
        batches.join(", ")
      }, which is no ` +
        "multiple of the batch",
    );
  }
  return { slope, offset };
}

/** The rows of a constant along an axis of its shape, if they are all the same: one of them. */
function oneRow(
  content: Uint8Array,
  shape: readonly number[],
  axis: number,
): Uint8Array | undefined {
  const count = shape[axis]!;
  const outer = shape.slice(0, axis).reduce((product, length) => product * length, 1);
  const bytes = content.length / (outer * count);
  const row = new Uint8Array(outer * bytes);
  for (let block = 0; block < outer; block++) {
    const start = block * count * bytes;
    const first = content.subarray(start, start + bytes);
    for (let index = 1; index < count; index++) {
      const at = start + index * bytes;
      if (!sameBytes(first, content.subarray(at, at + bytes))) return undefined;
    }
    row.set(first, block * bytes);
  }
  return row;
}

/** What a constant repeats along the axes that grow; undefined if it does something else. */
function oneOf(
  { content, shape }: Constant,
  lengths: readonly Size[],
): Uint8Array | undefined {
  let one = content;
  const rest = [...shape];
  lengths.forEach(({ slope }, axis) => {
    if (slope === 0) return;
    one = one && oneRow(one, rest, axis);
    rest[axis] = 1;
  });
  return one;
}

/** A constant of the same shape at every batch: a list of sizes, or one size. */
function addComputed(constant: BatchConstant, { sizes, add }: BatchNodes): void {
  const { name, isReshape, batches, values } = constant;
  const { shape, integers, dataType } = values[0]!;
  if (integers === undefined || dataType !== DataType.int32 || shape.length > 1) {
    refuseValues(constant);
  }
  const list = integers.map((_, index) =>
    sizeOf(
      batches,
      values.map(({ integers }) => integers![index]!),
      `A value of ${described(constant)}`,
    )
  );
  const grown = list.filter(({ slope }) => slope !== 0);
  // TensorFlow finds out one length of a Reshape by itself, and more about the result's shape then.
  const isLeft = isReshape && grown.length === 1 && grown[0]!.offset === 0 &&
    list.every(({ offset }) => offset >= 0);
  if (shape.length === 0) {
    const T = typeValue(DataType.int32);
    add(graphNode(name, "Identity", [sizes.of(list[0]!)], { T }));
  } else if (isLeft) {
    const lengths = list.map(({ slope, offset }) => slope === 0 ? offset : -1);
    add(integerConstant(name, lengths));
  } else sizes.list(name, list);
}

/** A constant that is repeated for each image of the batch. */
function addRepeated(constant: BatchConstant, { sizes, add }: BatchNodes): void {
  const { name, batches, values } = constant;
  const { shape, dataType } = values[0]!;
  const lengths = shape.map((_, axis) =>
    sizeOf(
      batches,
      values.map(({ shape }) => shape[axis]!),
      `The length of ${described(constant)}`,
    )
  );
  const rows = values.map((value) => oneOf(value, lengths));
  const one = rows[0];
  // The same at every batch, or its values depend on the batch in another way.
  if (
    one === undefined || rows.some((row) => row === undefined || !sameBytes(one, row))
  ) {
    refuseValues(constant);
  }
  const rest = shape.map((length, axis) => lengths[axis]!.slope === 0 ? length : 1);
  add(graphNode(`${name}/one`, "Const", [], {
    dtype: typeValue(dataType),
    value: tensorValue({ dataType, shape: rest, content: one }),
  }));
  sizes.list(`${name}/shape`, lengths);
  add(graphNode(name, "BroadcastTo", [`${name}/one`, `${name}/shape`], {
    T: typeValue(dataType),
    Tidx: typeValue(DataType.int32),
  }));
}

/**
 * Adds nodes in place of a constant.
 *
 * @throws {Error} when it is neither sizes nor repeated for each image.
 */
export function addBatchConstant(constant: BatchConstant, nodes: BatchNodes): void {
  const shapes = constant.values.map(({ shape }) => shape);
  if (new Set(shapes.map(({ length }) => length)).size > 1) refuseValues(constant);
  if (new Set(shapes.map((shape) => shape.join())).size === 1) {
    addComputed(constant, nodes);
  } else addRepeated(constant, nodes);
}
