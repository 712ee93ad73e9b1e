/**
 * The architecture of a CLIP, read off the shapes of its parameters, so that released weights need
 * no configuration file.
 *
 * @module
 */
import type { Activation } from "../nn/mlp.ts";
import type { ClipTextConfiguration } from "./clip_text.ts";
import { clipHeadWidth } from "./clip_variants.ts";
import type { ClipVisionConfiguration } from "./clip_vision.ts";

/** What shapes do not tell. */
export interface ClipShapeOptions {
  /** Heads of the image tower. Default: width / 64, as in every CLIP of OpenAI. */
  visionHeads?: number;
  /** Heads of the text tower. Default: width / 64. */
  textHeads?: number;
  /** Default: quick-gelu, as in every CLIP of OpenAI. */
  activation?: Activation;
}

/** The shape of an image tower, and of a text tower where there is one. */
export interface ClipTowers {
  vision: ClipVisionConfiguration;
  text?: ClipTextConfiguration;
}

/** Shapes by OpenAI's names, in PyTorch's layout or the kit's. */
export type ClipShapes = ReadonlyMap<string, readonly number[]>;

function requiredShape(shapes: ClipShapes, name: string): readonly number[] {
  const shape = shapes.get(name);
  if (shape !== undefined) return shape;
  const some = [...shapes.keys()].slice(0, 3).join(", ");
  throw new Error(
    `This is no CLIP under OpenAI's names: ${name} is missing` +
      (some === "" ? " (there are no parameters)" : ` (there is ${some} …)`),
  );
}

function layersOf(shapes: ClipShapes, prefix: string): number {
  const pattern = new RegExp(`^${prefix.replaceAll(".", "\\.")}\\.resblocks\\.(\\d+)\\.`);
  const found = [...shapes.keys()].map((name) => pattern.exec(name)?.[1]);
  const indices = new Set(found.filter((index) => index !== undefined).map(Number));
  const layers = indices.size;
  requiredShape(shapes, `${prefix}.resblocks.${Math.max(0, layers - 1)}.ln_1.weight`);
  return layers;
}

function headsOf(width: number, given: number | undefined, option: string): number {
  const heads = given ?? width / clipHeadWidth;
  if (Number.isInteger(heads) && heads > 0 && width % heads === 0) return heads;
  throw new Error(
    given === undefined
      ? `The width ${width} is no multiple of ${clipHeadWidth}, the usual width of a head: ` +
        `give ${option}`
      : `${option} is ${given}, which does not divide the width ${width}`,
  );
}

/** The patch size: of `[D, C, P, P]` (PyTorch) or `[P, P, C, D]` (the kit). */
function patchSizeOf(shape: readonly number[], width: number): number {
  const [a, b, c, d] = shape;
  if (shape.length === 4 && a === width && c === d) return c!;
  if (shape.length === 4 && d === width && a === b) return a!;
  throw new Error(
    `visual.conv1.weight [${shape}] is no convolution to ${width} channels with square patches`,
  );
}

/**
 * The configuration of a CLIP with these parameters.
 *
 * @throws {Error} that names the first parameter that is missing or has an impossible shape.
 *
 * @example
 * ```ts
 * import { clipTowersOf } from "./clip_shapes.ts";
 * import { describeClip } from "./clip.ts";
 * import { clipVariant } from "./clip_variants.ts";
 * const specifications = describeClip(clipVariant("B/16"));
 * const shapes = new Map([...specifications].map(([name, { shape }]) => [name, shape]));
 * console.log(clipTowersOf(shapes).vision.layers); // 12
 * ```
 */
export function clipTowersOf(
  shapes: ClipShapes,
  options: ClipShapeOptions = {},
): ClipTowers {
  const activation = options.activation ?? "quick-gelu";
  const [width = 0] = requiredShape(shapes, "visual.class_embedding");
  const [tokens = 0] = requiredShape(shapes, "visual.positional_embedding");
  const [, embedWidth = 0] = requiredShape(shapes, "visual.proj");
  const patchSize = patchSizeOf(requiredShape(shapes, "visual.conv1.weight"), width);
  const side = Math.sqrt(tokens - 1);
  if (!Number.isInteger(side) || side < 1) {
    throw new Error(
      `visual.positional_embedding has ${tokens} rows: 1 and the patches of a square are expected`,
    );
  }
  const vision: ClipVisionConfiguration = {
    imageSize: side * patchSize,
    patchSize,
    width,
    layers: layersOf(shapes, "visual.transformer"),
    heads: headsOf(width, options.visionHeads, "visionHeads"),
    embedWidth,
    activation,
  };
  if (![...shapes.keys()].some((name) => name.startsWith("transformer."))) {
    return { vision };
  }
  const [vocabularySize = 0] = requiredShape(shapes, "token_embedding.weight");
  const [contextLength = 0, textWidth = 0] = requiredShape(
    shapes,
    "positional_embedding",
  );
  const [, textEmbedWidth = 0] = requiredShape(shapes, "text_projection");
  const text: ClipTextConfiguration = {
    vocabularySize,
    contextLength,
    width: textWidth,
    layers: layersOf(shapes, "transformer"),
    heads: headsOf(textWidth, options.textHeads, "textHeads"),
    embedWidth: textEmbedWidth,
    activation,
  };
  return { vision, text };
}
