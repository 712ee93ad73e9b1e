/**
 * How much of each spatial frequency a network's features hold, and how much they vary over the
 * image: the Fourier analysis of Park & Kim 2022 ("How do vision transformers work?"), measured as
 * A2MIM measures it.
 *
 * @module
 */
import { roll, type Tensor, tf } from "../engine/mod.ts";

// Keeps the logarithm finite where an amplitude is 0; the value of A2MIM's tool.
const smallestAmplitude = 1e-6;

/** The frequency 0 of an axis stands here after the shift. */
function center(length: number): number {
  return Math.trunc(length / 2);
}

function requireMap(map: Tensor): [number, number, number, number] {
  if (map.rank !== 4) {
    throw new Error(
      `A feature map is (B, rows, columns, C), got [${map.shape}]: ` +
        "tokensToMap() makes one of tokens",
    );
  }
  return map.shape as [number, number, number, number];
}

/**
 * Patch tokens as a square feature map: `(B, N, D)` → `(B, √N, √N, D)`, row by row.
 *
 * @param tokens patches only: cut a class token off first.
 * @throws {Error} when the tokens do not fill a square.
 *
 * @example
 * ```ts
 * import { tokensToMap } from "./fourier.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(tokensToMap(tf.zeros([2, 49, 12])).shape); // [ 2, 7, 7, 12 ]
 * ```
 */
export function tokensToMap(tokens: Tensor): Tensor {
  const [batch, length, width] = tokens.shape as [number, number, number];
  const side = Math.round(Math.sqrt(length));
  if (side * side !== length) {
    throw new Error(
      `${length} tokens do not fill a square: leave out the class token`,
    );
  }
  return tokens.reshape([batch, side, side, width]);
}

/**
 * Log amplitude of each frequency, `(rows, columns)`: the mean over images and channels of
 * log(|F| + 10⁻⁶), F being the transform over rows and columns without a factor. The frequency 0
 * stands at (⌊rows / 2⌋, ⌊columns / 2⌋).
 *
 * @param map features `(B, rows, columns, C)`.
 *
 * @example
 * ```ts
 * import { logAmplitudeMap } from "./fourier.ts";
 * import { tf } from "../engine/mod.ts";
 * const flat = logAmplitudeMap(tf.ones([1, 4, 4, 1]));
 * console.log((flat.arraySync() as number[][])[2]![2]); // log 16, about 2.77
 * ```
 */
export function logAmplitudeMap(map: Tensor): Tensor {
  const [, rows, columns] = requireMap(map);
  return tf.tidy(() => {
    const planes = map.transpose([0, 3, 1, 2]); // (B, C, rows, columns)
    const overColumns = tf.fft(tf.complex(planes, tf.zerosLike(planes)));
    // The engine transforms the last axis.
    const spectrum = tf.fft(tf.transpose(overColumns, [0, 1, 3, 2])); // (B, C, columns, rows)
    const logAmplitude = tf.abs(spectrum).add(smallestAmplitude).log()
      .mean([0, 1]).transpose();
    return roll(logAmplitude, [center(rows), center(columns)], [0, 1]);
  });
}

/**
 * Relative log amplitudes from frequency 0 up along the diagonal, `(rows - ⌊rows / 2⌋)`: those of
 * {@linkcode logAmplitudeMap} less the first, which is therefore 0. They are drawn over 0 … π; the
 * last is the "high frequency" of A2MIM's figures. With an even side it lies one step below the
 * Nyquist frequency.
 *
 * @param map features `(B, rows, columns, C)` with as many rows as columns.
 * @throws {Error} when the map is not square: only a square one has a diagonal.
 *
 * @example
 * ```ts
 * import { relativeLogAmplitudes } from "./fourier.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(relativeLogAmplitudes(tf.randomNormal([2, 14, 14, 8])).shape); // [ 7 ]
 * ```
 */
export function relativeLogAmplitudes(map: Tensor): Tensor {
  const [, rows, columns] = requireMap(map);
  if (rows !== columns) {
    throw new Error(
      `Relative log amplitudes run along the diagonal of a square map, got ${rows}×${columns}`,
    );
  }
  return tf.tidy(() => {
    const first = center(rows);
    const steps = rows - first;
    const quarter = logAmplitudeMap(map).slice([first, first], [steps, steps]);
    const diagonal = quarter.mul(tf.eye(steps)).sum(1);
    return diagonal.sub(diagonal.slice([0], [1]));
  });
}

/**
 * Variance of the features over the image, a scalar: unbiased over the positions, then the mean
 * over images and channels.
 *
 * @param map features `(B, rows, columns, C)`.
 *
 * @example
 * ```ts
 * import { featureVariance } from "./fourier.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(featureVariance(tf.tensor4d([1, 3], [1, 1, 2, 1])).dataSync()[0]); // 2
 * ```
 */
export function featureVariance(map: Tensor): Tensor {
  const [, rows, columns] = requireMap(map);
  const positions = rows * columns;
  if (positions < 2) {
    throw new Error(`One position has no variance: the map is ${rows}×${columns}`);
  }
  return tf.tidy(() => {
    const centred = map.sub(map.mean([1, 2], true));
    return centred.square().sum([1, 2]).div(positions - 1).mean();
  });
}
