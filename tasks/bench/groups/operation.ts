/**
 * What one small eager operation costs: the way from JavaScript through tfjs and the binding into
 * TensorFlow and back, with an addition that itself takes next to no time.
 *
 * @module
 */
import { tf } from "../../../lib/engine/mod.ts";
import type { Contender, GroupContext } from "../group.ts";
import type { GroupResult } from "../results.ts";
import { alternate, samplesOf } from "../rounds.ts";
import { spreadOf } from "../statistics.ts";
import { useThreads } from "../threads.ts";

const ours = "mimkit eager";
const theirs = "torch eager";
const limitMicroseconds = 15;

// A batch is short enough that few are interrupted; the median of the batches is a round's time.
const operationsPerBatch = 500;
const batches = 40;

function timeRound(one: ReturnType<typeof tf.tensor1d>, other: typeof one): number {
  const times: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const started = performance.now();
    for (let count = 0; count < operationsPerBatch; count++) tf.add(one, other).dispose();
    times.push((performance.now() - started) * 1000 / operationsPerBatch);
  }
  return spreadOf(times).median;
}

/** Microseconds of `tf.add` of two 3-vectors and the disposal of the sum. */
export async function measureOperation(
  { flags, threads, peers, log }: GroupContext,
): Promise<GroupResult> {
  useThreads(threads);
  const one = tf.tensor1d([1, 2, 3]);
  const other = tf.tensor1d([4, 5, 6]);
  const sum = tf.tidy(() => [...tf.add(one, other).dataSync()]);
  if (sum.join() !== "5,7,9") {
    throw new Error(`tf.add([1, 2, 3], [4, 5, 6]) gave [${sum}] instead of [5, 7, 9]`);
  }
  timeRound(one, other); // until the JavaScript compiler is done with it
  const contenders: Contender[] = [
    { name: ours, round: () => Promise.resolve(timeRound(one, other)) },
  ];
  await using torch = peers.has("torch")
    ? await peers.start("torch", "torch_operation")
    : null;
  if (torch !== null) {
    const size = { operations: operationsPerBatch, batches };
    await torch.call("time_round", size);
    contenders.push({
      name: theirs,
      round: () => torch.call<number>("time_round", size),
    });
  }
  const measurements = await alternate(contenders, {
    repeats: flags.repeats,
    unit: "µs",
    log,
  });
  tf.dispose([one, other]);
  const value = spreadOf(samplesOf(measurements, ours)!).median;
  return {
    group: "operation",
    title: "one eager addition of two 3-vectors, and its disposal",
    settings: { operationsPerBatch, batches },
    measurements,
    targets: [{
      text: "binding overhead of a small eager operation",
      better: "below",
      limit: limitMicroseconds,
      value,
      unit: "µs",
    }],
    notes: [],
  };
}
