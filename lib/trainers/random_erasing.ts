/**
 * Random erasing (Zhong et al. 2020) as timm does it: after the normalisation, so that noise has the
 * deviation of the pixels. It is part of the training step and draws from its key; mmpretrain's,
 * before the normalisation, is a transform of the data.
 *
 * @module
 */
import { type ErasingOptions, requireErasing } from "../data/mod.ts";
import { foldIn, type Key, random, type Tensor, tf } from "../engine/mod.ts";

/**
 * What an erased rectangle shows: noise in every pixel and channel, one random colour, or the mean
 * colour.
 */
export type ErasingMode = "pixel" | "rand" | "const";

/** Options of {@linkcode eraseImages}. */
export interface ImageErasingOptions extends ErasingOptions {
  /** Default: pixel. */
  readonly mode?: ErasingMode;
}

/** A rectangle that does not fit is drawn anew, ten times in all; then the image stays. */
const attempts = 10;

/** Rows and columns of the first of ten draws that fits, `(B)` float32; 0 where none does. */
function drawSides(
  key: Key,
  [batch, height, width]: readonly [number, number, number],
  { minimumArea, maximumArea, aspect = [3 / 10, 10 / 3] }: ErasingOptions,
): { rows: Tensor; columns: Tensor } {
  const shape = [batch, attempts];
  const area = random.uniform(foldIn(key, "area"), shape)
    .mul(maximumArea - minimumArea).add(minimumArea).mul(height * width);
  const [low, high] = [Math.log(aspect[0]), Math.log(aspect[1])];
  const ratio = random.uniform(foldIn(key, "aspect"), shape)
    .mul(high - low).add(low).exp();
  const rows = area.mul(ratio).sqrt().round();
  const columns = area.div(ratio).sqrt().round();
  const fits = tf.logicalAnd(rows.less(height), columns.less(width));
  const fitting = tf.cast(fits, "float32");
  const earlier = tf.cumsum(fitting, 1, true);
  const first = fitting.mul(tf.cast(earlier.equal(0), "float32"));
  return { rows: rows.mul(first).sum(1), columns: columns.mul(first).sum(1) };
}

/** Starts that leave room for `sides`, each as likely, `(B)`. */
function drawStarts(key: Key, length: number, sides: Tensor): Tensor {
  const room = tf.sub(length, sides);
  return random.uniform(key, sides.shape).mul(room.add(1)).floor().minimum(room);
}

/** True from `starts` on for `sides` places, `(B, length)`. */
function stretch(length: number, starts: Tensor, sides: Tensor): Tensor {
  const places = tf.range(0, length).reshape([1, length]);
  const from = starts.reshape([-1, 1]);
  const to = from.add(sides.reshape([-1, 1]));
  return tf.logicalAnd(places.greaterEqual(from), places.less(to));
}

function drawFill(key: Key, images: Tensor, mode: ErasingMode): Tensor {
  const [batch, , , channels] = images.shape as [number, number, number, number];
  switch (mode) {
    case "pixel":
      return random.normal(key, images.shape);
    case "rand":
      return random.normal(key, [batch, 1, 1, channels]).add(tf.zerosLike(images));
    case "const":
      return tf.zerosLike(images);
  }
}

/**
 * Erases one rectangle in each of some of the images. Recipes: MAE's, MILAN's and MixMIM's
 * fine-tuning `probability` 0.25, areas 0.02 to 1/3, mode pixel.
 *
 * @param key differs at every step.
 * @param images `(B, H, W, C)`, normalised to mean 0 and deviation 1.
 * @returns `(B, H, W, C)`
 * @throws {RangeError} if an option is out of its range.
 *
 * @example
 * ```ts
 * import { eraseImages } from "./random_erasing.ts";
 * import { randomKey, tf } from "../engine/mod.ts";
 * const options = { probability: 1, minimumArea: 0.25, maximumArea: 0.25, mode: "const" } as const;
 * const erased = eraseImages(randomKey(0), tf.ones([2, 8, 8, 3]), options);
 * console.log(erased.mean().dataSync()[0]! < 1); // true
 * ```
 */
export function eraseImages(
  key: Key,
  images: Tensor,
  options: ImageErasingOptions,
): Tensor {
  requireErasing(options);
  if (images.shape.length !== 4) {
    throw new Error(`Erasing takes images (B, H, W, C), got [${images.shape}]`);
  }
  const [batch, height, width] = images.shape as [number, number, number, number];
  const at = (purpose: string): Key => foldIn(key, purpose);
  const { rows, columns } = drawSides(at("sides"), [batch, height, width], options);
  const chosen = random.bernoulli(at("apply"), options.probability, [batch]);
  const down = stretch(height, drawStarts(at("top"), height, rows), rows);
  const across = stretch(width, drawStarts(at("left"), width, columns), columns);
  const inside = tf.logicalAnd(
    tf.logicalAnd(down, chosen.reshape([-1, 1])).reshape([batch, height, 1, 1]),
    across.reshape([batch, 1, width, 1]),
  );
  return tf.where(inside, drawFill(at("fill"), images, options.mode ?? "pixel"), images);
}
