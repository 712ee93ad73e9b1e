/** The group `methods` of `deno task bench`: its models, its check, its target, its profile. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  disposeTree,
  memory,
  type Profile,
  random,
  randomKey,
  tf,
} from "../../lib/engine/mod.ts";
import { fillMasked } from "../../lib/maskers/fill.ts";
import { blockMask } from "../../lib/maskers/block.ts";
import { a2mim } from "../../lib/methods/a2mim.ts";
import { isReached, type Measurement } from "../../tasks/bench/results.ts";
import { methodTarget, profileLines } from "../../tasks/bench/groups/methods.ts";
import {
  compareFirstSteps,
  updateError,
} from "../../tasks/bench/groups/methods_agreement.ts";
import { shownParameters } from "../../tasks/bench/groups/methods_contenders.ts";
import {
  type MethodModel,
  methodModels,
} from "../../tasks/bench/groups/methods_models.ts";
import { layoutVariants } from "../../tasks/bench/groups/methods_torch.ts";
import { methodTrainer, startOf } from "../../tasks/bench/groups/methods_trainer.ts";
import { methodNames } from "../../tasks/bench/model_names.ts";
import { describeParameters } from "../../lib/nn/scope.ts";
import type { MethodBatch } from "../../tasks/bench/groups/methods_models.ts";

/** A2MIM with a ResNet that has next to no channels. */
function tinyModel(): MethodModel {
  const images = random.normal(randomKey(1), [2, 64, 64, 3]);
  const grid = { batch: 2, rows: 4, columns: 4, cell: 2, maskRatio: 0.6 };
  const mask = blockMask(randomKey(0), grid);
  return {
    label: "tiny",
    limit: 1.2,
    batch: { images, ...mask },
    loss: (scope, { images, ...mask }) =>
      a2mim(scope, images, mask, {
        backbone: {
          kind: "resnet",
          depths: [1, 1, 1, 1],
          stemChannels: 8,
          baseChannels: 2,
        },
        token: { kind: "add", layer: 3, scale: 1e-6 },
      }).loss,
    compared: ["backbone.conv1.weight", "neck.decoder_pred.0.bias"],
    torch: { method: "a2mim", configuration: {}, inputs: {}, variants: layoutVariants },
  };
}

Deno.test("methodModels have the parameters that they compare, and the originals' counts", () => {
  // Trainable ones, as the originals' own modules have them: manifests/*-pretrain.json.
  const counts = { mixmim: 114239288, resnet: 29804608, convnext: 30184032 };
  assertEquals(Object.keys(methodModels), [...methodNames]);
  for (const name of methodNames) {
    const model = methodModels[name]({ size: 224, images: 2 });
    const specifications = describeParameters((scope, input) => {
      const inputs = Object.entries(model.batch).map(([name, { shape, dtype }]) => [
        name,
        input({ shape, dtype: dtype as "float32" | "int32" }),
      ]);
      model.loss(scope, Object.fromEntries(inputs) as MethodBatch);
    });
    let trainable = 0;
    for (const { shape, trainable: isTrained } of specifications.values()) {
      if (isTrained) trainable += shape.reduce((product, length) => product * length, 1);
    }
    assertEquals(trainable, counts[name], name);
    assertEquals(model.compared.filter((name) => !specifications.has(name)), []);
    const { images } = model.torch.inputs;
    assertEquals(images!.shape, [2, 3, 224, 224]);
    disposeTree([model.batch, model.torch.inputs]);
  }
});

Deno.test("methodModels give PyTorch images that are filled where the mask is 1", () => {
  const model = methodModels.resnet({ size: 64, images: 2 });
  const { images, filled, mask } = model.torch.inputs;
  const expected = fillMasked(model.batch.images, model.batch.mask);
  assertEquals(mask!.shape, [2, 4, 4]);
  assertEquals(
    [...filled!.dataSync()],
    [...tf.transpose(expected, [0, 3, 1, 2]).dataSync()],
  );
  // Where a place is visible, its image is as it was: 16 pixels to a place.
  const place = [...mask!.dataSync()].indexOf(0);
  const [image, row, column] = [place >> 4, (place >> 2) & 3, place & 3];
  const pixel = (from: typeof images) =>
    from!.slice([image, 1, 16 * row + 3, 16 * column + 5], [1, 1, 1, 1]).dataSync()[0]!;
  assertEquals(pixel(filled), pixel(images));
});

Deno.test("methodTrainer() trains alike under both compilers, and profiles", async () => {
  const model = tinyModel();
  const start = startOf(model);
  const before = memory().tensors;
  const seen = [];
  for (const compiler of ["graph", "xla"] as const) {
    const trainer = methodTrainer(model, start, compiler);
    const losses = [await trainer.step()];
    const updated = shownParameters(model, start, trainer.parameters());
    losses.push(await trainer.step());
    assertEquals(trainer.compiler(), compiler);
    seen.push({ name: compiler, losses, updated });
    if (compiler === "graph") {
      const { operations } = await trainer.profile();
      const names = operations.map(({ operation }) => operation);
      assert(names.some((name) => name.startsWith("Conv2DBackpropFilter")), names.join());
      assert(names.some((name) => name.startsWith("fused adamW")), names.join());
    }
    trainer.dispose();
  }
  assertEquals(memory().tensors, before);
  const [line] = compareFirstSteps(seen, "xla", shownParameters(model, start));
  assertStringIncludes(line!, "graph: first loss ");
  assert(seen[0]!.losses[1]! < seen[0]!.losses[0]!, `${seen[0]!.losses}`);
  disposeTree([start.parameters, model.batch]);
});

Deno.test("startOf() leaves no vector at its initial value, where it could hide an error", () => {
  const model = tinyModel();
  const { parameters, specifications } = startOf(model);
  const spread = (name: string): number =>
    tf.tidy(() => tf.moments(parameters[name]!).variance.sqrt().dataSync()[0]!);
  assertAlmostEquals(spread("backbone.layer4.0.bn3.weight"), 0.1, 0.05); // zeros before
  assertAlmostEquals(spread("backbone.mask_gamma"), 0.1, 0.05); // 1e-6 before
  assertEquals(spread("backbone.bn1.running_var"), 0); // not trained
  assertEquals(specifications.get("backbone.bn1.running_var")!.trainable, false);
  disposeTree([parameters, model.batch]);
});

Deno.test("compareFirstSteps() refuses to time what computes something else", () => {
  const start = { weight: [0, 0, 0, 0] };
  const theirs = {
    name: "theirs",
    losses: [2, 1],
    updated: { weight: [0.1, -0.1, 0.1, 0.1] },
  };
  const ours = { ...theirs, name: "ours", losses: [2.0001, 1.001] };
  assertEquals(compareFirstSteps([ours, theirs], "theirs", start).length, 1);
  const refusal = (wrong: Partial<typeof theirs>): string =>
    assertThrows(
      () => compareFirstSteps([{ ...ours, ...wrong }, theirs], "theirs", start),
      Error,
    ).message;
  assertStringIncludes(
    refusal({ losses: [2.001, 1] }),
    "ours does not compute what theirs",
  );
  assertStringIncludes(refusal({ losses: [2, 1.1] }), "losses are 2.00000, 1.10000 inst");
  assertStringIncludes(refusal({ losses: [2, NaN] }), "NaN");
  assertStringIncludes(
    refusal({ updated: { weight: [0.1, 0.1, 0.1, 0.1] } }),
    "after one update weight is off by 50.0 %",
  );
  assertEquals(refusal({ updated: { weight: start.weight } }).includes("100 %"), true);
  assertAlmostEquals(updateError([1, 1], [2, 1.5], [2, 2]), 0.25, 1e-12);
});

Deno.test("methodTarget() takes the better of each side, and no torch.compile", () => {
  const of = (contender: string, ...samples: number[]): Measurement => ({
    contender,
    unit: "ms",
    samples,
  });
  const ours = [of("mimkit jit xla", 30, 30), of("mimkit jit graph (auto)", 10, 20)];
  const theirs = [
    of("torch eager", 90, 90),
    of("torch eager channels_last", 30, 30),
    of("torch compile", 1, 1),
  ];
  const model = { label: "a model", limit: 1.2 };
  const target = methodTarget(model, [...ours, ...theirs]);
  assertEquals(
    target.text,
    "a model: mimkit jit graph (auto) against torch eager channels_last",
  );
  assertEquals([target.value, target.range], [2, [1.5, 3]]);
  assertEquals(isReached(target), true);
  assertEquals(methodTarget(model, ours).value, null);
});

Deno.test("profileLines() gives each kind its share", () => {
  const profile: Profile = {
    milliseconds: 50,
    operations: [
      { operation: "Conv2D", count: 2, milliseconds: 30 },
      { operation: "Relu", count: 1, milliseconds: 10 },
    ],
    nodes: [{ operation: "Conv2D", shape: [1, 2], milliseconds: 20 }],
  };
  const lines = profileLines(profile);
  assertStringIncludes(lines[0]!, "50 ms, its operations together 40 ms");
  assertEquals(lines.slice(1), [
    "  Conv2D          2×  30.0 ms  75.0 %",
    "  Relu            1×  10.0 ms  25.0 %",
    "  Conv2D → [1,2]  1×  20.0 ms  50.0 %",
  ]);
});
