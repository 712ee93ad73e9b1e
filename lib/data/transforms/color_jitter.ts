/**
 * Colour jitter as torchvision has it, on Pillow's operations: brightness, contrast, saturation and
 * hue by random amounts, in a random order.
 *
 * @module
 */
import type { Draws, Pixels } from "../transform.ts";
import { uniformBetween } from "./draws.ts";
import { brightness, color, contrast } from "./pillow_enhance.ts";
import { hue } from "./pillow_hue.ts";
import type { PixelChange } from "./rand_augment.ts";

/** How much is changed; 0 leaves a property alone. */
export interface ColorJitterOptions {
  /** Factors are uniform from 1 − x, at least 0, to 1 + x. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Turns of the colour circle are uniform from −x to x. Default: 0. */
  readonly hue?: number;
}

type Property = "brightness" | "contrast" | "saturation" | "hue";

const changes: Record<Property, (pixels: Pixels, amount: number) => Pixels> = {
  brightness,
  contrast,
  saturation: color,
  hue,
};

/**
 * Colour jitter as a change of pixels.
 *
 * @throws {RangeError} if an option is out of its range.
 *
 * @example
 * ```ts
 * import { colorJitter, drawsOf } from "./mod.ts";
 * const jitter = colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 });
 * const pixels = { height: 1, width: 1, values: Uint8Array.of(200, 100, 50) };
 * console.log(jitter(pixels, drawsOf({ seed: 0, epoch: 0, index: 0 })).values);
 * ```
 */
export function colorJitter(options: ColorJitterOptions): PixelChange {
  const ranges = rangesOf(options);
  return (pixels, draws) => {
    const drawn = ranges.map(([property, range]) =>
      [property, uniformBetween(draws, range)] as const
    );
    return shuffled(drawn, draws).reduce(
      (changed, [property, amount]) => changes[property](changed, amount),
      pixels,
    );
  };
}

/** The properties that are changed, with the ranges of their amounts. */
function rangesOf(
  options: ColorJitterOptions,
): (readonly [Property, readonly [number, number]])[] {
  const amounts = { ...options, hue: options.hue ?? 0 };
  const properties: Property[] = ["brightness", "contrast", "saturation", "hue"];
  return properties.filter((property) => amounts[property] !== 0).map((property) => {
    const amount = amounts[property];
    const most = property === "hue" ? 0.5 : Infinity;
    if (!(amount >= 0 && amount <= most && amount < Infinity)) {
      throw new RangeError(
        `Colour jitter's ${property} is ${amount}: use ${
          property === "hue" ? "0 to 0.5" : "0 or more"
        }`,
      );
    }
    if (property === "hue") return [property, [-amount, amount]];
    return [property, [Math.max(0, 1 - amount), 1 + amount]];
  });
}

/** In a random order (Fisher–Yates). */
function shuffled<T>(values: readonly T[], draws: Draws): T[] {
  const order = [...values];
  for (let last = order.length - 1; last > 0; last--) {
    const other = draws.integer(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
