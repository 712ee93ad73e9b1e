/**
 * What a CLIP knows without a label: classes and images found by sentences (Radford et al. 2021,
 * section 3.1).
 *
 * @module
 */
import { clipText } from "../backbones/clip_text.ts";
import type { ClipConfiguration } from "../backbones/clip_variants.ts";
import type { WordTokenizer } from "../data/mod.ts";
import { tf } from "../engine/mod.ts";
import { type Parameters, scope } from "../nn/scope.ts";
import type { Features, LabelledFeatures } from "./features.ts";
import { recallAt } from "./retrieval.ts";

/** A CLIP and its words. */
export interface SpeakingClip {
  parameters: Parameters;
  configuration: ClipConfiguration;
  tokenizer: WordTokenizer;
}

/** A CLIP's embeddings of sentences, `(N, E)`, scaled to length 1. */
export function captionFeatures(
  { parameters, configuration, tokenizer }: SpeakingClip,
  captions: readonly string[],
): Features {
  const { contextLength } = tokenizer;
  const { embedWidth } = configuration.text;
  const values = tf.tidy(() => {
    const shape: [number, number] = [captions.length, contextLength];
    const ids = tf.tensor2d(tokenizer.encodeAll(captions), shape, "int32");
    const { embeds } = clipText(scope(parameters), ids, configuration.text);
    return embeds.div(embeds.square().sum(-1, true).sqrt()).dataSync() as Float32Array;
  });
  return { values, length: captions.length, width: embedWidth };
}

/** The sum of each `count` rows that follow one another. */
function sumOfRows({ values, length, width }: Features, count: number): Features {
  const sums = new Float32Array(length / count * width);
  values.forEach((value, place) => {
    const row = Math.floor(place / width / count);
    sums[row * width + place % width]! += value;
  });
  return { values: sums, length: length / count, width };
}

/**
 * Accuracy in percent of classifying images by the sentence that is nearest: for each class the
 * mean of the embeddings of its prompts, as many for every class.
 *
 * @param images the CLIP's embeddings of the images, and their classes.
 * @param prompts sentences of each class, in the order of the labels.
 * @throws {Error} when the classes have not equally many prompts.
 */
export async function zeroShotAccuracy(
  clip: SpeakingClip,
  images: LabelledFeatures,
  prompts: readonly (readonly string[])[],
): Promise<number> {
  const count = prompts[0]?.length ?? 0;
  if (count === 0 || prompts.some(({ length }) => length !== count)) {
    const counts = prompts.map(({ length }) => length).join(", ");
    throw new Error(
      `Every class needs equally many prompts, at least one: got [${counts}]`,
    );
  }
  const classes = sumOfRows(captionFeatures(clip, prompts.flat()), count);
  return await recallAt(
    1,
    { features: images.features, ids: Int32Array.from(images.labels) },
    { features: classes, ids: Int32Array.from(prompts.keys()) },
  );
}
