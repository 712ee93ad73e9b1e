import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { HardwareUse } from "../../lib/engine/mod.ts";
import type { Metric } from "../../lib/runs/mod.ts";
import type { RunWriter } from "../../lib/runs/run.ts";
import type { ProgressUpdate } from "../../lib/trainers/progress.ts";
import { trainingLog } from "../../lib/trainers/training_log.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { readEvent, recordsOf } from "../engine/event_file.ts";

const job = {
  ...{ phase: "mae", seed: 3, batchSize: 10 },
  learningRate: (step: number) => 0.5 / (step + 1),
};
const use: HardwareUse = {
  ...{ processors: 1.5, residentBytes: 2 ** 30, gpuUse: 0.75, gpuMemoryBytes: 2 ** 31 },
};

/** A run that keeps what it is told. */
function runIn(folder: string): { run: RunWriter; metrics: Metric[] } {
  const metrics: Metric[] = [];
  const run = {
    folder,
    run: { recipe: { masker: { ratio: 0.75 } } },
    log: (metric: Metric) => {
      metrics.push(metric);
      return Promise.resolve();
    },
  };
  return { run: run as unknown as RunWriter, metrics };
}

Deno.test("trainingLog() tells the same numbers to the line, metrics.jsonl and TensorBoard", async () => {
  await inTemporaryFolder(async (folder) => {
    const { run, metrics } = runIn(folder);
    const shown: ProgressUpdate[] = [];
    const progress = {
      update: (update: ProgressUpdate) => void shown.push(update),
      stop: () => {},
    };
    const samples = [use, undefined];
    const log = trainingLog(job, run, progress, () => samples.shift());
    const step = { loss: 0.25, metrics: { knn: 61 }, milliseconds: 100 };
    await log.write({ ...step, step: 1, waitedMilliseconds: 10 });
    await log.write({ ...step, step: 2, waitedMilliseconds: 0 });
    await log.stop();

    const { time, ...first } = metrics[0]!;
    assert(typeof time === "number");
    assertEquals(first as Record<string, unknown>, {
      ...{ phase: "mae", seed: 3, step: 1, loss: 0.25, knn: 61, learningRate: 0.5 },
      ...{ imagesPerSecond: 100, dataWait: 0.1 },
      ...use,
    });
    // No new sample: the line goes on showing the last, and the log does not repeat it.
    assertEquals("processors" in metrics[1]!, false);
    assertEquals(shown.map(({ gpuUse }) => gpuUse), [0.75, 0.75]);

    const place = `${folder}/tensorboard/mae-seed3`;
    const [file, ...others] = await Array.fromAsync(Deno.readDir(place));
    assertEquals(others, []);
    const events = recordsOf(await Deno.readFile(`${place}/${file!.name}`)).map(
      readEvent,
    );
    assertEquals(events[0]!.version, "brain.Event:2");
    const recipe = events.find(({ plugin }) => plugin === "text");
    assert(recipe?.text?.includes("| masker.ratio | 0.75 |"), recipe?.text);
    const scalarsAt = (step: number): Record<string, number> =>
      Object.fromEntries(
        events.filter((event) => event.step === step && event.scalar !== undefined)
          .map(({ tag, scalar }) => [tag!, scalar!]),
      );
    const { dataWait, ...written } = scalarsAt(1);
    assertAlmostEquals(dataWait!, 0.1, 1e-6);
    assertEquals(written, {
      ...{ loss: 0.25, knn: 61, learningRate: 0.5, imagesPerSecond: 100 },
      ...use,
    });
    assertEquals(scalarsAt(2).processors, undefined);
    assertEquals(scalarsAt(2).learningRate, 0.25);
  });
});
