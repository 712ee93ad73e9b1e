import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { describeClip } from "../../lib/backbones/clip.ts";
import { tinyClip } from "../../lib/backbones/clip_variants.ts";
import { withoutLabels } from "../../lib/data/mod.ts";
import { disposeTree, flatten, randomKey } from "../../lib/engine/mod.ts";
import { clipTeacher } from "../../lib/methods/teacher.ts";
import { initializeParameters } from "../../lib/nn/scope.ts";
import { maePretext, milanPretext, type Pretext } from "../../lib/trainers/pretext.ts";
import { pretrainJob } from "../../lib/trainers/pretrain.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { toyImages, toyModel } from "./toy.ts";

function milan(): Pretext {
  const configuration = tinyClip({
    ...{ imageSize: 8, patchSize: 2, vocabularySize: 8, contextLength: 4 },
    ...{ width: 16, layers: 1, textLayers: 1, heads: 2 },
  });
  const clip = initializeParameters(describeClip(configuration, 1), randomKey(1));
  const masker = { kind: "semantic", maskRatio: 0.75 } as const;
  return milanPretext(toyModel, clipTeacher(clip, configuration.vision), masker);
}

const pretexts = {
  mae: () => maePretext(toyModel, { kind: "random", maskRatio: 0.75 }),
  milan,
};

for (const [name, pretext] of Object.entries(pretexts)) {
  Deno.test(`pretrainJob() of ${name} with rematerialize trains as without`, async () => {
    const states = [];
    for (const rematerialize of [false, true]) {
      const job = pretrainJob({
        ...{ phase: name, seed: 0, dataset: withoutLabels(toyImages()), rematerialize },
        pretext: pretext(),
        optimization: {
          ...{ steps: 3, batchSize: 8, learningRate: 0.1, weightDecay: 0 },
          optimizer: { kind: "sgd" },
        },
      });
      states.push(await train(job, { progress: noProgress }));
    }
    const [plain, again] = states.map((state) => flatten(state).tensors);
    assertEquals(plain!.length, again!.length);
    let largest = 0;
    plain!.forEach((tensor, index) => {
      const other = again![index]!.dataSync();
      tensor.dataSync().forEach((value: number, at: number) => {
        assertAlmostEquals(value, other[at]!, 1e-5);
        largest = Math.max(largest, Math.abs(value));
      });
    });
    assert(largest > 0.01);
    disposeTree(states);
  });
}
