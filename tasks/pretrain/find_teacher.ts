/**
 * The teacher that a run learns from: a given one, or one that is trained first, in a run of its own.
 *
 * @module
 */
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { openRun } from "../../lib/runs/mod.ts";
import { imageFormatOf } from "../../lib/trainers/streamed_images.ts";
import { captionImages } from "../clip/captioned_images.ts";
import { type ClipRun, describeClipRun, runClip } from "../clip/run_clip.ts";
import { clipPath } from "../clip/save_teacher.ts";
import {
  type ImagesChoice,
  nameOfImages,
  type TaskImages,
} from "../training/choose_images.ts";
import { type Reading, trainingImages } from "../training/recipe_images.ts";
import type { Saving } from "../training/saving.ts";
import { type HeldTeacher, loadTeacher, teacherRecipe } from "../training/teacher.ts";

/** Who looks for a teacher. */
export interface TeacherSearch {
  recipe: PretrainRecipe;
  choice: ImagesChoice;
  images: TaskImages;
  seed: number;
  reading: Reading;
  saving?: Saving;
  /** What was written after `--teacher`. */
  teacher: string;
  /** The run folder of the student. */
  out: string;
  command: string;
  inputs: ClipRun["inputs"];
}

/** Whether a teacher must be trained for a run. */
function trainsOne({ recipe, teacher }: Pick<TeacherSearch, "recipe" | "teacher">) {
  return recipe.teacher?.kind === "trained" && teacher === "";
}

/**
 * Throws where a teacher is needed that cannot be trained on these images: `--dry` should say so, too.
 */
export function requireTeachable(
  search: Pick<TeacherSearch, "recipe" | "teacher" | "images" | "seed">,
): void {
  if (trainsOne(search)) captionImages(search.images, search.seed);
}

/** Where a teacher for these images is kept, beside the run that needs it. */
function teacherFolder(out: string, name: string, seed: number): string {
  const parent = /^(.*)\/[^/]+\/*$/.exec(out)?.[1] ?? ".";
  return `${parent}/${name}-seed${seed}`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Throws when a finished teacher beside the run was trained otherwise, or on other images. */
async function requireSameTeacher(clipRun: ClipRun): Promise<void> {
  const { folder } = clipRun;
  if (!await exists(`${folder}/run.json`)) return; // somebody has put it there
  try {
    await openRun(folder, describeClipRun(clipRun));
  } catch (error) {
    throw new Error(
      `The teacher beside this run is another one: ${
        (error as Error).message
      }; --teacher ` +
        `${folder} takes it as it is`,
      { cause: error },
    );
  }
}

/**
 * The teacher of a run; nothing where its recipe has none, and a number where its training was
 * stopped: the exit status.
 */
export async function findTeacher(
  search: TeacherSearch,
): Promise<HeldTeacher | number | undefined> {
  const { recipe, choice, images, seed, reading, out, command, inputs } = search;
  if (recipe.teacher === undefined) return undefined;
  const student = imageFormatOf(
    trainingImages(images.train, recipe.data, reading).dataset,
  );
  if (!trainsOne(search)) return await loadTeacher(recipe, search.teacher, student);
  const training = teacherRecipe(recipe, choice);
  const folder = teacherFolder(out, `${training.name}-${nameOfImages(choice)}`, seed);
  const clipRun: ClipRun = {
    ...{ recipe: training, seed, reading, folder, command, inputs, measured: false },
    ...search.saving && { saving: search.saving },
    captioned: captionImages(images, seed),
  };
  if (await exists(clipPath(folder))) await requireSameTeacher(clipRun);
  else {
    console.error(
      `${recipe.name} learns from a CLIP: ${training.name} is trained first, in ${folder} ` +
        "(--teacher RUN takes another)",
    );
    const status = await runClip(clipRun);
    if (status !== 0) return status;
  }
  console.error(`The teacher is ${folder}`);
  return await loadTeacher(recipe, folder, student);
}
