import { assert, assertEquals } from "@std/assert";
import { sourceOf } from "../../lib/data/source.ts";
import type { ImageSource } from "../../lib/data/source.ts";
import type { Transform } from "../../lib/data/transform.ts";
import { disposeTree, flatten } from "../../lib/engine/mod.ts";
import { evaluateLogits } from "../../lib/trainers/evaluate.ts";
import { finetuneJob } from "../../lib/trainers/finetune.ts";
import { imageBatches } from "../../lib/trainers/image_batches.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { evaluationPass } from "../../lib/trainers/streamed_images.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { toyImages, toyVit } from "./toy.ts";

const transform: Transform = {
  size: { height: 8, width: 8 },
  crop: (picture) => ({
    ...picture,
    ...{ top: 0, left: 0, mirrored: false, interpolation: "nearest" },
  }),
};
const dataset = toyImages(40);
const source = sourceOf(dataset);

Deno.test("imageBatches() that are read are those of memory, in parts and from any step on", async () => {
  const sizes = [{ batchSize: 12 }, { batchSize: 12, microBatchSize: 4 }, {
    ...{ batchSize: 12, microBatchSize: 5 },
  }];
  for (const size of sizes) {
    const read = imageBatches({ source, transform }, { ...size, seed: 3 });
    const inMemory = imageBatches(dataset, { ...size, seed: 3 });
    const parts = size.microBatchSize === undefined ? 1 : 3;
    for (const step of [0, 1, 5, 2]) {
      for (let part = 0; part < parts; part++) {
        const [one, other] = [await read(step, part), inMemory(step, part)];
        assertEquals(one.indices, other.indices);
        assertEquals(one.labels, other.labels);
        assertEquals(one.images.shape, other.images.shape);
        assertEquals(one.images.dataSync(), other.images.dataSync());
        disposeTree([one.images, other.images]);
      }
    }
    await read.close();
  }
});

Deno.test("train() on images that are read ends as on images in memory, bit for bit", async () => {
  const states = [];
  for (const images of [dataset, { source, transform }]) {
    const job = finetuneJob({
      ...{ phase: "finetune", seed: 0, dataset: images },
      model: { backbone: { kind: "vit", ...toyVit }, classes: 4 },
      optimization: {
        ...{ steps: 3, batchSize: 12, learningRate: 1e-3 },
        ...{ weightDecay: 0, layerDecay: 1 },
      },
    });
    states.push(await train(job, { progress: noProgress }));
  }
  const [one, other] = states.map((state) => flatten(state).tensors);
  one!.forEach((tensor, index) =>
    assertEquals(tensor.dataSync(), other![index]!.dataSync())
  );
  disposeTree(states);
});

Deno.test("an evaluation leaves out what cannot be read, and says so", async () => {
  const damaged: ImageSource = {
    ...source,
    read: (index) =>
      index === 7 ? Promise.reject(new Error("no picture")) : source.read(index),
  };
  const said: string[] = [];
  const images = {
    source: damaged,
    transform,
    maxBad: 0.1,
    say: (s: string) => said.push(s),
  };
  const report = await evaluateLogits(
    (x) => x.slice([0, 0, 0, 0], [-1, 1, 4, 1]).reshape([-1, 4]),
    images,
    4,
    { phase: "test", batchSize: 16 },
  );
  assertEquals(report.count, 39);
  // It is said once, however often the images are gone through.
  for await (const { count } of evaluationPass(images, 16)) assert(count > 0);
  assertEquals(said.length, 1);
  assert(
    said[0]!.includes("cannot be read") && said[0]!.includes("no picture"),
    said[0]!,
  );
});
