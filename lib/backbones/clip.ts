/**
 * CLIP (Radford et al. 2021): an image tower and a text tower whose embeddings agree for images
 * and their captions. Parameters have the names of OpenAI's release.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { constant } from "../nn/initializers.ts";
import {
  describeParameters,
  type ParameterSpecification,
  type Scope,
} from "../nn/scope.ts";
import type { ClipTowers } from "./clip_shapes.ts";
import { clipText, type ClipTextOutput } from "./clip_text.ts";
import type { ClipConfiguration } from "./clip_variants.ts";
import { clipVision, type ClipVisionOutput } from "./clip_vision.ts";

// Section 2.5 of the paper: the temperature starts at 0.07 and logits are scaled by at most 100.
const initialLogitScale = Math.log(1 / 0.07);

/** What `logit_scale` must not exceed in training. */
export const maximumLogitScale: number = Math.log(100);

/** A batch of captioned images. */
export interface ClipInputs {
  /** `(B, H, W, C)`, normalised. */
  images: Tensor;
  /** `(B, M)` int32. */
  ids: Tensor;
}

/** What CLIP gives, by name. */
export interface ClipOutput {
  vision: ClipVisionOutput;
  text: ClipTextOutput;
  /** exp(logit_scale) · cosine similarity of image i and text j, `(B, B)`. */
  logitsPerImage: Tensor;
  /** Its transpose. */
  logitsPerText: Tensor;
}

/** `x` scaled to length 1 over its last axis. */
function unitLength(x: Tensor): Tensor {
  return x.mul(x.square().sum(-1, true).rsqrt());
}

/**
 * exp(logit_scale) · cosine similarities of embeddings `(A, E)` and `(B, E)`: `(A, B)`.
 *
 * @param scope the root, which holds `logit_scale`.
 */
export function clipLogits(
  scope: Scope,
  imageEmbeds: Tensor,
  textEmbeds: Tensor,
): Tensor {
  const logitScale = scope.parameter("logit_scale", [], {
    initial: constant(initialLogitScale),
  });
  return tf.matMul(unitLength(imageEmbeds), unitLength(textEmbeds), false, true)
    .mul(logitScale.exp());
}

/**
 * Both towers and their agreement.
 *
 * @param scope the root of OpenAI's names.
 *
 * @example
 * ```ts
 * import { clip } from "./clip.ts";
 * import { clipVariant } from "./clip_variants.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) => {
 *   const images = input({ shape: [2, 224, 224, 3] });
 *   const ids = input({ shape: [2, 77], dtype: "int32" });
 *   clip(scope, { images, ids }, clipVariant("B/16"));
 * });
 * console.log(specifications.get("visual.proj")!.shape); // [ 768, 512 ]
 * ```
 */
export function clip(
  scope: Scope,
  { images, ids }: ClipInputs,
  configuration: ClipConfiguration,
): ClipOutput {
  const vision = clipVision(scope.at("visual"), images, configuration.vision);
  const text = clipText(scope, ids, configuration.text);
  const logitsPerImage = clipLogits(scope, vision.imageEmbeds, text.embeds);
  return { vision, text, logitsPerImage, logitsPerText: logitsPerImage.transpose() };
}

/**
 * The parameters of a CLIP: names, shapes, layouts and initial values.
 *
 * @param towers with the image tower alone, as a teacher needs it, or with both.
 * @param channels colour channels of the images.
 *
 * @example
 * ```ts
 * import { describeClip } from "./clip.ts";
 * import { clipVariant } from "./clip_variants.ts";
 * console.log(describeClip(clipVariant("B/16")).size); // 302
 * ```
 */
export function describeClip(
  { vision, text }: ClipTowers,
  channels = 3,
): Map<string, ParameterSpecification> {
  return describeParameters((scope, input) => {
    const images = input({ shape: [1, vision.imageSize, vision.imageSize, channels] });
    if (text === undefined) {
      clipVision(scope.at("visual"), images, vision);
      return;
    }
    const ids = input({ shape: [1, text.contextLength], dtype: "int32" });
    clip(scope, { images, ids }, { vision, text });
  });
}
