/**
 * How a draw runs: as operations, as an island of a graph function, or compiled, always with the
 * same bits.
 *
 * @module
 */
import { compiledNow } from "./compiled_now.ts";
import { DataType, elementCount } from "./dtypes.ts";
import { fused } from "./fused.ts";
import { CounterPurpose, encrypt, type Key, requireKey } from "./random_key.ts";
import {
  convert,
  drop,
  type Raw,
  raw,
  rawConstant,
  rawInPlaceOf,
  rawWithNumber,
  reinterpret,
} from "./raw_operations.ts";
import { type Tensor, tensorFor, tensorIds, tf } from "./tensorflow.ts";
import { activeTrace } from "./trace.ts";

/** 32 random bits for each of `count` positions, as uint32. */
function randomBits(key: Key, count: number): Raw {
  const [start, limit, step] = [0, count, 1].map((value) =>
    rawConstant("int32", [], [value])
  );
  const counters = reinterpret(raw("Range", [start!, limit!, step!]), "uint32");
  const [first, second] = encrypt(key, counters, CounterPurpose.draw);
  drop(start!, limit!, step!, counters);
  const bits = rawInPlaceOf("BitwiseXor", first, [second]);
  drop(second);
  return bits;
}

/** The same bits, compiled: worth it for large draws outside of traced functions. */
function randomBitsCompiled(key: Key, count: number): Raw {
  // One compilation for all sizes up to a power of two: an element does not depend on the size.
  const padded = 2 ** Math.ceil(Math.log2(count));
  return tf.tidy(() => {
    const bits = compiledNow(`random bits ${padded}`, [key], ([of]) => {
      const id = reinterpret(randomBits(of!, padded), "int32");
      return tensorFor({ id, shape: [padded], dtype: DataType.int32 });
    });
    return reinterpret(raw("Identity", tensorIds([bits.slice([0], [count])])), "uint32");
  });
}

function reshapeRaw(used: Raw, shape: number[]): Raw {
  const wanted = rawConstant("int32", [shape.length], shape);
  const reshaped = rawInPlaceOf("Reshape", used, [wanted]);
  drop(wanted);
  return reshaped;
}

// Above this many elements, compiling an eager draw costs less than a hundred passes over memory.
const compiledFrom = 2 ** 16;

// Positions are counted in int32, and up to the next power of two.
const largestDraw = 2 ** 30;

/** What one kind of random number is. */
export interface Draw {
  /** What the numbers depend on besides key and shape. */
  name: string;
  dtype: "float32" | "int32" | "bool";
  /** Turns bits, which it uses up, into numbers. */
  finish: (bits: Raw) => Raw;
}

/** The numbers of a draw, wherever the caller is: eager, in a graph or under XLA. */
export function draw(key: Key, shape: number[], { name, dtype, finish }: Draw): Tensor {
  requireKey(key, name);
  const valid = Array.isArray(shape) &&
    shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  if (!valid) {
    throw new Error(
      `${name}: a shape must hold whole numbers, got ${Deno.inspect(shape)}`,
    );
  }
  const count = elementCount(shape);
  if (count > largestDraw) {
    throw new Error(
      `${name}: one draw gives at most 2^30 numbers, [${shape}] has ${count}: use several keys`,
    );
  }
  const numbers = (of: Key, bits: (key: Key, count: number) => Raw): Tensor => {
    const id = reshapeRaw(finish(bits(of, count)), shape);
    return tensorFor({ id, shape, dtype: DataType[dtype] });
  };
  if (activeTrace() !== undefined) {
    const body = ([of]: Tensor[]): Tensor[] => [numbers(of!, randomBits)];
    return fused(`${name} [${shape}]`, body, [key], "float32")[0]!;
  }
  return numbers(key, count < compiledFrom ? randomBits : randomBitsCompiled);
}

/** value × factor + offset, rounded once: products of two float32 are exact in float64. */
export function affine(used: Raw, factor: number, offset: number): Raw {
  const exactFactor = Math.fround(factor);
  if (offset === 0) return rawWithNumber("Mul", used, "float32", exactFactor);
  const product = rawWithNumber("Mul", convert(used, "float64"), "float64", exactFactor);
  return convert(rawWithNumber("AddV2", product, "float64", offset), "float32");
}
