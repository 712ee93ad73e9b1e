/**
 * The quickstart's pictures: reconstructions, semantic masks, nearest neighbours.
 *
 * @module
 */
import { foldIn, randomKey, rowsOf, type Tensor, tf } from "../../lib/engine/mod.ts";
import { scope } from "../../lib/nn/scope.ts";
import { heatOverlay, imageGrid, maskOverlay, pictureOf } from "../../lib/plots/mod.ts";
import type { QuickstartRecipe } from "../../lib/recipes/quickstart.ts";
import type { RunWriter } from "../../lib/runs/mod.ts";
import { normalizedImages } from "../../lib/trainers/normalized_images.ts";
import { pretextPictures } from "../../lib/trainers/pretext_pictures.ts";
import { vitFeatures } from "../training/frozen.ts";
import { oneOfEachClass, writeNeighbours } from "../training/pictures.ts";
import type { QuickstartData, Trained } from "./phases.ts";

async function semanticMaskGrid(
  { test }: QuickstartData,
  { teacher, milan }: Trained,
  recipe: QuickstartRecipe,
): Promise<Uint8Array> {
  const { patchSize } = recipe.backbone;
  const indices = oneOfEachClass(test, 8);
  const draws = 2;
  const [importance, ...masks] = tf.tidy((): Tensor[] => {
    const images = normalizedImages(test, indices);
    const drawn = Array.from({ length: draws }, (_, draw) => {
      const key = foldIn(randomKey(draw), "pictures");
      return milan.pretext(scope(milan.parameters), images, key).mask.mask;
    });
    return [teacher(images).importance, ...drawn];
  });
  const originals = indices.map((index) => pictureOf(test, index));
  const weights = await rowsOf(importance!);
  const hidden = await Promise.all(masks.map(rowsOf));
  tf.dispose([importance!, ...masks]);
  const maskTitles = masks.map((_, draw) => `drawn mask ${draw + 1}`);
  return imageGrid([
    originals,
    originals.map((picture, column) => heatOverlay(picture, weights[column]!, patchSize)),
    ...hidden.map((rows) =>
      originals.map((picture, column) => maskOverlay(picture, rows[column]!, patchSize))
    ),
  ], { rowTitles: ["original", "importance", ...maskTitles], scale: 3 });
}

/** Writes all pictures of a seed. */
export async function writePictures(
  run: RunWriter,
  data: QuickstartData,
  trained: Trained,
  recipe: QuickstartRecipe,
): Promise<void> {
  await run.writePicture(
    {
      file: "reconstruction.png",
      title: "MAE: original, masked, reconstructed",
      caption:
        "Test images that no phase has seen. Grey patches are hidden from the encoder; the " +
        "reconstruction shows predicted patches with the original's brightness and contrast, and " +
        "visible patches as they are.",
    },
    await pretextPictures(trained.mae.parameters, {
      pretext: trained.mae.pretext,
      dataset: data.test,
      indices: oneOfEachClass(data.test, 8),
    }),
  );
  await run.writePicture({
    file: "semantic-mask.png",
    title: "MILAN: where the teacher looks, and the masks drawn from it",
    caption:
      "Importance is the attention of the teacher's class token to each patch; patches of " +
      "high importance are kept more often.",
  }, await semanticMaskGrid(data, trained, recipe));
  const encode = vitFeatures(trained.milan.parameters, recipe.backbone);
  await writeNeighbours(run, data.test, encode, "MILAN's");
}
