import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { withoutLabels } from "../../lib/data/mod.ts";
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import { classificationTally, evaluateLogits } from "../../lib/trainers/evaluate.ts";
import { onlineKnn } from "../../lib/trainers/online_evaluation.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { pretrainJob } from "../../lib/trainers/pretrain.ts";
import { maePretext } from "../../lib/trainers/pretext.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { checkpointFolder } from "../../lib/trainers/checkpoint_folder.ts";
import { disposeTree } from "../../lib/engine/mod.ts";
import { openRun, readRunFolder } from "../../lib/runs/mod.ts";
import { vit } from "../../lib/backbones/vit.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { toyImages, toyModel, toyRun, toyVit } from "./toy.ts";

Deno.test("classificationTally() counts top-1, top-5, classes and confusions", () => {
  const tally = classificationTally(7);
  // Seven classes; the true class of the rows stands first, sixth and second.
  tally.add(
    Float32Array.of(
      ...[9, 1, 2, 3, 4, 5, 6],
      ...[9, 8, 7, 6, 5, 4, 3],
      ...[5, 4, 3, 2, 1, 0, -1],
    ),
    [0, 5, 1],
  );
  tally.add(Float32Array.of(1, 1, 1, 1, 1, 1, 1), Int32Array.of(4)); // fifth of equals
  const { count, top1, top5, perClass, confusion } = tally.report();
  assertEquals([count, top1, top5], [4, 25, 75]);
  assertEquals(perClass[0], { count: 1, top1: 100 });
  assertEquals(perClass[5], { count: 1, top1: 0 });
  assertEquals(perClass[6], { count: 0, top1: NaN });
  assertEquals([confusion[0], confusion[5 * 7], confusion[7], confusion[4 * 7]], [
    ...[1, 1, 1, 1],
  ]);
  assertEquals(confusion.reduce((sum, n) => sum + n, 0), 4);
});

Deno.test("classificationTally() refuses NaN, unknown classes and missing logits", () => {
  const tally = classificationTally(2);
  assertThrows(() => tally.add(Float32Array.of(0, NaN), [0]), Error, "A logit is NaN");
  assertThrows(() => tally.add(Float32Array.of(0, 1), [2]), Error, "no class 2 among 2");
  assertThrows(() => tally.add(Float32Array.of(0, 1, 2), [0]), Error, "need 2 logits");
});

Deno.test("evaluateLogits() sees every image once, and says where labels are missing", async () => {
  const images = toyImages(50);
  // The mean of each corner: the bright one is the class.
  const corners = (x: Tensor) =>
    tf.avgPool(x.as4D(x.shape[0]!, 8, 8, 1), 4, 4, "valid").reshape<never>([-1, 4]);
  const options = { phase: "test", batchSize: 16 };
  const report = await evaluateLogits(corners, images, 4, options);
  assertEquals([report.count, report.top1, report.top5], [50, 100, 100]);
  assertEquals(report.perClass.map(({ count }) => count), [13, 13, 12, 12]);
  await assertRejects(
    () => evaluateLogits(corners, withoutLabels(images), 4, options),
    Error,
    "test needs labels, and toy has none",
  );
});

Deno.test("train() measures nearest neighbours while it pretrains, and keeps the best", async () => {
  await inTemporaryFolder(async (folder) => {
    const run = await openRun(folder, toyRun());
    const evaluation = onlineKnn({
      ...{ bank: toyImages(64), queries: toyImages(32, 1000), classes: 4, everySteps: 2 },
      encode: (scope, images) => vit(scope, images, toyVit).tokens.mean(1),
    });
    const job = pretrainJob({
      ...{ phase: "mae", seed: 0, dataset: withoutLabels(toyImages()) },
      pretext: maePretext(toyModel, { kind: "random", maskRatio: 0.75 }),
      optimization: { steps: 5, batchSize: 16, learningRate: 1e-3, weightDecay: 0 },
    });
    const checkpoints = { keep: 1 };
    disposeTree(await train(job, { run, evaluation, checkpoints, progress: noProgress }));
    const { metrics } = await readRunFolder(folder);
    const measured = metrics.map((metric) => (metric as { knn?: number }).knn);
    assertEquals(measured.map((value) => value !== undefined), [
      ...[false, true, false, true, true],
    ]);
    const values = measured.filter((value) => value !== undefined);
    assert(values.every((value) => value >= 0 && value <= 100), `${values}`);
    const saved = checkpointFolder(run.checkpointFolder("mae", 0));
    const best = await saved.best();
    assertEquals(best!.value, Math.max(...values));
    assertEquals(measured[best!.step - 1], best!.value);
    assertEquals(await saved.steps(), [...new Set([best!.step, 5])]);
    const wrong = { ...evaluation, best: { metric: "top", better: "higher" } as const };
    await assertRejects(
      () =>
        train({ ...job, phase: "other" }, {
          run,
          evaluation: wrong,
          progress: noProgress,
        }),
      Error,
      "the evaluation gives knn",
    );
  });
});
