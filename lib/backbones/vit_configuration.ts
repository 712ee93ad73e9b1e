/**
 * The shapes of ViTs: what there is to choose, the usual sizes, and what cannot be.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { type QkvBias, requireHeads } from "../nn/attention.ts";
import { requireWholePatches } from "../nn/patch_embed.ts";
import type { Grid } from "../nn/position_embedding.ts";

/** The shape of a ViT. */
export interface VitConfiguration {
  /** Pixels of a side of the square images that the position embeddings are for. */
  imageSize: number;
  patchSize: number;
  /** Colour channels. Default: 3. */
  channels?: number;
  /** D */
  width: number;
  depth: number;
  heads: number;
  /** Hidden width of the MLPs over D. Default: 4. */
  mlpRatio?: number;
  /** Of the layer norms. Default: 1e-6. */
  epsilon?: number;
  /** Default: true. */
  qkvBias?: QkvBias;
  /** BEiT's relative position bias in every block; images must then be of `imageSize`. */
  relativePositions?: boolean;
  /** Initial layer scale; without it there is none. */
  layerScale?: number;
  /** Whether a layer norm `norm` makes `latent` of the last tokens. Default: false. */
  finalNorm?: boolean;
  /** Of the last block; it grows linearly from 0 at the first. Default: 0. */
  dropPathRate?: number;
  /** `fixed`: sine-cosine and not trained, for pretraining. Default: `learned`. */
  positions?: "learned" | "fixed";
}

/**
 * Width, depth, heads and MLP ratio by the usual letters. `tiny` is the one for 28-pixel images here;
 * `S768` the "small" of openmixup and mmpretrain, wide and shallow, that A2MIM's and SimMIM's ViT-S
 * are; `S` that of DeiT ("deit-small" there).
 */
const sizes = {
  tiny: { width: 128, depth: 4, heads: 4 },
  S: { width: 384, depth: 12, heads: 6 },
  S768: { width: 768, depth: 8, heads: 8, mlpRatio: 3 },
  B: { width: 768, depth: 12, heads: 12 },
  L: { width: 1024, depth: 24, heads: 16 },
  H: { width: 1280, depth: 32, heads: 16 },
} as const;

/** A size and a patch, such as "B/16". */
export type VitVariant = `${keyof typeof sizes}/${number}`;

/**
 * The configuration of a variant.
 *
 * @throws {Error} on an unknown name, with the known ones.
 *
 * @example
 * ```ts
 * import { vitVariant } from "./vit.ts";
 * console.log(vitVariant("B/16", 224).width); // 768
 * ```
 */
export function vitVariant(variant: VitVariant, imageSize: number): VitConfiguration {
  const [size, patch] = variant.split("/");
  const patchSize = Number(patch);
  if (!Object.hasOwn(sizes, size!) || !Number.isInteger(patchSize) || patchSize < 1) {
    const known = Object.keys(sizes).join(", ");
    throw new Error(
      `Unknown ViT "${variant}": write SIZE/PATCH with a size of ${known}: "B/16"`,
    );
  }
  requireWholePatches(imageSize, imageSize, patchSize);
  return { ...sizes[size as keyof typeof sizes], patchSize, imageSize };
}

/**
 * The ViT of SimMIM and A2MIM, as openmixup has it: BEiT's blocks with relative positions, biases for
 * queries and values, and a layer scale of 0.1. `finalNorm` and `dropPathRate` are those of
 * pretraining; fine-tuning pools the patches instead (`finalNorm: false`).
 *
 * @param variant "S768/16", "B/16" or "L/16" in A2MIM's tables, "S/16" for its DeiT-S.
 * @throws {Error} on an unknown name, with the known ones.
 *
 * @example
 * ```ts
 * import { simmimVitVariant } from "./vit.ts";
 * console.log(simmimVitVariant("S768/16", 224).depth); // 8
 * ```
 */
export function simmimVitVariant(
  variant: VitVariant,
  imageSize: number,
): VitConfiguration {
  return {
    ...vitVariant(variant, imageSize),
    qkvBias: "query-value",
    relativePositions: true,
    layerScale: 0.1,
    finalNorm: true,
    dropPathRate: 0.1,
  };
}

/** Number of patches, N. */
export function patchCount({ imageSize, patchSize }: VitConfiguration): number {
  return (imageSize / patchSize) ** 2;
}

/** Throws unless the sizes of a configuration go together. */
function requireSizes(
  { imageSize, patchSize, width, depth, heads }: VitConfiguration,
): void {
  requireWholePatches(imageSize, imageSize, patchSize);
  requireHeads(width, heads);
  if (!Number.isInteger(depth) || depth < 1) {
    throw new Error(`A ViT has one block or more, got a depth of ${depth}`);
  }
}

/** Throws unless `visible` numbers some of the patches of each image. */
function requireVisible(visible: Tensor, batch: number, patches: number): void {
  const [images, kept] = visible.shape;
  if (
    visible.shape.length === 2 && images === batch && kept! >= 1 && kept! <= patches
  ) return;
  throw new Error(
    `The visible patches are [${visible.shape}], but there are ${batch} images of ` +
      `${patches} patches: make the mask for ${patches} patches, (B, K) with ` +
      `B = ${batch} and K from 1 to ${patches}`,
  );
}

/**
 * Rows and columns of patches, after everything that could be wrong has been looked at.
 *
 * @throws {Error} when sizes do not go together, or the images or visible patches do not fit.
 */
export function requireVitInputs(
  images: Tensor,
  configuration: VitConfiguration,
  visible: Tensor | undefined,
  seen: boolean,
): Grid {
  requireSizes(configuration);
  if (images.shape.length !== 4) {
    throw new Error(`A ViT takes images (B, H, W, C), got [${images.shape}]`);
  }
  const [batch, height, width] = images.shape as [number, number, number, number];
  const { imageSize, patchSize } = configuration;
  requireWholePatches(height, width, patchSize);
  const grid = [height / patchSize, width / patchSize] as const;
  if (configuration.relativePositions && (height !== imageSize || width !== imageSize)) {
    throw new Error(
      `Relative positions are for images of ${imageSize}×${imageSize}, got ` +
        `${height}×${width}: resize the images, or configure an imageSize of ${height}`,
    );
  }
  if (visible === undefined) return grid;
  requireVisible(visible, batch, grid[0] * grid[1]);
  if (configuration.relativePositions || seen) {
    const what = configuration.relativePositions ? "relativePositions" : "between";
    throw new Error(
      `A ViT with ${what} sees all patches, got ${visible.shape[1]} visible ones: ` +
        `leave \`visible\` out, or ${what}`,
    );
  }
  return grid;
}
