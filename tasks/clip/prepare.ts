/**
 * The recipe of a CLIP on captioned images, as a job of the library.
 *
 * @module
 */
import { describeClip } from "../../lib/backbones/clip.ts";
import type { ClipConfiguration } from "../../lib/backbones/clip_variants.ts";
import { captionWords, type WordTokenizer, wordTokenizer } from "../../lib/data/mod.ts";
import type { Tensor } from "../../lib/engine/mod.ts";
import { clipOf } from "../../lib/recipes/build_clip.ts";
import { optimizationOf } from "../../lib/recipes/build_optimization.ts";
import type { ContrastiveRecipe } from "../../lib/recipes/recipe.ts";
import { clipJob } from "../../lib/trainers/clip_training.ts";
import { imageFormatOf } from "../../lib/trainers/streamed_images.ts";
import type { TrainingJob } from "../../lib/trainers/training_job.ts";
import {
  type Reading,
  type TrainingImages,
  trainingImages,
} from "../training/recipe_images.ts";
import type { CaptionedImages } from "./captioned_images.ts";

/** What is trained, on what. */
export interface ClipInput {
  recipe: ContrastiveRecipe;
  captioned: Pick<CaptionedImages, "train" | "meanings">;
  seed: number;
  reading: Reading;
}

/** A job and what it is made of. */
export interface ClipTraining {
  job: TrainingJob<{ images: Tensor; ids: Tensor; meanings: Tensor }>;
  images: TrainingImages;
  channels: number;
  tokenizer: WordTokenizer;
  configuration: ClipConfiguration;
  specifications: ReturnType<typeof describeClip>;
}

// Of Radford et al. 2021, section 2.4: one caption that is a page long must not make all so long.
const longestContext = 77;

function tokenizerOf(captions: readonly string[]): WordTokenizer {
  const different = [...new Set(captions)];
  const longest = different.reduce(
    (most, caption) => Math.max(most, captionWords(caption).length),
    1,
  );
  const contextLength = Math.min(longest + 2, longestContext); // with start and end
  return wordTokenizer(different, { contextLength });
}

/**
 * Makes the job of a recipe.
 *
 * @throws {Error} when the batch is to be computed in parts, or the images cannot be cut into patches.
 */
export function prepareClip(
  { recipe, captioned: { train, meanings }, seed, reading }: ClipInput,
): ClipTraining {
  const { batch: { micro, total }, precision } = recipe;
  if (micro < total) {
    throw new Error(
      `A CLIP compares each image of a batch with all of its captions, so that a batch of ${total} ` +
        `cannot be computed ${micro} at a time: give --batch.total ${micro}, or no --batch.micro`,
    );
  }
  const images = trainingImages(train, recipe.data, reading);
  const { dataset, augmentation } = images;
  const { channels } = imageFormatOf(dataset);
  const tokenizer = tokenizerOf(train.captions);
  const configuration = clipOf(recipe, tokenizer);
  const specifications = describeClip(configuration, channels);
  const optimization = optimizationOf(recipe, { images: train.length, specifications });
  const job = clipJob({
    ...{ phase: recipe.model.kind, seed, configuration, tokenizer, precision },
    ...{ dataset, augmentation, meanings },
    optimization: { ...optimization, weightDecay: recipe.optimizer.weightDecay },
  });
  return { job, images, channels, tokenizer, configuration, specifications };
}
