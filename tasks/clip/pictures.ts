/**
 * The pictures of a tiny CLIP: where it looks, and what it finds alike.
 *
 * @module
 */
import { clipVision } from "../../lib/backbones/clip_vision.ts";
import { rowsOf, tf } from "../../lib/engine/mod.ts";
import { scope } from "../../lib/nn/scope.ts";
import { heatOverlay, imageGrid, pictureOf } from "../../lib/plots/mod.ts";
import type { RunWriter } from "../../lib/runs/mod.ts";
import { normalizedImages } from "../../lib/trainers/normalized_images.ts";
import { clipFeatures, type TrainedClip } from "../training/frozen.ts";
import { oneOfEachClass, writeNeighbours } from "../training/pictures.ts";
import type { ClipData } from "./data.ts";

async function attentionGrid(
  { test }: ClipData,
  { parameters, configuration }: TrainedClip,
): Promise<Uint8Array> {
  const indices = oneOfEachClass(test, 9);
  const importance = tf.tidy(() =>
    clipVision(
      scope(parameters).at("visual"),
      normalizedImages(test, indices),
      configuration.vision,
    ).importance
  );
  const weights = await rowsOf(importance);
  importance.dispose();
  const originals = indices.map((index) => pictureOf(test, index));
  const { patchSize } = configuration.vision;
  return imageGrid([
    originals,
    originals.map((picture, column) => heatOverlay(picture, weights[column]!, patchSize)),
  ], {
    rowTitles: ["original", "importance"],
    scale: Math.max(1, Math.round(84 / test.width)),
  });
}

/** Writes all pictures. */
export async function writePictures(
  run: RunWriter,
  data: ClipData,
  clip: TrainedClip,
): Promise<void> {
  await run.writePicture({
    file: "attention.png",
    title: "Where the CLIP looks",
    caption:
      "Attention of the class token to each patch of test images: MILAN keeps patches of " +
      "high attention more often.",
  }, await attentionGrid(data, clip));
  await writeNeighbours(run, data.test, clipFeatures(clip), "CLIP's");
}
