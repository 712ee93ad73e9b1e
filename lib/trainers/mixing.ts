/**
 * Mixing the images of a batch in pairs: mixup (Zhang et al. 2018) and cutmix (Yun et al. 2019), as
 * pure functions of what has been drawn; random_mixing.ts draws it.
 *
 * It is part of the training step, on the device: data knows no engine, and the mix must follow the
 * normalisation. Images are `(B, H, W, C)`.
 *
 * @module
 */
import { invertPermutation, type Tensor, tf } from "../engine/mod.ts";
import type { MixedLabels } from "../losses/cross_entropy.ts";

/** A labelled batch. */
export interface LabelledImages {
  /** `(B, H, W, C)` */
  images: Tensor;
  /** `(B)` int32 */
  labels: Tensor;
}

/** A batch mixed in pairs: `mixedTargets` makes its targets. */
export interface MixedImages extends MixedLabels {
  /** `(B, H, W, C)` */
  images: Tensor;
}

/** Whom each image is mixed with: the batch in reverse (timm), or rows by number, `(B)` int32. */
export type Partners = "reversed" | Tensor;

/** Rows of the partners. */
function partnersOf(rows: Tensor, partners: Partners): Tensor {
  return partners === "reversed" ? rows.reverse(0) : tf.gather(rows, partners);
}

/** A scalar as it is, `(B)` as `(B, 1, 1, 1)`. */
function perImage(values: Tensor): Tensor {
  return values.shape.length === 0 ? values : values.reshape([-1, 1, 1, 1]);
}

/** Refuses a batch whose labels do not belong to its images. */
function requireBatch({ images, labels }: LabelledImages): void {
  const [batch] = images.shape;
  if (images.shape.length !== 4 || labels.shape.join() !== `${batch}`) {
    throw new Error(
      "Mixing takes images (B, H, W, C) and labels (B), got " +
        `[${images.shape}] and [${labels.shape}]`,
    );
  }
}

/**
 * `λ·x + (1−λ)·x'` for each image x and its partner x'.
 *
 * @param lambda the share of the first: a scalar, or `(B)` for each image its own.
 * @throws {Error} when labels and images do not belong together.
 *
 * @example
 * ```ts
 * import { mixup } from "./mixing.ts";
 * import { tf } from "../engine/mod.ts";
 * const images = tf.tensor4d([1, 0], [2, 1, 1, 1]);
 * const labels = tf.tensor1d([5, 7], "int32");
 * const mixed = mixup({ images, labels }, tf.scalar(0.75));
 * console.log(mixed.images.dataSync()); // Float32Array(2) [ 0.75, 0.25 ]
 * ```
 */
export function mixup(
  batch: LabelledImages,
  lambda: Tensor,
  partners: Partners = "reversed",
): MixedImages {
  requireBatch(batch);
  const { images, labels } = batch;
  const share = perImage(lambda);
  const others = partnersOf(images, partners);
  return {
    images: images.mul(share).add(others.mul(tf.sub(1, share))),
    labels,
    otherLabels: partnersOf(labels, partners),
    lambda,
  };
}

/** A rectangle of whole pixels, float32 scalars or `(B)`; the ends are outside. */
export interface CutBox {
  top: Tensor;
  bottom: Tensor;
  left: Tensor;
  right: Tensor;
}

/** Where a box is cut. */
export interface CutBoxOptions {
  /** Of the images. */
  height: number;
  width: number;
  /** The share of the image that should stay: one, or `(B)`. */
  lambda: Tensor | number;
  /** The centre's row and column, whole numbers: one, or `(B)`. */
  row: Tensor | number;
  column: Tensor | number;
}

/** Half the side of a box, rounded as Python's integers are. */
function halfSide(lambda: Tensor | number, side: number): Tensor | number {
  if (typeof lambda === "number") {
    return Math.floor(Math.floor(Math.sqrt(1 - lambda) * side) / 2);
  }
  return tf.sub(1, lambda).sqrt().mul(side).floor().div(2).floor();
}

/**
 * The box of cutmix: sides `⌊√(1−λ) · side⌋`, half of them (rounded down) to each side of the
 * centre, cut off at the image's border.
 *
 * @example
 * ```ts
 * import { cutBox } from "./mixing.ts";
 * const box = cutBox({ height: 8, width: 8, lambda: 0.75, row: 1, column: 4 });
 * console.log(box.top.dataSync()[0], box.bottom.dataSync()[0]); // 0 3
 * ```
 */
export function cutBox({ height, width, lambda, row, column }: CutBoxOptions): CutBox {
  const ends = (center: Tensor | number, side: number): [Tensor, Tensor] => {
    const half = halfSide(lambda, side);
    return [
      tf.sub(center, half).clipByValue(0, side),
      tf.add(center, half).clipByValue(0, side),
    ];
  };
  const [top, bottom] = ends(row, height);
  const [left, right] = ends(column, width);
  return { top, bottom, left, right };
}

/** 1 inside the box, `(B, H, W, 1)` or `(1, H, W, 1)`, as bool. */
function insideBox(box: CutBox, height: number, width: number): Tensor {
  const between = (count: number, from: Tensor, to: Tensor): Tensor => {
    const places = tf.range(0, count);
    const column = (value: Tensor): Tensor => value.reshape([-1, 1]);
    return tf.logicalAnd(
      places.greaterEqual(column(from)),
      places.less(column(to)),
    );
  };
  return tf.logicalAnd(
    between(height, box.top, box.bottom).reshape([-1, height, 1, 1]),
    between(width, box.left, box.right).reshape([-1, 1, width, 1]),
  );
}

/**
 * The partner's pixels inside the box, the image's own outside. `lambda` of the result is the share
 * of pixels that stayed.
 *
 * @throws {Error} when labels and images do not belong together.
 *
 * @example
 * ```ts
 * import { cutmix } from "./mixing.ts";
 * import { tf } from "../engine/mod.ts";
 * const images = tf.tensor4d([1, 1, 0, 0], [2, 1, 2, 1]);
 * const labels = tf.tensor1d([5, 7], "int32");
 * const [zero, one] = [tf.scalar(0), tf.scalar(1)];
 * const box = { top: zero, bottom: one, left: zero, right: one };
 * const mixed = cutmix({ images, labels }, box);
 * console.log(mixed.images.dataSync()); // Float32Array(4) [ 0, 1, 1, 0 ]
 * ```
 */
export function cutmix(
  batch: LabelledImages,
  box: CutBox,
  partners: Partners = "reversed",
): MixedImages {
  requireBatch(batch);
  const { images, labels } = batch;
  const [, height, width] = images.shape as [number, number, number, number];
  const area = box.bottom.sub(box.top).mul(box.right.sub(box.left));
  const inside = insideBox(box, height, width);
  return {
    images: tf.where(inside, partnersOf(images, partners), images),
    labels,
    otherLabels: partnersOf(labels, partners),
    lambda: tf.sub(1, area.div(height * width)),
  };
}

/**
 * Partners without fixed points: each image's partner is the next in a random circle, so that none
 * is mixed with itself.
 *
 * @param order a permutation of the batch, `(1, B)` int32.
 * @returns `(B)` int32
 */
export function nextInCircle(order: Tensor): Tensor {
  const batch = order.shape[1]!;
  const next = tf.concat([order.slice([0, 1]), order.slice([0, 0], [1, 1])], 1);
  return tf.gather(next.reshape([batch]), invertPermutation(order).reshape([batch]));
}
