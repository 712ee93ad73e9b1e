/**
 * The symmetric beta distribution, from which mixup and cutmix draw how much of each image is kept.
 *
 * @module
 */
import { type Key, random, type Tensor, tf } from "../engine/mod.ts";

/** Straight pieces of the tabulated function; with 512 the quantiles are exact to 1e-5. */
const pieces = 512;
const subdivisions = 16;

const tables = new Map<number, Float32Array>();

/**
 * `t = xᵅ` at the probabilities 0, 1/1024, … 1/2. In `t` the distribution function of the lower half
 * is nearly straight, `∫ (1 − s^(1/α))^(α−1) ds`, where in `x` it has a pole for α < 1.
 */
function lowerQuantiles(alpha: number): Float32Array {
  const known = tables.get(alpha);
  if (known !== undefined) return known;
  const steps = pieces * subdivisions;
  const width = 0.5 ** alpha / steps;
  const density = (t: number): number => (1 - t ** (1 / alpha)) ** (alpha - 1);
  const cumulative = new Float64Array(steps + 1);
  for (let step = 0; step < steps; step++) {
    cumulative[step + 1] = cumulative[step]! + density((step + 0.5) * width);
  }
  const table = new Float32Array(pieces + 1);
  for (let piece = 0, step = 0; piece <= pieces; piece++) {
    const wanted = cumulative[steps]! * piece / pieces;
    while (step < steps - 1 && cumulative[step + 1]! < wanted) step++;
    const [from, to] = [cumulative[step]!, cumulative[step + 1]!];
    table[piece] = width * (step + (wanted - from) / (to - from));
  }
  tables.set(alpha, table);
  return table;
}

/**
 * The quantile function of Beta(α, α), by a table.
 *
 * @param probability float32 in [0, 1], of any shape.
 * @throws {Error} when alpha is not positive.
 *
 * @example
 * ```ts
 * import { betaQuantile } from "./beta_distribution.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(betaQuantile(tf.scalar(0.25), 1).dataSync()[0]!.toFixed(4)); // 0.2500
 * ```
 */
export function betaQuantile(probability: Tensor, alpha: number): Tensor {
  if (!(alpha > 0 && Number.isFinite(alpha))) {
    throw new Error(`A beta distribution needs a positive alpha, got ${alpha}`);
  }
  return tf.tidy(() => {
    const table = tf.tensor1d(lowerQuantiles(alpha));
    const position = probability.minimum(tf.sub(1, probability)).mul(2 * pieces);
    const piece = position.floor().clipByValue(0, pieces - 1);
    const at = (place: Tensor): Tensor => tf.gather(table, tf.cast(place, "int32"));
    const [from, to] = [at(piece), at(piece.add(1))];
    const lower = tf.pow(from.add(to.sub(from).mul(position.sub(piece))), 1 / alpha);
    return tf.where(probability.lessEqual(0.5), lower, tf.sub(1, lower));
  });
}

/**
 * Numbers from Beta(α, α), in [0, 1].
 *
 * @example
 * ```ts
 * import { drawBeta } from "./beta_distribution.ts";
 * import { randomKey } from "../engine/mod.ts";
 * console.log(drawBeta(randomKey(0), [8], 0.8).shape); // [ 8 ]
 * ```
 */
export function drawBeta(key: Key, shape: number[], alpha: number): Tensor {
  return betaQuantile(random.uniform(key, shape), alpha);
}
