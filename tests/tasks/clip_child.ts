/**
 * `deno task clip` on a few images and with tiny networks, as a process of its own. Its arguments
 * are the data set and the run folder.
 *
 * @module
 */
import { type ClipDataset, clipRecipe } from "../../lib/recipes/clip.ts";
import { runTask } from "../../tasks/arguments.ts";
import { trainAndMeasure } from "../../tasks/clip/clip.ts";

const [data, out] = Deno.args as [ClipDataset, string];
const { training, ...normal } = clipRecipe(data, 3);
const recipe = {
  ...{ ...normal, patchSize: data === "emoji" ? 16 : 7 },
  ...(data === "emoji" ? {} : { captionedImages: 500 }),
  training: { ...training, steps: 12, batchSize: 32, layers: 1 },
};

await runTask(() => trainAndMeasure({ data, minutes: 0.02, seed: 0, out }, { recipe }));
