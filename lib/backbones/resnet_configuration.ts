/**
 * The shapes of ResNets: what there is to choose, the usual sizes, and what cannot be.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import type { BatchNormOptions } from "../nn/batch_norm.ts";

/** The shape of a ResNet. */
export interface ResnetConfiguration {
  /** Blocks of each stage. */
  depths: readonly number[];
  /**
   * What a block is: 1×1, 3×3 and 1×1 convolutions, or two of 3×3 as in ResNet-18 and 34.
   * Default: `bottleneck`.
   */
  block?: "bottleneck" | "basic";
  /**
   * A 7×7 convolution and a pooling, each with stride 2, or for images of some 32 pixels a 3×3 one
   * that keeps their size. Default: `strided`.
   */
  stem?: "strided" | "full-size";
  /** Channels after the first convolution. Default: 64. */
  stemChannels?: number;
  /** Of the middle convolutions of the first stage; they double with each stage. Default: 64. */
  baseChannels?: number;
  /** A block's channels over those of its middle convolution. Default: 4, in basic blocks always 1. */
  expansion?: number;
  /** Of the last block; it grows linearly from 0 at the first. Default: 0. */
  dropPathRate?: number;
  /**
   * Where a bottleneck's stride is: `conv2` (v1.5), or `conv1` as in the paper and in all basic
   * blocks. Default: `conv2`.
   */
  strideAt?: "conv1" | "conv2";
  /** Start every block as the identity, as openmixup does and torchvision does not. Default: true. */
  zeroInitialResidual?: boolean;
  /** Of the batch norms; the defaults are PyTorch's. */
  norm?: Pick<BatchNormOptions, "epsilon" | "momentum">;
  /** Normalise by the running statistics in training too, and leave them. Default: false. */
  frozenStatistics?: boolean;
}

/** Table 1 of the paper; 200 is not in it (its depths are timm's and openmixup's). */
const variants = {
  18: { depths: [2, 2, 2, 2], block: "basic" },
  34: { depths: [3, 4, 6, 3], block: "basic" },
  50: { depths: [3, 4, 6, 3] },
  101: { depths: [3, 4, 23, 3] },
  152: { depths: [3, 8, 36, 3] },
  200: { depths: [3, 24, 36, 3] },
} as const;

/** The number of layers that names a ResNet. */
export type ResnetVariant = keyof typeof variants;

/**
 * The configuration of a variant.
 *
 * @throws {Error} on an unknown one, with the known ones.
 *
 * @example
 * ```ts
 * import { resnetVariant } from "./resnet.ts";
 * console.log(resnetVariant(50).depths); // [ 3, 4, 6, 3 ]
 * ```
 */
export function resnetVariant(variant: ResnetVariant): ResnetConfiguration {
  if (!Object.hasOwn(variants, variant)) {
    const known = Object.keys(variants).join(", ");
    throw new Error(`Unknown ResNet ${JSON.stringify(variant)}: there are ${known}`);
  }
  return variants[variant];
}

/** A block's channels over those of its middle convolution. */
export function resnetExpansion(
  { block = "bottleneck", expansion }: ResnetConfiguration,
): number {
  return expansion ?? (block === "basic" ? 1 : 4);
}

/** Pixels of the image to one of the map that enters each stage: the first keeps the stem's. */
export function resnetStageStrides(
  { depths, stem = "strided" }: ResnetConfiguration,
): number[] {
  const first = stem === "strided" ? 4 : 1;
  return depths.map((_, stage) => first * 2 ** Math.max(0, stage - 1));
}

/** Pixels of the image to one of the last stage's map: the stem's stride, then 2 for each stage. */
export function resnetStride({ depths, stem = "strided" }: ResnetConfiguration): number {
  return (stem === "strided" ? 4 : 1) * 2 ** (depths.length - 1);
}

function requireWhole(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`A ResNet's ${name} must be a whole number from 1, got ${value}`);
  }
}

/** Throws when a configuration makes no ResNet, or none for these images. */
export function requireResnet(
  images: Tensor,
  configuration: ResnetConfiguration,
  masked: boolean,
): void {
  const { stemChannels = 64, baseChannels = 64, block } = configuration;
  const { depths, dropPathRate = 0, strideAt } = configuration;
  const expansion = resnetExpansion(configuration);
  if (depths.length === 0) throw new Error("A ResNet needs a stage: its depths are []");
  depths.forEach((depth, stage) => requireWhole(`depth of stage ${stage}`, depth));
  Object.entries({ stemChannels, baseChannels, expansion })
    .forEach(([name, value]) => requireWhole(name, value));
  if (block === "basic" && expansion !== 1) {
    throw new Error(`Basic blocks have an expansion of 1, got ${expansion}`);
  }
  if (block === "basic" && strideAt === "conv2") {
    throw new Error('Basic blocks stride in their first convolution, got "conv2"');
  }
  if (!(dropPathRate >= 0 && dropPathRate < 1)) {
    throw new Error(`The drop path rate must be in [0, 1), got ${dropPathRate}`);
  }
  if (images.rank !== 4) {
    throw new Error(`A ResNet takes images (B, H, W, C), got [${images.shape}]`);
  }
  const [, height, width] = images.shape as [number, number, number, number];
  const stride = resnetStride(configuration);
  // Any size can be classified; a mask's cells must be whole pixels of the maps.
  if (masked && (height % stride !== 0 || width % stride !== 0)) {
    throw new Error(
      `An image of ${height}×${width} cannot be masked in a ResNet of ${depths.length} stages: ` +
        `use a size that is a multiple of ${stride}`,
    );
  }
}
