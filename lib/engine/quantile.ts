/**
 * Random numbers of any distribution from random bits, by its quantile function. The function is
 * tabulated here and interpolated on the device in whole numbers: logarithms and fused
 * multiply-adds differ between compilers in the last bit, whole numbers do not.
 *
 * @module
 */
import { binding } from "./binding.ts";
import { DataType } from "./dtypes.ts";
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

/** A distribution by its quantile function, from either end so that both tails are exact. */
export interface Distribution {
  /** The value that is exceeded with probability 1 - p, for 0 < p ≤ 1/2. */
  lower(p: number): number;
  /** The value that is exceeded with probability p, for 0 < p ≤ 1/2. */
  upper(p: number): number;
}

/** A tabulated quantile function: pairs of the step to the next value and the fixed-point value. */
export type QuantileTable = Int32Array<ArrayBuffer>;

/** One in the table's fixed point: fine enough for float32 around 1, and |values| < 256 fit. */
export const fixedPointUnit = 2 ** -23;

// A tail's probability is a float in [1, 2^31], in units of 2^-32; each octave has 256 segments,
// so that linear interpolation is off by less than 3e-6.
const octaves = 31;
const segmentBits = 8;
const segments = 1 << segmentBits;
const fractionBits = 23 - segmentBits;
const tailEntries = octaves * segments + 1;
const exponentOfOne = 127;

/**
 * Tabulates a quantile function.
 *
 * @throws {Error} when it is too steep or too large for the table.
 */
export function tabulate(distribution: Distribution): QuantileTable {
  const values = [distribution.lower, distribution.upper].flatMap((quantile) =>
    Array.from({ length: tailEntries }, (_, entry) => {
      const octave = entry >> segmentBits;
      const p = (1 + (entry % segments) / segments) * 2 ** (octave - octaves - 1);
      const value = Math.round(quantile(p) / fixedPointUnit);
      if (Math.abs(value) < 2 ** 31) return value;
      throw new Error(`The quantile ${quantile(p)} is too large: it must be within ±256`);
    })
  );
  const table = new Int32Array(2 * values.length);
  values.forEach((value, index) => {
    // The last entry of a tail (p = 1/2 exactly) has no successor, and needs none.
    const isLast = index % tailEntries === tailEntries - 1;
    const step = isLast ? 0 : values[index + 1]! - value;
    if (Math.abs(step) >= 2 ** 16) {
      throw new Error("The quantile function is too steep to be tabulated");
    }
    table.set([step, value], 2 * index);
  });
  return table;
}

/** The pairs with these numbers, each as one int64: one access to memory instead of two. */
function pairsAt(table: QuantileTable, indices: Raw): Raw {
  const pairs = binding.createTensor([table.length / 2], DataType.int64, table);
  const axis = rawConstant("int32", [], [0]);
  const picked = raw("GatherV2", [pairs, indices, axis]);
  drop(pairs, axis);
  return picked;
}

/**
 * Turns uniform uint32 bits (used up) into float32 numbers of a distribution, in units of
 * `fixedPointUnit`.
 */
export function quantilesOf(bits: Raw, table: QuantileTable): Raw {
  const both = raw("Identity", [bits]);
  const tail = reinterpret(rawWithNumber("RightShift", both, "uint32", 31), "int32");
  const odd = rawWithNumber(
    "BitwiseOr",
    rawWithNumber("BitwiseAnd", bits, "uint32", 0x7fffffff),
    "uint32",
    1, // never zero
  );
  const word = reinterpret(convert(reinterpret(odd, "int32"), "float32"), "int32");
  const fraction = rawWithNumber(
    "BitwiseAnd",
    raw("Identity", [word]),
    "int32",
    (1 << fractionBits) - 1,
  );
  const entry = rawWithNumber(
    "Sub",
    rawWithNumber("RightShift", word, "int32", fractionBits),
    "int32",
    exponentOfOne << segmentBits,
  );
  const offset = rawWithNumber("Mul", tail, "int32", tailEntries);
  const index = raw("AddV2", [entry, offset]);
  drop(entry, offset);
  const pair = pairsAt(table, index);
  const step = convert(raw("Identity", [pair]), "int32"); // keeps the low half
  const half = binding.createTensor([], DataType.int64, Int32Array.of(32, 0));
  const value = convert(rawInPlaceOf("RightShift", pair, [half]), "int32");
  const product = raw("Mul", [step, fraction]);
  const part = rawWithNumber("RightShift", product, "int32", fractionBits);
  const exact = raw("AddV2", [value, part]);
  drop(index, half, step, fraction, value, part);
  return convert(exact, "float32");
}

/** The standard normal distribution's cumulative function, exact in relative terms for x < 0. */
export function normalCumulative(x: number): number {
  if (x > 0) return 1 - normalCumulative(-x);
  const density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  if (x > -3) {
    // Abramowitz & Stegun 26.2.11, a series that converges fast near zero.
    let term = x, sum = x;
    for (let n = 3; Math.abs(term) > 1e-18; n += 2) sum += term *= x * x / n;
    return 0.5 + density * sum;
  }
  // Abramowitz & Stegun 26.2.14, a continued fraction for the tail.
  let fraction = -x;
  for (let n = 60; n > 0; n--) fraction = -x + n / fraction;
  return density / fraction;
}

/** The inverse of `normalCumulative`, for 0 ≤ p ≤ 1. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p <= 0) return -Infinity;
  // Abramowitz & Stegun 26.2.23 (off by 4.5e-4 at most), then two steps of Halley's method.
  const t = Math.sqrt(-2 * Math.log(p));
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < 2; step++) {
    const density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    const excess = (normalCumulative(x) - p) / density;
    x -= excess / (1 + x * excess / 2);
  }
  return x;
}

/** The standard normal distribution, cut off outside [lowest, highest] if these are given. */
export function normalDistribution(lowest = -Infinity, highest = Infinity): Distribution {
  const below = lowest === -Infinity ? 0 : normalCumulative(lowest);
  const above = highest === Infinity ? 0 : normalCumulative(-highest);
  const inside = 1 - below - above;
  return {
    lower: (p) => normalQuantile(below + p * inside),
    upper: (p) => -normalQuantile(above + p * inside),
  };
}

/** The standard Gumbel distribution: -log(-log(u)) of uniform u. */
export const gumbelDistribution: Distribution = {
  lower: (p) => -Math.log(-Math.log(p)),
  upper: (p) => -Math.log(-Math.log1p(-p)),
};
