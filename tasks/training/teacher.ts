/**
 * The teacher of a recipe: a released CLIP, or a small one that is trained first.
 *
 * @module
 */
import { describeClip } from "../../lib/backbones/clip.ts";
import { clipVariant, tinyClip } from "../../lib/backbones/clip_variants.ts";
import type { ClipVisionConfiguration } from "../../lib/backbones/clip_vision.ts";
import {
  type CaptionedDataset,
  captionedSubset,
  type EmojiDataset,
  type LabelledDataset,
  randomFlipShift,
  type WordTokenizer,
  wordTokenizer,
} from "../../lib/data/mod.ts";
import { disposeTree, randomKey, tf } from "../../lib/engine/mod.ts";
import {
  clipPixelStatistics,
  clipTeacher,
  type PixelStatistics,
  type Teacher,
} from "../../lib/methods/teacher.ts";
import { initializeParameters, type Parameters } from "../../lib/nn/scope.ts";
import { optimizationOf } from "../../lib/recipes/build_optimization.ts";
import type { ContrastiveRecipe, PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { clipJob } from "../../lib/trainers/clip_training.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { loadClip } from "../../lib/zoo/clip.ts";
import { saveTeacher } from "../clip/save_teacher.ts";
import type { ImagesChoice, TaskImages } from "./choose_images.ts";
import { recipeFor } from "./adapt_recipe.ts";
import { inMemory } from "./recipe_images.ts";
import { describeRun, recipeOfRun, runToEnd } from "./run_to_end.ts";

/** A teacher with what holds it. */
export interface HeldTeacher {
  teacher: Teacher;
  dispose(): void;
}

// Of images with classes alone: as in the quickstart.
const captionedShare = 0.1;

/** Images with captions; class names become sentences where there are no others. */
function captioned(train: TaskImages["train"], seed: number): CaptionedDataset {
  if (inMemory(train)) {
    if ("captions" in train) return train as EmojiDataset;
    const count = Math.round(captionedShare * train.length);
    return captionedSubset(train, { count, seed });
  }
  throw new Error(
    `A teacher is trained on images in memory, and ${train.name} is read one by one: give a ` +
      "trained one with --teacher RUN, or choose --teacher.kind released",
  );
}

/** Where a teacher for these images is kept, beside the run that needs it. */
export function teacherFolder(out: string, name: string, seed: number): string {
  const parent = /^(.*)\/[^/]+\/*$/.exec(out)?.[1] ?? ".";
  return `${parent}/${name}-seed${seed}`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** What a CLIP is trained on, and how. */
export interface TeacherTraining {
  recipe: ContrastiveRecipe;
  images: TaskImages;
  seed: number;
  folder: string;
  command: string;
}

function configurationOf(
  { model, data }: ContrastiveRecipe,
  { vocabularySize, contextLength }: Pick<
    WordTokenizer,
    "vocabularySize" | "contextLength"
  >,
) {
  const { patchSize, width, layers, textLayers } = model;
  return tinyClip({
    ...{ imageSize: data.imageSize, vocabularySize, contextLength },
    ...{ patchSize, width, layers, textLayers },
  });
}

function requireQuick(
  { data: { transform, imageSize } }: ContrastiveRecipe,
  dataset: LabelledDataset,
) {
  const { crop, flip } = transform;
  if (dataset.height !== imageSize || crop.kind !== "shift") {
    throw new Error(
      `A teacher is trained on whole images of ${dataset.height} pixels, moved by a few: give ` +
        "another one with --teacher RUN",
    );
  }
  return randomFlipShift({ maxShift: crop.pixels, flip: flip > 0 });
}

/** Trains a small CLIP, or does what is left of it; returns the exit status. */
export async function trainTeacher(
  { recipe, images, seed, folder, command }: TeacherTraining,
): Promise<number> {
  const dataset = captioned(images.train, seed);
  const augmentation = requireQuick(recipe, dataset);
  const tokenizer = wordTokenizer(dataset.captions);
  const configuration = configurationOf(recipe, tokenizer);
  const specifications = describeClip(configuration, dataset.channels);
  const { groups: _, ...optimization } = optimizationOf(recipe, {
    images: dataset.length,
    specifications,
  });
  const { weightDecay } = recipe.optimizer;
  const wanted = describeRun({
    ...{ name: `A CLIP on ${dataset.name}`, command, seeds: [seed] },
    ...recipeOfRun(recipe),
  }, { train: dataset });
  return await runToEnd(folder, wanted, async (_run, surroundings) => {
    const state = await train(
      clipJob({
        ...{ phase: "clip", seed, configuration, dataset, tokenizer, augmentation },
        ...(dataset as Partial<EmojiDataset>).conceptIds === undefined
          ? { meanings: Int32Array.from(dataset.labels) }
          : { meanings: (dataset as EmojiDataset).conceptIds },
        optimization: { ...optimization, weightDecay },
      }),
      surroundings,
    );
    const clip = { parameters: parametersOf(state), configuration, tokenizer };
    await saveTeacher(folder, clip, dataset.fingerprint);
    disposeTree(state);
  });
}

/** Patches of a student, which a small teacher must share. */
function patchOf({ model: { backbone } }: PretrainRecipe): number | undefined {
  if (backbone.kind === "vit") return Number(backbone.variant.split("/")[1]);
  return undefined;
}

/** The recipe of a teacher that is trained for a student. */
export function teacherRecipe(
  student: PretrainRecipe,
  images: ImagesChoice,
): ContrastiveRecipe {
  const { teacher, data } = student;
  if (teacher?.kind !== "trained") throw new Error(`${student.name} trains no teacher`);
  const recipe = recipeFor(teacher.recipe, images);
  if (recipe.task !== "clip") {
    throw new Error(
      `--teacher.recipe names ${recipe.name}, which is for ${recipe.task}: name one for a clip`,
    );
  }
  recipe.data = structuredClone(data);
  const patchSize = patchOf(student) ?? recipe.model.patchSize;
  return { ...recipe, model: { ...recipe.model, patchSize } };
}

function held(
  parameters: Parameters,
  vision: ClipVisionConfiguration,
  statistics?: { student: PixelStatistics; teacher: PixelStatistics },
): HeldTeacher {
  const options = statistics === undefined ? {} : { statistics };
  return {
    teacher: clipTeacher(parameters, vision, options),
    dispose: () => disposeTree(parameters),
  };
}

/**
 * Reads a teacher from a folder that `deno task clip` or `deno task pretrain` wrote, from a
 * safetensors file, or a released one from the cache.
 *
 * @param student how the student's images are normalised.
 */
export async function loadTeacher(
  recipe: PretrainRecipe,
  from: string,
  student: PixelStatistics,
): Promise<HeldTeacher> {
  const { teacher } = recipe;
  const isFolder = await exists(`${from}/clip.safetensors`);
  const isReleased = from === "" && teacher?.kind === "released";
  const path = isReleased
    ? `ViT-${teacher.variant}`
    : isFolder
    ? `${from}/clip.safetensors`
    : from;
  const { parameters, vision } = await loadClip(path, { towers: "vision" });
  const patch = patchOf(recipe);
  const { imageSize } = recipe.data;
  if (
    vision.imageSize !== imageSize || (patch !== undefined && vision.patchSize !== patch)
  ) {
    disposeTree(parameters);
    throw new Error(
      `The teacher ${path} is for images of ${vision.imageSize} pixels with patches of ` +
        `${vision.patchSize}, ${recipe.name} has ${imageSize} with ${patch}: give another with ` +
        "--teacher, or move this one away",
    );
  }
  // One that was trained here has seen images that were normalised as the student's.
  if (isFolder || student.mean.length !== 3) return held(parameters, vision);
  return held(parameters, vision, { student, teacher: clipPixelStatistics });
}

/** A teacher with parameters as drawn, of the right shape: for measuring, and learning by heart. */
export function drawnTeacher(
  student: PretrainRecipe,
  channels: number,
): HeldTeacher {
  const { teacher, data } = student;
  const vision = teacher?.kind === "released"
    ? clipVariant(teacher.variant).vision
    : tinyClip({
      ...{ imageSize: data.imageSize, patchSize: patchOf(student) ?? 4, layers: 3 },
      ...{ vocabularySize: 8, contextLength: 4 },
    }).vision;
  const parameters = tf.tidy(() =>
    initializeParameters(describeClip({ vision }, channels), randomKey(0))
  );
  return held(parameters, vision);
}
