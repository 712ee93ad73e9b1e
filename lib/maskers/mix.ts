/**
 * The masks of MixMIM (Liu et al. 2022, section 3.1): which cells of a mixed image come from its
 * partner. One mask serves the whole batch, so that a pair of images mixed with it holds every cell
 * of both.
 *
 * @module
 */
import { argsort, foldIn, type Key, random, type Tensor, tf } from "../engine/mod.ts";
import { type Mask, requireMaskRatio } from "./mask.ts";

/** Options of {@linkcode mixMaskFromNoise}. */
export interface MixOptions {
  /** Share of the cells that come from the partner. */
  maskRatio: number;
  /**
   * Up to so much is added to the ratio, drawn anew for each mask. Default: 0.
   *
   * A compiled step has lists of one length, so `removed` and `visible` are then those of
   * `maskRatio` itself: what is drawn beyond it still stands in `visible`, and only `mask` knows.
   */
  rangeMaskRatio?: number;
}

/**
 * Number of cells that come from the partner.
 *
 * @throws {Error} when the ratios do not lie between 0 and 1, or take no cell.
 */
function mixedCount(length: number, maskRatio: number, rangeMaskRatio: number): number {
  requireMaskRatio(maskRatio);
  if (!(rangeMaskRatio >= 0 && maskRatio + rangeMaskRatio < 1)) {
    throw new Error(
      `rangeMaskRatio must be 0 or more and leave maskRatio + rangeMaskRatio below 1, ` +
        `got ${rangeMaskRatio} with a maskRatio of ${maskRatio}`,
    );
  }
  const count = Math.trunc(length * maskRatio);
  if (count === 0) {
    throw new Error(
      `maskRatio ${maskRatio} takes none of the ${length} cells from the partner: raise it`,
    );
  }
  return count;
}

/**
 * The mask that noise gives: the cells of the lowest noise come from the partner (the authors'
 * `random_masking`; MAE keeps those).
 *
 * @param noise `(1, N)`
 * @param ratioDraw what `rangeMaskRatio` is multiplied with, in [0, 1), a scalar. Default: 0.
 *
 * @example
 * ```ts
 * import { mixMaskFromNoise } from "./mix.ts";
 * import { tf } from "../engine/mod.ts";
 * const { mask } = mixMaskFromNoise(tf.tensor2d([[0.4, 0.1, 0.3, 0.2]]), { maskRatio: 0.5 });
 * console.log(mask.dataSync()); // Float32Array [ 0, 1, 0, 1 ]
 * ```
 */
export function mixMaskFromNoise(
  noise: Tensor,
  { maskRatio, rangeMaskRatio = 0 }: MixOptions,
  ratioDraw?: Tensor,
): Mask {
  const [batch, length] = noise.shape as [number, number];
  const count = mixedCount(length, maskRatio, rangeMaskRatio);
  const order = argsort(noise);
  const rank = argsort(order); // (1, N): how many cells have lower noise
  const removed = order.slice([0, 0], [batch, count]);
  const visible = order.slice([0, count], [batch, length - count]);
  const drawn = ratioDraw === undefined
    ? tf.scalar(count, "int32")
    : tf.cast(ratioDraw.mul(rangeMaskRatio).add(maskRatio).mul(length).floor(), "int32");
  return {
    visible,
    removed,
    restore: argsort(tf.concat([visible, removed], 1)),
    mask: tf.cast(tf.less(rank, drawn), "float32"),
  };
}

/**
 * Draws one mask for a whole batch, `(1, N)`: 1 where a cell of a mixed image comes from its
 * partner.
 *
 * @param options.length cells of the last stage, N: 49 for 224 pixels.
 *
 * @example
 * ```ts
 * import { mixMask } from "./mix.ts";
 * import { randomKey } from "../engine/mod.ts";
 * const { mask } = mixMask(randomKey(0), { length: 49, maskRatio: 0.5 });
 * console.log(mask.shape, mask.sum().dataSync()[0]); // [ 1, 49 ] 24
 * ```
 */
export function mixMask(
  key: Key,
  { length, ...options }: MixOptions & { length: number },
): Mask {
  const noise = random.uniform(key, [1, length]);
  if (!options.rangeMaskRatio) return mixMaskFromNoise(noise, options);
  return mixMaskFromNoise(noise, options, random.uniform(foldIn(key, "ratio"), []));
}
