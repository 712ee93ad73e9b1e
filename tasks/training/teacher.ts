/**
 * The teacher of a recipe: a released CLIP, or a small one that was trained here.
 *
 * @module
 */
import { describeClip } from "../../lib/backbones/clip.ts";
import { clipVariant, tinyClip } from "../../lib/backbones/clip_variants.ts";
import type { ClipVisionConfiguration } from "../../lib/backbones/clip_vision.ts";
import { disposeTree, randomKey, tf } from "../../lib/engine/mod.ts";
import {
  clipPixelStatistics,
  clipTeacher,
  type PixelStatistics,
  type Teacher,
} from "../../lib/methods/teacher.ts";
import { initializeParameters, type Parameters } from "../../lib/nn/scope.ts";
import type { ContrastiveRecipe, PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { openCheckpoint } from "../../lib/zoo/checkpoint_file.ts";
import { clipFile, loadClip } from "../../lib/zoo/clip.ts";
import { isReleased } from "../../lib/zoo/registry/mod.ts";
import { clipPath, statisticsIn } from "../clip/save_teacher.ts";
import { recipeFor } from "./adapt_recipe.ts";
import type { ImagesChoice } from "./choose_images.ts";
import { type TeacherFile, teacherFile } from "./teacher_file.ts";

/** A teacher with what holds it. */
export interface HeldTeacher {
  teacher: Teacher;
  /** Where it came from, unless it was drawn. */
  file?: TeacherFile;
  dispose(): void;
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
  const { steps = recipe.steps } = teacher;
  return { ...recipe, steps, model: { ...recipe.model, patchSize } };
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

const waysToGetOne =
  "give --teacher the folder of a run of deno task clip, a file of weights, or the name of a " +
  "released CLIP, such as ViT-B/16";

/** Why a folder holds no teacher. */
async function noTeacherIn(folder: string): Promise<Error> {
  const text = await Deno.readTextFile(`${folder}/run.json`).catch(() => undefined);
  if (text === undefined) {
    return new Error(`"${folder}" holds no clip.safetensors: ${waysToGetOne}`);
  }
  const { command, recipe } = JSON.parse(text) as {
    command?: string;
    recipe?: { name?: string; task?: string };
  };
  return new Error(
    recipe?.task === "clip"
      ? `The CLIP in "${folder}" is not trained to its end: go on with ${command}`
      : `"${folder}" is a run of ${recipe?.name ?? command}, and a teacher is a CLIP: ` +
        waysToGetOne,
  );
}

/** The file, or the name of a released CLIP, that somebody means by `--teacher`. */
async function fileOf({ teacher }: PretrainRecipe, from: string): Promise<string> {
  if (from === "" && teacher?.kind === "released") return `ViT-${teacher.variant}`;
  const info = await Deno.stat(from).catch(() => undefined);
  if (info === undefined && isReleased(from)) return from;
  if (info === undefined) throw new Error(`There is no "${from}": ${waysToGetOne}`);
  if (info.isFile) return from;
  const path = clipPath(from);
  if (await Deno.stat(path).then(() => false, () => true)) throw await noTeacherIn(from);
  return path;
}

/** Throws unless a teacher sees the same patches of the same images as its student. */
function requireSameSight(
  path: string,
  { parameters, vision }: { parameters: Parameters; vision: ClipVisionConfiguration },
  recipe: PretrainRecipe,
  student: PixelStatistics,
): void {
  const { name, data: { imageSize } } = recipe;
  const patch = patchOf(recipe) ?? vision.patchSize;
  const channels = parameters["visual.conv1.weight"]!.shape[2]!; // HWIO
  const colours = (count: number) => count === 1 ? "grey" : "colour";
  if (channels !== student.mean.length) {
    throw new Error(
      `The teacher ${path} is for images in ${colours(channels)}, these are in ` +
        `${colours(student.mean.length)}: give another with --teacher`,
    );
  }
  if (vision.imageSize === imageSize && vision.patchSize === patch) return;
  throw new Error(
    `The teacher ${path} is for images of ${vision.imageSize} pixels with patches of ` +
      `${vision.patchSize}, ${name} has ${imageSize} with ${patch}: train one with deno task ` +
      `pretrain clip-tiny --data.imageSize ${imageSize} --model.patchSize ${patch}`,
  );
}

/** How a teacher's images were normalised, where that is another way than the student's. */
async function statisticsOf(
  path: string,
  student: PixelStatistics,
): Promise<{ student: PixelStatistics; teacher: PixelStatistics } | undefined> {
  const metadata = await (async () => {
    using file = await openCheckpoint(path);
    return file.metadata;
  })();
  // One of an older version does not say: it was for such images as its student's.
  if ("mimkit.dataset" in metadata && statisticsIn(metadata) === undefined) {
    return undefined;
  }
  // Released CLIPs see colours; what sees grey was trained here, and has been converted since.
  const isReleased = student.mean.length === clipPixelStatistics.mean.length;
  const teacher = statisticsIn(metadata) ?? (isReleased ? clipPixelStatistics : student);
  const isSame = `${[...teacher.mean, ...teacher.std]}` ===
    `${[...student.mean, ...student.std]}`;
  return isSame ? undefined : { student, teacher };
}

/**
 * Reads a teacher from a folder that `deno task clip` or `deno task pretrain` wrote, from a
 * file of weights, or a released one.
 *
 * @param student how the student's images are normalised.
 * @throws {Error} when there is none, or it sees other patches, sizes or colours than the student.
 */
export async function loadTeacher(
  recipe: PretrainRecipe,
  from: string,
  student: PixelStatistics,
): Promise<HeldTeacher> {
  const called = await fileOf(recipe, from);
  const path = await clipFile(called);
  const { parameters, vision } = await loadClip(path, { towers: "vision" });
  try {
    requireSameSight(path, { parameters, vision }, recipe, student);
    const statistics = await statisticsOf(path, student);
    const file = await teacherFile(path, called);
    return { ...held(parameters, vision, statistics), file };
  } catch (error) {
    disposeTree(parameters);
    throw error;
  }
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
