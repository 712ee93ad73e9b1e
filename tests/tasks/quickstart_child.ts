/**
 * The quickstart on a few images and with tiny networks, as a process of its own. Its argument is
 * the run folder.
 *
 * @module
 */
import type { LabelledDataset } from "../../lib/data/mod.ts";
import { quickstartRecipe } from "../../lib/recipes/quickstart.ts";
import { runTask } from "../../tasks/arguments.ts";
import { loadData } from "../../tasks/quickstart/phases.ts";
import { quickstart } from "../../tasks/quickstart/quickstart.ts";

function firstOf(dataset: LabelledDataset, length: number): LabelledDataset {
  const size = dataset.height * dataset.width * dataset.channels;
  return {
    ...dataset,
    length,
    images: dataset.images.slice(0, length * size),
    labels: dataset.labels.slice(0, length),
    fingerprint: `${dataset.fingerprint}, the first ${length}`,
  };
}

const normal = quickstartRecipe(5);
const recipe: typeof normal = {
  ...normal,
  backbone: { ...normal.backbone, patchSize: 7, width: 32, depth: 1, heads: 2 },
  decoder: { width: 32, depth: 1, heads: 2 },
  captionedImages: 400,
  labelledImages: 100,
  teacher: { ...normal.teacher, steps: 6, batchSize: 64, layers: 1 },
  pretraining: { ...normal.pretraining, steps: 8, batchSize: 64 },
  finetuning: { ...normal.finetuning, steps: 8, batchSize: 32 },
};

await runTask(() =>
  quickstart({ minutes: 0.02, seed: 0, seeds: 1, out: Deno.args[0]! }, {
    recipe,
    async load() {
      const { train, test } = await loadData();
      return { train: firstOf(train, 2000), test: firstOf(test, 500) };
    },
  })
);
