/**
 * The shapes of ConvNeXts: what there is to choose, the usual sizes, and what cannot be.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";

/** The shape of a ConvNeXt. */
export interface ConvNextConfiguration {
  /** Blocks of each stage. */
  depths: readonly number[];
  /** Channels of each stage. */
  widths: readonly number[];
  /** Pixels of a side of the first convolution's patches. Default: 4. */
  stemSize?: number;
  /** Hidden width of the MLPs over the channels. Default: 4. */
  mlpRatio?: number;
  /** Of the layer norms. Default: 1e-6. */
  epsilon?: number;
  /** Initial layer scale; 0 for none. Default: 1e-6. */
  layerScale?: number;
  /** Of the last block; it grows linearly from 0 at the first. Default: 0. */
  dropPathRate?: number;
  /**
   * Whether the final norm is of the mean over the last map, as classifiers have it, and not of the
   * map itself, as pretraining has it. Default: false.
   */
  gapBeforeFinalNorm?: boolean;
}

/** Table 9 of the paper. */
const variants = {
  T: { depths: [3, 3, 9, 3], widths: [96, 192, 384, 768] },
  S: { depths: [3, 3, 27, 3], widths: [96, 192, 384, 768] },
  B: { depths: [3, 3, 27, 3], widths: [128, 256, 512, 1024] },
} as const;

/** A size of the paper. */
export type ConvNextVariant = keyof typeof variants;

/**
 * The configuration of a variant.
 *
 * @throws {Error} on an unknown name, with the known ones.
 *
 * @example
 * ```ts
 * import { convNextVariant } from "./convnext.ts";
 * console.log(convNextVariant("T").depths); // [ 3, 3, 9, 3 ]
 * ```
 */
export function convNextVariant(variant: ConvNextVariant): ConvNextConfiguration {
  if (!Object.hasOwn(variants, variant)) {
    const known = Object.keys(variants).map((name) => `"${name}"`).join(", ");
    throw new Error(`Unknown ConvNeXt "${variant}": use one of ${known}`);
  }
  return variants[variant];
}

/** Pixels of the image per cell of the last map, along a side: 32 for the paper's. */
export function convNextStride({ depths, stemSize = 4 }: ConvNextConfiguration): number {
  return stemSize * 2 ** (depths.length - 1);
}

/**
 * Throws unless the configuration and the images go together.
 *
 * @throws {Error} that quotes what does not fit.
 */
export function requireConvNextInputs(
  images: Tensor,
  configuration: ConvNextConfiguration,
): void {
  const { depths, widths } = configuration;
  if (depths.length !== widths.length || depths.length === 0) {
    throw new Error(
      `A ConvNeXt has a depth and a width for each stage, got depths [${depths}] and ` +
        `widths [${widths}]`,
    );
  }
  if (images.shape.length !== 4) {
    throw new Error(`A ConvNeXt takes images (B, H, W, C), got [${images.shape}]`);
  }
  const [, height, width] = images.shape as [number, number, number, number];
  const stride = convNextStride(configuration);
  const fits = [height, width].every((side) => side > 0 && side % stride === 0);
  if (!fits) {
    throw new Error(
      `A ConvNeXt of ${depths.length} stages takes images whose sides are multiples of ` +
        `${stride}, got ${height}×${width}`,
    );
  }
}
