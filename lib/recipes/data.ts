/**
 * The data of a recipe: which images, and what becomes of them.
 *
 * @module
 */
import { z } from "zod";
import type { Interpolation } from "../data/transform.ts";
import type { CropRule } from "../data/transforms/random_resized_crop.ts";

/** Which part of a picture is taken in training. */
export type CropSection =
  | {
    /** A random part of random size and shape, resized (Inception). */
    kind: "random-resized";
    scale: [number, number];
    ratio: [number, number];
    interpolation: Interpolation;
    /** A box larger than the picture is drawn anew, or cut down to it. */
    rule: CropRule;
  }
  | { kind: "random-padded"; padding: number; mode: "reflect" | "background" }
  | { kind: "shift"; pixels: number };

/** What is done to a picture in training. */
export interface TransformSection {
  crop: CropSection;
  /** How often it is mirrored. */
  flip: number;
  colorJitter?: {
    brightness: number;
    contrast: number;
    saturation: number;
    hue: number;
  } | undefined;
  /** Deviation of AlexNet's changes along the principal colours. */
  lighting?: number | undefined;
  randAugment?: {
    variant: "timm" | "mmpretrain" | "openmixup";
    magnitude: number;
    deviation: number;
    operations: number;
  } | undefined;
  erasing?: {
    variant: "timm" | "mmpretrain";
    probability: number;
    minimumArea: number;
    maximumArea: number;
  } | undefined;
}

/** What is done to a picture in evaluation: its short side to `resize`, then the centre. */
export interface EvaluationTransformSection {
  resize: number;
  crop: number;
  interpolation: Interpolation;
}

/** Which images, and what becomes of them. */
export interface DataSection {
  dataset: string;
  imageSize: number;
  transform: TransformSection;
  evaluation: EvaluationTransformSection;
  /** Of pixels in 0 … 1; without it the data set's own. */
  normalization?: { mean: number[]; std: number[] } | undefined;
  /** How often an epoch sees each image, of a third of them each (repeated augmentation). */
  repeats: number;
}

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const whole = z.int().positive();
const range = z.tuple([positive, positive]);
const interpolation = z.enum(["nearest", "bilinear", "bicubic", "lanczos"]);

const crop = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("random-resized"),
    scale: range.default([0.08, 1]).describe(
      "smallest and largest share of the picture's area",
    ),
    ratio: range.default([3 / 4, 4 / 3]).describe(
      "smallest and largest width over height",
    ),
    interpolation: interpolation.default("bicubic").describe(
      "how pixels between pixels are found",
    ),
    rule: z.enum(["retry", "clamp"]).default("retry")
      .describe("a box larger than the picture is drawn anew, or cut down to it"),
  }),
  z.strictObject({
    kind: z.literal("random-padded"),
    padding: z.int().min(0).describe("pixels added to each side before a random crop"),
    mode: z.enum(["reflect", "background"]).default("reflect").describe(
      "what the padding shows",
    ),
  }),
  z.strictObject({
    kind: z.literal("shift"),
    pixels: z.int().min(0).describe("the picture moves by up to so many pixels"),
  }),
]);

const transform = z.strictObject({
  crop,
  flip: share.describe("how often a picture is mirrored"),
  colorJitter: z.strictObject({
    brightness: z.number().min(0).default(0).describe("factors from 1 − x to 1 + x"),
    contrast: z.number().min(0).default(0).describe("factors from 1 − x to 1 + x"),
    saturation: z.number().min(0).default(0).describe("factors from 1 − x to 1 + x"),
    hue: z.number().min(0).max(0.5).default(0).describe("turns of the colour circle"),
  }).optional(),
  lighting: z.number().min(0).optional()
    .describe("deviation of changes along the principal colours (AlexNet)"),
  randAugment: z.strictObject({
    variant: z.enum(["timm", "mmpretrain", "openmixup"]).default("timm").describe(
      "whose operations",
    ),
    magnitude: z.number().min(0).max(10).default(9).describe("mean strength, 0 to 10"),
    deviation: z.number().min(0).default(0.5).describe("of the strength"),
    operations: whole.default(2).describe("for each picture"),
  }).optional(),
  erasing: z.strictObject({
    variant: z.enum(["timm", "mmpretrain"]).default("timm")
      .describe("noise per pixel after normalising, or one colour before"),
    probability: share.describe("how often a rectangle is erased"),
    minimumArea: share.default(0.02).describe(
      "of the rectangle, as a share of the picture",
    ),
    maximumArea: share.default(1 / 3).describe(
      "of the rectangle, as a share of the picture",
    ),
  }).optional(),
});

/** The schema of {@linkcode DataSection}. */
export const dataSchema = z.strictObject({
  dataset: z.string().min(1).describe("name of a data set"),
  imageSize: whole.describe("pixels of a side of the square images"),
  transform,
  evaluation: z.strictObject({
    resize: whole.describe("pixels of the short side, in evaluation"),
    crop: whole.describe("pixels of the centre's side, in evaluation"),
    interpolation: interpolation.describe("of evaluation"),
  }),
  normalization: z.strictObject({
    mean: z.array(z.number()).describe("per channel, of pixels in 0 … 1"),
    std: z.array(positive).describe("per channel, of pixels in 0 … 1"),
  }).optional(),
  repeats: whole.describe("times that an epoch sees each of its images (3: RSB A2)"),
});
