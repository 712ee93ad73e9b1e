/**
 * From a recipe's plain description to the transform of training pictures.
 *
 * Order, as in timm and mmpretrain: crop, mirror, RandAugment or colour jitter, erasing.
 *
 * @module
 */
import type {
  Crop,
  Draws,
  Interpolation,
  PictureSize,
  Pixels,
  Transform,
} from "../transform.ts";
import { colorJitter, type ColorJitterOptions } from "./color_jitter.ts";
import type { FillColor } from "./pillow_affine.ts";
import {
  type PixelChange,
  randAugment,
  type RandAugmentOptions,
} from "./rand_augment.ts";
import { eraseRandomly, type ErasingOptions } from "./random_erasing.ts";
import {
  randomResizedCrop,
  type RandomResizedCropOptions,
} from "./random_resized_crop.ts";
import { reflectedShift } from "./reflected_shift.ts";
import { roundHalfEven } from "./round_half_even.ts";

/** Which part of a picture is taken. */
export type TrainCrop =
  | (RandomResizedCropOptions & {
    readonly kind: "random-resized";
    readonly interpolation: Interpolation;
  })
  /** A part of the input size out of the picture with so many pixels around it (CIFAR). */
  | {
    readonly kind: "random-padded";
    readonly padding: number;
    readonly mode: "reflect" | "background";
  }
  /** The whole picture, moved by up to so many pixels in each direction. */
  | { readonly kind: "shift"; readonly pixels: number };

/** What is done to a picture in training; what is left out is not done. */
export interface TrainTransformOptions {
  readonly crop: TrainCrop;
  /** How often a picture is mirrored left to right. */
  readonly flip: number;
  readonly colorJitter?: ColorJitterOptions | undefined;
  readonly randAugment?: RandAugmentOptions | undefined;
  /** `timm` erases after the normalisation: in the training step, not here. */
  readonly erasing?:
    | ErasingOptions & { readonly variant: "timm" | "mmpretrain" }
    | undefined;
}

/** What the data and the model add to a recipe's description. */
export interface TrainTransformInput {
  /** Pixels of a side of the square result. */
  readonly size: number;
  /** Red, green, blue in 0 … 1: timm fills with it what rotations uncover. */
  readonly mean?: readonly number[] | undefined;
}

/**
 * The transform of training pictures.
 *
 * @throws {RangeError} if an option is out of its range.
 * @throws {Error} if RandAugment and colour jitter are both wanted.
 *
 * @example
 * ```ts
 * import { drawsOf, trainTransform } from "./mod.ts";
 * const transform = trainTransform({
 *   crop: {
 *     kind: "random-resized",
 *     ...{ scale: [0.08, 1], ratio: [3 / 4, 4 / 3], interpolation: "bicubic" },
 *   },
 *   flip: 0.5,
 *   randAugment: { variant: "timm", magnitude: 9, deviation: 0.5, operations: 2 },
 * }, { size: 224 });
 * const draws = drawsOf({ seed: 0, epoch: 0, index: 0 });
 * console.log(transform.crop({ height: 375, width: 500 }, draws));
 * ```
 */
export function trainTransform(
  options: TrainTransformOptions,
  { size, mean }: TrainTransformInput,
): Transform {
  requireOptions(options, size);
  const square = { height: size, width: size };
  const changes = changesOf(options, mean);
  const transform: Transform = {
    size: square,
    crop(picture, draws) {
      const drawn = cropOf(options.crop, picture, square, draws);
      return { ...drawn, mirrored: draws.uniform() < options.flip };
    },
  };
  if (changes.length === 0) return transform;
  const change = (pixels: Pixels, draws: Draws): Pixels =>
    changes.reduce((changed, next) => next(changed, draws), pixels);
  return { ...transform, change };
}

function cropOf(
  crop: TrainCrop,
  picture: PictureSize,
  size: PictureSize,
  draws: Draws,
): Omit<Crop, "mirrored"> {
  switch (crop.kind) {
    case "random-resized": {
      const { interpolation } = crop;
      return { ...randomResizedCrop(picture, draws, crop), interpolation };
    }
    case "random-padded": {
      if (crop.mode === "reflect") return wholeOf(picture);
      const start = (length: number, side: number): number =>
        draws.integer(Math.max(0, length + 2 * crop.padding - side) + 1) - crop.padding;
      const top = start(picture.height, size.height);
      const left = start(picture.width, size.width);
      return { ...size, top, left, interpolation: "bicubic" };
    }
    case "shift": {
      const start = (): number => draws.integer(2 * crop.pixels + 1) - crop.pixels;
      return { ...wholeOf(picture), top: start(), left: start() };
    }
  }
}

function wholeOf({ height, width }: PictureSize): Omit<Crop, "mirrored"> {
  return { top: 0, left: 0, height, width, interpolation: "bicubic" };
}

function changesOf(
  { crop, colorJitter: jitter, randAugment: augment, erasing }: TrainTransformOptions,
  mean: readonly number[] | undefined,
): PixelChange[] {
  const changes: PixelChange[] = [];
  if (crop.kind === "random-padded" && crop.mode === "reflect") {
    changes.push(reflectedShift(crop.padding));
  }
  if (augment !== undefined) {
    const interpolation = crop.kind === "random-resized" &&
        crop.interpolation === "bilinear"
      ? "bilinear"
      : "bicubic";
    const own = augment.variant === "timm"
      ? { interpolation, ...fillOf(mean) } as const
      : {};
    changes.push(randAugment({ ...own, ...augment }));
  }
  if (jitter !== undefined) changes.push(colorJitter(jitter));
  if (erasing?.variant === "mmpretrain") changes.push(eraseRandomly(erasing));
  return changes;
}

/** timm: `min(255, round(255 · mean))`. */
function fillOf(mean: readonly number[] | undefined): { fill?: FillColor } {
  if (mean === undefined) return {};
  const [red = 0, green = red, blue = red] = mean.map((value) =>
    Math.min(255, roundHalfEven(255 * value))
  );
  return { fill: [red, green, blue] };
}

function requireOptions(options: TrainTransformOptions, size: number): void {
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(`size is ${size}: use a whole number of pixels, 1 or more`);
  }
  if (!(options.flip >= 0 && options.flip <= 1)) {
    throw new RangeError(`flip is ${options.flip}: use a probability from 0 to 1`);
  }
  if (options.randAugment !== undefined && options.colorJitter !== undefined) {
    throw new Error(
      "RandAugment and colour jitter are both set: take one, as timm does, and leave the " +
        "other out",
    );
  }
  requireCrop(options.crop);
}

function requireCrop(crop: TrainCrop): void {
  if (crop.kind === "random-resized") {
    const { scale, ratio } = crop;
    if (!(scale[0] > 0 && scale[0] <= scale[1])) {
      throw new RangeError(
        `The crop's scale is ${scale[0]} to ${
          scale[1]
        }: use shares above 0, the least first`,
      );
    }
    if (!(ratio[0] > 0 && ratio[0] <= ratio[1])) {
      throw new RangeError(
        `The crop's ratio is ${ratio[0]} to ${
          ratio[1]
        }: use ratios above 0, the least first`,
      );
    }
    return;
  }
  const pixels = crop.kind === "shift" ? crop.pixels : crop.padding;
  if (!Number.isInteger(pixels) || pixels < 0) {
    throw new RangeError(
      `The crop moves by ${pixels} pixels: use a whole number, 0 or more`,
    );
  }
}
