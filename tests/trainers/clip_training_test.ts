import { assertEquals, assertLess, assertThrows } from "@std/assert";
import { tinyClip } from "../../lib/backbones/clip_variants.ts";
import { sourceOf, withoutLabels, wordTokenizer } from "../../lib/data/mod.ts";
import { disposeTree, flatten } from "../../lib/engine/mod.ts";
import { clipJob } from "../../lib/trainers/clip_training.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { wholePicture } from "../data/pictures.ts";
import { toyImages } from "./toy.ts";

const toy = toyImages();
const tokenizer = wordTokenizer(toy.captions);
const { vocabularySize, contextLength } = tokenizer;
const shared = {
  ...{ phase: "clip", seed: 0, tokenizer },
  configuration: tinyClip({
    ...{ imageSize: 8, patchSize: 4, vocabularySize, contextLength },
    ...{ width: 16, layers: 1, textLayers: 1, heads: 2 },
  }),
  optimization: { steps: 4, batchSize: 16, learningRate: 3e-3, weightDecay: 0.1 },
};

/** The losses of a job, and its state. */
async function losses(job: ReturnType<typeof clipJob>) {
  const all: number[] = [];
  const state = await train(job, {
    progress: noProgress,
    afterStep: (_step, _state, loss) => void all.push(loss),
  });
  return { all, state };
}

Deno.test("clipJob() on images that are read ends as on images in memory, bit for bit", async () => {
  const transform = wholePicture({ height: 8, width: 8 });
  const read = { source: sourceOf(toy), transform };
  const states = [];
  for (const dataset of [toy, read]) {
    states.push((await losses(clipJob({ ...shared, dataset }))).state);
  }
  const [one, other] = states.map((state) => flatten(state).tensors);
  one!.forEach((tensor, index) =>
    assertEquals(tensor.dataSync(), other![index]!.dataSync())
  );
  disposeTree(states);
});

Deno.test("clipJob() gets to a loss near 0, however often its four captions repeat", async () => {
  const optimization = { ...shared.optimization, steps: 300 };
  const { all, state } = await losses(clipJob({ ...shared, optimization, dataset: toy }));
  assertLess(all.at(-1)!, 0.1 * all[0]!);
  disposeTree(state);
});

Deno.test("clipJob() needs captions", () => {
  assertThrows(
    () => clipJob({ ...shared, dataset: withoutLabels(toy) }),
    Error,
    "A CLIP learns from captions, and toy has none",
  );
});
