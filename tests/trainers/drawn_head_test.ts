import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { tf } from "../../lib/engine/mod.ts";
import { resnetVariant } from "../../lib/backbones/resnet.ts";
import type { Parameters } from "../../lib/nn/scope.ts";
import { withDrawnHead } from "../../lib/trainers/drawn_head.ts";
import { finetuneJob, type FinetuneOptions } from "../../lib/trainers/finetune.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { linearProbeJob } from "../../lib/trainers/linear_probe_job.ts";
import { toyImages, toyVit } from "./toy.ts";

const dataset = toyImages(16);
const optimization = { steps: 1, batchSize: 4, learningRate: 0.1 };

function finetuned(more: Partial<FinetuneOptions>) {
  const backbone = { kind: "vit", ...toyVit } as const;
  const job = finetuneJob({
    ...{ phase: "finetune", seed: 0, dataset, model: { backbone, classes: 4 } },
    optimization: {
      ...{ ...optimization, weightDecay: 0, layerDecay: 1 },
      ema: { momentum: 0.9 },
    },
    ...more,
  });
  return job.initial();
}

/** The root of the mean square. */
function deviationOf(values: ArrayLike<number>): number {
  return Math.sqrt(
    Array.from(values).reduce((sum, value) => sum + value ** 2, 0) / values.length,
  );
}

Deno.test("finetuneJob() draws the head anew, as wide as it is told, whatever was pretrained", () => {
  const pretrained: Parameters = {
    ...parametersOf(finetuned({ seed: 9 })),
    "head.weight": tf.fill([16, 4], 7),
    "head.bias": tf.fill([4], 7),
  };
  const body = "blocks.0.mlp.fc1.weight";
  const state = finetuned({ pretrained, headDeviation: 0.5 });
  const { "head.weight": weight, "head.bias": bias, [body]: taken } = parametersOf(state);
  const drawn = weight!.dataSync();
  const deviation = deviationOf(drawn);
  assert(deviation > 0.35 && deviation < 0.65, `${deviation}`);
  assertEquals([...bias!.dataSync()], [0, 0, 0, 0]);
  assertEquals(taken!.dataSync(), pretrained[body]!.dataSync());
  // The average starts as the parameters do.
  assertEquals((state.ema as Parameters)["head.weight"]!.dataSync(), drawn);
  // The seed alone decides, and the rest of the network stays as it was without it.
  const scratch = parametersOf(finetuned({ headDeviation: 0.5, phase: "scratch" }));
  assertEquals(scratch["head.weight"]!.dataSync(), drawn);
  const other = parametersOf(finetuned({ headDeviation: 0.5, seed: 1 }));
  assertNotEquals(other["head.weight"]!.dataSync(), drawn);
  const [plain, zero] = [{}, { headDeviation: 0 }].map((more) =>
    parametersOf(finetuned(more))
  );
  assertEquals(plain![body]!.dataSync(), zero![body]!.dataSync());
  assert(deviationOf(plain!["head.weight"]!.dataSync()) < 1e-4); // MAE's 2e-5
  assertEquals(deviationOf(zero!["head.weight"]!.dataSync()), 0);
});

Deno.test("finetuneJob() finds the head of a network with openmixup's names", () => {
  const backbone = {
    ...{ kind: "resnet", ...resnetVariant(50) } as const,
    ...{ depths: [1], stemChannels: 4, baseChannels: 4 },
  };
  const images = new Uint8Array(4 * 32 * 32 * 3);
  const colours = {
    ...{ ...dataset, length: 4, height: 32, width: 32, channels: 3, images },
    ...{ mean: [0, 0, 0], std: [1, 1, 1], background: [0, 0, 0] },
  };
  const state = finetuned({
    ...{ dataset: colours, model: { backbone, classes: 4 }, headDeviation: 0 },
  });
  assertEquals(deviationOf(parametersOf(state)["head.fc.weight"]!.dataSync()), 0);
});

Deno.test("linearProbeJob() draws its layer as wide as it is told", () => {
  const values = new Float32Array(4 * 50);
  const features = {
    features: { values, length: 4, width: 50 },
    labels: new Uint8Array(4),
  };
  for (const headDeviation of [0, 0.3]) {
    const job = linearProbeJob({
      ...{ phase: "probe", seed: 0, classes: 10, data: { features }, optimization },
      headDeviation,
    });
    const deviation = deviationOf(
      parametersOf(job.initial())["head.1.weight"]!.dataSync(),
    );
    assert(Math.abs(deviation - headDeviation) <= 0.03, `${deviation}`);
  }
});

Deno.test("withDrawnHead() says what cannot be", () => {
  const head = { weight: "head.weight", deviation: 1, seed: 0 };
  assertThrows(
    () => withDrawnHead(new Map(), head),
    Error,
    'no head "head.weight" among 0',
  );
  const specification = {
    ...{ shape: [1], layout: "plain" as const, trainable: true },
    initial: () => tf.zeros([1]),
  };
  const some = new Map([["head.weight", specification]]);
  assertThrows(() => withDrawnHead(some, { ...head, deviation: -1 }), Error, "got -1");
});
