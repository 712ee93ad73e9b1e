/**
 * Teachers: what MILAN learns from. A CLIP image tower, frozen.
 *
 * @module
 */
import { clipVision, type ClipVisionConfiguration } from "../backbones/clip_vision.ts";
import { type Tensor, tf } from "../engine/mod.ts";
import { type Parameters, scope } from "../nn/scope.ts";

/** What a teacher says of a batch of images. */
export interface TeacherOutput {
  /** Of every token, class token first, `(B, 1 + N, D)`. */
  features: Tensor;
  /** Attention of the class token to each patch, `(B, N)`. */
  importance: Tensor;
}

/** A frozen network: normalised images `(B, H, W, C)` in, features and importance out. */
export type Teacher = (images: Tensor) => TeacherOutput;

/** Mean and deviation per channel of pixels in 0 … 1. */
export interface PixelStatistics {
  mean: readonly number[];
  std: readonly number[];
}

/** The statistics that OpenAI's CLIP was trained with. */
export const clipPixelStatistics: PixelStatistics = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/** Options of {@linkcode clipTeacher}. */
export interface ClipTeacherOptions {
  /** How the student's images are normalised, and how the teacher's were, if they differ. */
  statistics?: { student: PixelStatistics; teacher: PixelStatistics };
}

function renormalize(
  images: Tensor,
  { student, teacher }: { student: PixelStatistics; teacher: PixelStatistics },
): Tensor {
  const scale = student.std.map((deviation, channel) =>
    deviation / teacher.std[channel]!
  );
  const shift = student.mean.map((mean, channel) =>
    (mean - teacher.mean[channel]!) / teacher.std[channel]!
  );
  return images.mul(tf.tensor1d(scale)).add(tf.tensor1d(shift));
}

/**
 * The image tower of a CLIP as a teacher; no gradient reaches it.
 *
 * @param parameters with OpenAI's names, `visual.*` at least.
 *
 * @example
 * ```ts
 * import { clipTeacher } from "./teacher.ts";
 * import { describeClip } from "../backbones/clip.ts";
 * import { tinyClip } from "../backbones/clip_variants.ts";
 * import { randomKey, tf } from "../engine/mod.ts";
 * import { initializeParameters } from "../nn/scope.ts";
 * const configuration = tinyClip({
 *   imageSize: 8,
 *   patchSize: 4,
 *   vocabularySize: 9,
 *   contextLength: 4,
 * });
 * const parameters = initializeParameters(describeClip(configuration), randomKey(0));
 * const teacher = clipTeacher(parameters, configuration.vision);
 * console.log(teacher(tf.zeros([1, 8, 8, 3])).importance.shape); // [ 1, 4 ]
 * ```
 */
export function clipTeacher(
  parameters: Parameters,
  configuration: ClipVisionConfiguration,
  { statistics }: ClipTeacherOptions = {},
): Teacher {
  const visual = scope(parameters).at("visual");
  return (images) => {
    const seen = statistics === undefined ? images : renormalize(images, statistics);
    const { target, importance } = clipVision(visual, seen, configuration);
    return { features: target, importance };
  };
}
