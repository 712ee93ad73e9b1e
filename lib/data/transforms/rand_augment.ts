/**
 * RandAugment (Cubuk et al. 2020) as the fine-tuning recipes have it: some operations, each chosen
 * from fifteen with a random strength around one magnitude, in three versions. MAE, MILAN and MixMIM
 * call it `rand-m9-mstd0.5-inc1`, timm's notation.
 *
 * @module
 */
import type { Draws, Pixels } from "../transform.ts";
import type { FillColor, WarpInterpolation, WarpOptions } from "./pillow_affine.ts";
import { operationsOf } from "./rand_augment_operations.ts";

/**
 * Whose operations: timm's, on Pillow; mmpretrain's, on OpenCV; openmixup's, on OpenCV with red and
 * blue mixed up.
 */
export type RandAugmentVariant = "timm" | "mmpretrain" | "openmixup";

/** Which changes are drawn. */
export interface RandAugmentOptions {
  readonly variant: RandAugmentVariant;
  /** Mean strength, 0 … 10. */
  readonly magnitude: number;
  /** Of the strength, which stays within 0 … 10. */
  readonly deviation: number;
  /** How many are chosen for a picture, with replacement. */
  readonly operations: number;
  /** How often a chosen one is applied. Default: 0.5. */
  readonly probability?: number;
  /** Of the geometric ones. Default: bicubic. */
  readonly interpolation?: WarpInterpolation;
  /**
   * What the geometric ones uncover. Default: ImageNet's mean colour; openmixup writes it as blue,
   * green, red, and its pictures are red, green, blue.
   */
  readonly fill?: FillColor;
}

/** `round(255 · mean)` of ImageNet. */
const meanColor: FillColor = [124, 116, 104];

/** A change of pixels by what is drawn. */
export type PixelChange = (pixels: Pixels, draws: Draws) => Pixels;

/**
 * RandAugment as a change of pixels.
 *
 * @throws {RangeError} if an option is out of its range.
 *
 * @example
 * ```ts
 * import { drawsOf, randAugment } from "./mod.ts";
 * const change = randAugment({ variant: "timm", magnitude: 9, deviation: 0.5, operations: 2 });
 * const pixels = { height: 2, width: 2, values: new Uint8Array(12).fill(100) };
 * console.log(change(pixels, drawsOf({ seed: 0, epoch: 0, index: 0 })).values.length); // 12
 * ```
 */
export function randAugment(options: RandAugmentOptions): PixelChange {
  const { variant, magnitude, deviation, probability = 0.5 } = options;
  requireOptions(options);
  const warp: WarpOptions = {
    interpolation: options.interpolation ?? "bicubic",
    fill: options.fill ?? (variant === "openmixup" ? [104, 116, 124] : meanColor),
  };
  const operations = operationsOf(variant);
  return (pixels, draws) => {
    let changed = pixels;
    for (let k = 0; k < options.operations; k++) {
      const operation = operations[draws.integer(operations.length)]!;
      if (draws.uniform() > probability) continue;
      const drawn = deviation === 0 ? magnitude : magnitude + deviation * draws.normal();
      const level = Math.min(10, Math.max(0, drawn)) / 10;
      const sign = draws.uniform() > 0.5 ? -1 : 1;
      changed = operation.apply(changed, { level, sign, warp });
    }
    return changed;
  };
}

function requireOptions(options: RandAugmentOptions): void {
  const { magnitude, deviation, operations, probability = 0.5 } = options;
  if (!(magnitude >= 0 && magnitude <= 10)) {
    throw new RangeError(`RandAugment's magnitude is ${magnitude}: use 0 to 10`);
  }
  if (!(deviation >= 0 && deviation < Infinity)) {
    throw new RangeError(`RandAugment's deviation is ${deviation}: use 0 or more`);
  }
  if (!Number.isInteger(operations) || operations < 0) {
    throw new RangeError(
      `RandAugment's operations are ${operations}: use a whole number, 0 or more`,
    );
  }
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`RandAugment's probability is ${probability}: use 0 to 1`);
  }
}
