/**
 * The sizes of CLIP: those that OpenAI released, and small ones to train on a laptop.
 *
 * @module
 */
import { requireWholePatches } from "../nn/patch_embed.ts";
import type { ClipTextConfiguration } from "./clip_text.ts";
import type { ClipVisionConfiguration } from "./clip_vision.ts";

/** The shape of both towers. */
export interface ClipConfiguration {
  vision: ClipVisionConfiguration;
  text: ClipTextConfiguration;
}

// Radford et al. 2021, table 20; every head is 64 wide.
const released = {
  "B/32": { patchSize: 32, width: 768, layers: 12, embedWidth: 512, textWidth: 512 },
  "B/16": { patchSize: 16, width: 768, layers: 12, embedWidth: 512, textWidth: 512 },
  "L/14": { patchSize: 14, width: 1024, layers: 24, embedWidth: 768, textWidth: 768 },
} as const;

/** The width of a head in every CLIP that OpenAI released. */
export const clipHeadWidth = 64;

/** A released size. */
export type ClipVariant = keyof typeof released;

/**
 * The configuration of a released CLIP.
 *
 * @throws {Error} on an unknown name, with the known ones.
 *
 * @example
 * ```ts
 * import { clipVariant } from "./clip_variants.ts";
 * console.log(clipVariant("L/14").vision.width); // 1024
 * ```
 */
export function clipVariant(variant: ClipVariant): ClipConfiguration {
  if (!Object.hasOwn(released, variant)) {
    throw new Error(
      `Unknown CLIP "${variant}": it is one of ${Object.keys(released).join(", ")}`,
    );
  }
  const { textWidth, ...vision } = released[variant];
  return {
    vision: { ...vision, imageSize: 224, heads: vision.width / clipHeadWidth },
    text: {
      vocabularySize: 49408, // byte pairs, with start and end
      contextLength: 77,
      width: textWidth,
      layers: 12,
      heads: textWidth / clipHeadWidth,
      embedWidth: vision.embedWidth,
    },
  };
}

/** What a tiny CLIP is for, and what may differ from its defaults. */
export interface TinyClipOptions {
  imageSize: number;
  patchSize: number;
  vocabularySize: number;
  contextLength: number;
  /** Of both towers and of the embeddings. Default: 128. */
  width?: number;
  /** Blocks of the image tower. Default: 4. */
  layers?: number;
  /** Blocks of the text tower. Default: 2. */
  textLayers?: number;
  /** Default: width / 32. */
  heads?: number;
}

/**
 * A CLIP small enough to train from nothing in a minute or two.
 *
 * @throws {Error} when the image cannot be cut into whole patches, or the width into heads.
 *
 * @example
 * ```ts
 * import { tinyClip } from "./clip_variants.ts";
 * const sizes = { imageSize: 28, patchSize: 4, vocabularySize: 20, contextLength: 8 };
 * console.log(tinyClip(sizes).vision.heads); // 4
 * ```
 */
export function tinyClip(options: TinyClipOptions): ClipConfiguration {
  const { imageSize, patchSize, vocabularySize, contextLength } = options;
  const { width = 128, layers = 4, textLayers = 2, heads = Math.max(1, width / 32) } =
    options;
  requireWholePatches(imageSize, imageSize, patchSize);
  if (!Number.isInteger(heads) || width % heads !== 0) {
    throw new Error(
      `The width ${width} cannot be divided among ${heads} heads: give heads that divide it`,
    );
  }
  const shared = { width, heads, embedWidth: width };
  return {
    vision: { ...shared, imageSize, patchSize, layers },
    text: { ...shared, vocabularySize, contextLength, layers: textLayers },
  };
}
