/**
 * RandAugment's fifteen operations in the order and with the ranges of timm's "increasing" list:
 * each changes more the higher the level.
 *
 * @module
 */
import type { Pixels } from "../transform.ts";
import * as mmcv from "./mmcv_enhance.ts";
import { mmcvRotate, openCvWarp } from "./opencv_warp.ts";
import {
  type AffineMatrix,
  pillowAffine,
  pillowRotate,
  type WarpOptions,
} from "./pillow_affine.ts";
import * as pillow from "./pillow_enhance.ts";
import type { RandAugmentVariant } from "./rand_augment.ts";
import {
  autoContrast,
  equalize,
  invert,
  posterize,
  solarize,
  solarizeAdd,
} from "./tone_operations.ts";

/** How much an operation does, and in which direction. */
export interface OperationStrength {
  /** 0 … 1: the drawn magnitude as a share of 10. */
  readonly level: number;
  /** Of those that have two directions. */
  readonly sign: 1 | -1;
  readonly warp: WarpOptions;
}

/** The names of the operations, in the order in which they are numbered. */
export const operationNames = [
  "autoContrast",
  "equalize",
  "invert",
  "rotate",
  "posterize",
  "solarize",
  "solarizeAdd",
  "color",
  "contrast",
  "brightness",
  "sharpness",
  "shearX",
  "shearY",
  "translateX",
  "translateY",
] as const;

/** A name of {@linkcode operationNames}. */
export type OperationName = typeof operationNames[number];

type Apply = (pixels: Pixels, strength: OperationStrength) => Pixels;

/** One of the fifteen. */
export interface RandAugmentOperation {
  /** Which one. */
  readonly name: OperationName;
  /** Gives new pixels, or the same where nothing changes. */
  readonly apply: (pixels: Pixels, strength: OperationStrength) => Pixels;
}

// Ranges of the arguments, at level 1.
const degrees = 30;
const posterizeBits = 4;
const solarizeRange = 256;
const solarizeAddRange = 110;
const enhanceRange = 0.9;
const shearRange = 0.3;
const translateRange = 0.45;

type Strength = Pick<OperationStrength, "level" | "sign">;

function enhanceFactor({ level, sign }: Strength): number {
  return 1 + sign * (level * enhanceRange);
}

/** Pillow's matrices go from the result to the source, OpenCV's from the source to the result. */
type Warp = (pixels: Pixels, matrix: AffineMatrix, options: WarpOptions) => Pixels;

/** Rounded to float32, as mmcv makes its matrices. */
function single(matrix: AffineMatrix): AffineMatrix {
  const [a, b, c, d, e, f] = matrix.map(Math.fround);
  return [a!, b!, c!, d!, e!, f!];
}

function moves(
  warp: Warp,
): Record<"shearX" | "shearY" | "translateX" | "translateY", Apply> {
  const signed = ({ level, sign }: Strength, range: number): number =>
    sign * (level * range);
  return {
    shearX: (pixels, strength) =>
      warp(pixels, [1, signed(strength, shearRange), 0, 0, 1, 0], strength.warp),
    shearY: (pixels, strength) =>
      warp(pixels, [1, 0, 0, signed(strength, shearRange), 1, 0], strength.warp),
    translateX: (pixels, strength) => {
      const columns = signed(strength, translateRange) * pixels.width;
      return warp(pixels, [1, 0, columns, 0, 1, 0], strength.warp);
    },
    translateY: (pixels, strength) => {
      const rows = signed(strength, translateRange) * pixels.height;
      return warp(pixels, [1, 0, 0, 0, 1, rows], strength.warp);
    },
  };
}

const timm: Record<OperationName, Apply> = {
  autoContrast,
  equalize,
  invert,
  rotate: (pixels, { level, sign, warp }) =>
    pillowRotate(pixels, sign * (level * degrees), warp),
  // timm cuts fractions off its arguments.
  posterize: (pixels, { level }) =>
    posterize(pixels, posterizeBits - Math.trunc(level * posterizeBits)),
  solarize: (pixels, { level }) =>
    solarize(pixels, solarizeRange - Math.trunc(level * solarizeRange)),
  solarizeAdd: (pixels, { level }) =>
    solarizeAdd(pixels, Math.trunc(level * solarizeAddRange)),
  color: (pixels, strength) => pillow.color(pixels, enhanceFactor(strength)),
  contrast: (pixels, strength) => pillow.contrast(pixels, enhanceFactor(strength)),
  brightness: (pixels, strength) => pillow.brightness(pixels, enhanceFactor(strength)),
  sharpness: (pixels, strength) => pillow.sharpness(pixels, enhanceFactor(strength)),
  ...moves(pillowAffine),
};

/** mmcv's versions; only the channel that passes for red and the rounding of bits differ. */
function onMmcv(
  red: mmcv.RedChannel,
  wholeBits: (bits: number) => number,
): Record<OperationName, Apply> {
  const falling = (level: number, range: number): number => level * -range + range;
  return {
    autoContrast,
    equalize,
    invert,
    rotate: (pixels, { level, sign, warp }) =>
      mmcvRotate(pixels, sign * (level * degrees), warp),
    posterize: (pixels, { level }) =>
      posterize(pixels, wholeBits(falling(level, posterizeBits))),
    solarize: (pixels, { level }) => solarize(pixels, falling(level, solarizeRange)),
    solarizeAdd: (pixels, { level }) => solarizeAdd(pixels, level * solarizeAddRange),
    color: (pixels, strength) => mmcv.color(pixels, enhanceFactor(strength), red),
    contrast: (pixels, strength) => mmcv.contrast(pixels, enhanceFactor(strength), red),
    brightness: (pixels, strength) => mmcv.brightness(pixels, enhanceFactor(strength)),
    sharpness: (pixels, strength) => mmcv.sharpness(pixels, enhanceFactor(strength)),
    ...moves((pixels, matrix, options) => openCvWarp(pixels, single(matrix), options)),
  };
}

function tableOf(variant: RandAugmentVariant): Record<OperationName, Apply> {
  switch (variant) {
    case "timm":
      return timm;
    case "mmpretrain":
      return onMmcv("first", Math.ceil);
    case "openmixup":
      return onMmcv("last", Math.trunc);
  }
}

/**
 * The fifteen operations of a version.
 *
 * @example
 * ```ts
 * import { operationsOf } from "./rand_augment_operations.ts";
 * console.log(operationsOf("timm").map(({ name }) => name));
 * ```
 */
export function operationsOf(variant: RandAugmentVariant): RandAugmentOperation[] {
  const table = tableOf(variant);
  return operationNames.map((name) => ({ name, apply: table[name] }));
}
