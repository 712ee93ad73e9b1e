/**
 * The pictures of a CLIP: where it looks, and what it finds alike.
 *
 * @module
 */
import type { ClipConfiguration } from "../../lib/backbones/clip_variants.ts";
import { clipVision } from "../../lib/backbones/clip_vision.ts";
import { type LabelledDataset, sourceOf, subsetOf } from "../../lib/data/mod.ts";
import { rowsOf, type SummaryWriter, tf } from "../../lib/engine/mod.ts";
import { type Parameters, scope } from "../../lib/nn/scope.ts";
import { heatOverlay, imageGrid, pictureOf } from "../../lib/plots/mod.ts";
import type { DataSection } from "../../lib/recipes/data.ts";
import type { RunWriter } from "../../lib/runs/mod.ts";
import { normalizedImages } from "../../lib/trainers/normalized_images.ts";
import type { Images } from "../training/choose_images.ts";
import { clipFeatures, type TrainedClip } from "../training/frozen.ts";
import { oneOfEachClass, writeNeighbours } from "../training/pictures.ts";
import { fewImages, inMemory } from "../training/recipe_images.ts";
import { summarizePicture } from "../training/write_picture.ts";

// Columns of the grid.
const shown = 9;
// About so wide is one of them, in pixels, whatever the images' size.
const columnPixels = 84;
// Of what is read one by one: neighbours are looked for among so many.
const neighbourhood = 200;

function spread(length: number, count: number): number[] {
  const most = Math.min(length, count);
  return Array.from({ length: most }, (_, k) => Math.floor(k * length / most));
}

/** Images of different classes first, where there are classes, then such from all over. */
function variedImages(images: Images, count: number): number[] {
  const classes = images.labels === undefined
    ? []
    : oneOfEachClass(images as LabelledDataset, count);
  if (inMemory(images)) return classes;
  return [...new Set([...classes, ...spread(images.length, 2 * count)])].slice(0, count);
}

/** Chosen images in memory, as the network sees them in evaluation. */
async function chosenImages(
  images: Images,
  indices: readonly number[],
  data: DataSection,
): Promise<LabelledDataset> {
  const source = inMemory(images) ? sourceOf(images) : images;
  const few = subsetOf(source, indices, "shown");
  return await fewImages(few, data, indices.length);
}

/**
 * Reads the images of the picture of where a CLIP looks, and returns what writes it after a step; each
 * takes the place of the one before.
 */
export async function attentionPicture(
  run: RunWriter,
  images: Images,
  data: DataSection,
  { vision }: ClipConfiguration,
): Promise<
  (parameters: Parameters, step: number, summaries?: SummaryWriter) => Promise<void>
> {
  const dataset = await chosenImages(images, variedImages(images, shown), data);
  const indices = Array.from({ length: dataset.length }, (_, index) => index);
  const originals = indices.map((index) => pictureOf(dataset, index));
  return async (parameters, step, summaries) => {
    const importance = tf.tidy(() =>
      clipVision(
        scope(parameters).at("visual"),
        normalizedImages(dataset, indices),
        vision,
      ).importance
    );
    const weights = await rowsOf(importance);
    importance.dispose();
    const overlays = originals.map((picture, column) =>
      heatOverlay(picture, weights[column]!, vision.patchSize)
    );
    const png = await imageGrid([originals, overlays], {
      rowTitles: ["original", "importance"],
      scale: Math.max(1, Math.round(columnPixels / dataset.width)),
    });
    if (summaries !== undefined) await summarizePicture(summaries, png, step);
    await run.writePicture({
      file: "attention.png",
      title: `Where the CLIP looks after step ${step}`,
      caption:
        "Attention of the class token to each patch of images: MILAN keeps patches of high " +
        "attention more often.",
    }, png);
  };
}

/** Writes the picture of test images and those that a CLIP finds alike. */
export async function writeClipNeighbours(
  run: RunWriter,
  test: Images,
  data: DataSection,
  clip: TrainedClip,
): Promise<void> {
  const whole = inMemory(test) && test.height === data.imageSize;
  const some = whole
    ? test
    : await chosenImages(test, spread(test.length, neighbourhood), data);
  await writeNeighbours(run, some, clipFeatures(clip), "CLIP's");
}
