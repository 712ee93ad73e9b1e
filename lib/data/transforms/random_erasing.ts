/**
 * Random erasing (Zhong et al. 2020) of bytes, as mmpretrain and openmixup do it: before the
 * normalisation, a rectangle of noise around a colour. timm erases after the normalisation; that
 * belongs to the training step, on the device.
 *
 * @module
 */
import type { Rectangle } from "../orientation.ts";
import type { Draws, Pixels } from "../transform.ts";
import { uniformBetween } from "./draws.ts";
import type { PixelChange } from "./rand_augment.ts";
import { roundHalfEven } from "./round_half_even.ts";

/** How often, and how large a rectangle is erased. */
export interface ErasingOptions {
  readonly probability: number;
  /** Least and largest share of the picture's area. */
  readonly minimumArea: number;
  readonly maximumArea: number;
  /** Least and largest height / width. Default: 3/10 and 10/3. */
  readonly aspect?: readonly [number, number];
}

/** What the rectangle is filled with. */
export interface ErasingFill {
  /** Red, green, blue, 0 … 255; ImageNet's by default. */
  readonly mean?: readonly [number, number, number];
  readonly deviation?: readonly [number, number, number];
}

/**
 * Draws the rectangle. mmpretrain never reaches the last row and column: its offsets are below the
 * free space, not up to it.
 */
function drawRectangle(
  { height, width }: Pixels,
  draws: Draws,
  { minimumArea, maximumArea, aspect = [3 / 10, 10 / 3] }: ErasingOptions,
): Rectangle {
  const ratio = Math.exp(
    uniformBetween(draws, [Math.log(aspect[0]), Math.log(aspect[1])]),
  );
  const area = height * width * uniformBetween(draws, [minimumArea, maximumArea]);
  const rows = Math.min(roundHalfEven(Math.sqrt(area * ratio)), height);
  const columns = Math.min(roundHalfEven(Math.sqrt(area / ratio)), width);
  return {
    top: height > rows ? draws.integer(height - rows) : 0,
    left: width > columns ? draws.integer(width - columns) : 0,
    height: rows,
    width: columns,
  };
}

/**
 * mmpretrain's RandomErasing, mode `rand`: with a probability, one rectangle gets a normal value per
 * pixel and channel, cut to a byte.
 *
 * @throws {RangeError} if an option is out of its range.
 *
 * @example
 * ```ts
 * import { drawsOf, eraseRandomly } from "./mod.ts";
 * const erase = eraseRandomly({ probability: 1, minimumArea: 0.5, maximumArea: 0.5 });
 * const black = { height: 4, width: 4, values: new Uint8Array(48) };
 * console.log(erase(black, drawsOf({ seed: 0, epoch: 0, index: 0 })).values);
 * ```
 */
export function eraseRandomly(
  options: ErasingOptions,
  { mean = [123.675, 116.28, 103.53], deviation = [58.395, 57.12, 57.375] }: ErasingFill =
    {},
): PixelChange {
  requireErasing(options);
  return (pixels, draws) => {
    if (draws.uniform() > options.probability) return pixels;
    const { top, left, height, width } = drawRectangle(pixels, draws, options);
    const values = new Uint8Array(pixels.values);
    for (let y = top; y < top + height; y++) {
      const start = 3 * (y * pixels.width + left);
      for (let k = start; k < start + 3 * width; k++) {
        const channel = (k - start) % 3;
        const value = mean[channel]! + deviation[channel]! * draws.normal();
        values[k] = Math.min(255, Math.max(0, Math.trunc(value)));
      }
    }
    return { ...pixels, values };
  };
}

/**
 * Refuses options that make no sense.
 *
 * @throws {RangeError} that quotes the value.
 *
 * @example
 * ```ts
 * import { requireErasing } from "./random_erasing.ts";
 * requireErasing({ probability: 0.25, minimumArea: 0.02, maximumArea: 1 / 3 });
 * ```
 */
export function requireErasing(options: ErasingOptions): void {
  const { probability, minimumArea, maximumArea, aspect = [3 / 10, 10 / 3] } = options;
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`Erasing's probability is ${probability}: use 0 to 1`);
  }
  if (!(minimumArea >= 0 && minimumArea <= maximumArea && maximumArea <= 1)) {
    throw new RangeError(
      `Erasing's areas are ${minimumArea} to ${maximumArea}: use shares from 0 to 1, ` +
        "the least first",
    );
  }
  if (!(aspect[0] > 0 && aspect[0] <= aspect[1])) {
    throw new RangeError(
      `Erasing's aspect is ${aspect[0]} to ${
        aspect[1]
      }: use ratios above 0, the least first`,
    );
  }
}
