/**
 * The picture of a method in a run folder, while it trains and at the end.
 *
 * @module
 */
import type { LabelledDataset } from "../../lib/data/mod.ts";
import type { SummaryWriter } from "../../lib/engine/mod.ts";
import type { Parameters } from "../../lib/nn/scope.ts";
import type { RunWriter } from "../../lib/runs/mod.ts";
import type { Pretext } from "../../lib/trainers/pretext.ts";
import { pretextPictures } from "../../lib/trainers/pretext_pictures.ts";

/** What is shown. */
export interface MethodPicture {
  run: RunWriter;
  pretext: Pretext;
  /** A few images. */
  images: LabelledDataset;
  /** Names the method. */
  phase: string;
}

// About so wide is a column of the grid, in pixels, whatever the images' size.
const columnPixels = 84;

/** Brings a PNG to TensorBoard, which takes pixels. */
export async function summarizePicture(
  summaries: SummaryWriter,
  png: Uint8Array,
  step: number,
): Promise<void> {
  const { default: sharp } = await import("sharp");
  const { data, info } = await sharp(png).removeAlpha().toColorspace("srgb").raw()
    .toBuffer({ resolveWithObject: true });
  const values = new Uint8Array(data);
  const { height, width, channels } = info;
  summaries.images("pictures", { values, shape: [1, height, width, channels] }, step);
}

/**
 * Writes what a method makes of a few images after a step; it takes the place of earlier ones. In
 * TensorBoard's file they stay.
 */
export async function writeMethodPicture(
  { run, pretext, images, phase }: MethodPicture,
  parameters: Parameters,
  step: number,
  summaries?: SummaryWriter,
): Promise<void> {
  const png = await pretextPictures(parameters, {
    ...{ pretext, dataset: images },
    indices: Array.from({ length: images.length }, (_, index) => index),
    scale: Math.max(1, Math.round(columnPixels / images.width)),
  });
  if (summaries !== undefined) await summarizePicture(summaries, png, step);
  await run.writePicture({
    file: `${phase}.png`,
    title: `What ${phase} makes of images after step ${step}`,
    caption:
      "Rows: the images, what the network sees of them, and what it predicts or how wrong it is.",
  }, png);
}
