import { assert, assertEquals } from "@std/assert";
import { disposeTree, flatten } from "../../lib/engine/mod.ts";
import { parametersOf } from "../../lib/trainers/gradient_job.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { stepRunner } from "../../lib/trainers/step_runner.ts";
import { train } from "../../lib/trainers/training_loop.ts";
import { toyJob } from "./toy.ts";

/** Whether float32 values have more digits than bfloat16 keeps. */
function hasFullPrecision(values: Float32Array): boolean {
  return new Uint32Array(values.buffer, values.byteOffset, values.length)
    .some((bits) => (bits & 0xffff) !== 0);
}

/** How far values are from others, as a share of them. */
function distance(wanted: unknown, got: unknown): number {
  const [first, second] = [wanted, got].map((tree) =>
    flatten(tree).tensors.flatMap((tensor) => [...tensor.dataSync()])
  );
  const sum = (values: number[]): number =>
    values.reduce((sum, value) => sum + Math.abs(value), 0);
  return sum(first!.map((value, index) => value - second![index]!)) / sum(first!);
}

for (const method of ["mae", "milan", "clip", "finetune", "probe"] as const) {
  Deno.test(`a job of ${method} in bfloat16 rounds its loss alone, without a loss scale`, async () => {
    const changes = { steps: 1, warmupSteps: 0, batchSize: 8 };
    const exact = toyJob(method, changes);
    const runner = stepRunner(exact);
    const [start, batch] = [exact.initial(), await exact.batch(0, 0)];
    const { loss, state: next } = exact.step(start, batch, runner.inputs(0, 0));
    const wanted = loss.dataSync()[0]!;

    const job = toyJob(method, changes, "bfloat16");
    assertEquals(job.precision, "bfloat16");
    let got = NaN;
    const state = await train(job, {
      progress: noProgress,
      afterStep: (_step, _state, loss) => void (got = loss),
    });
    // Eight bits of a number are left: products are near by a part in 256.
    assert(Math.abs(got - wanted) < 0.02 * Math.abs(wanted), `${wanted} became ${got}`);
    const rounding = distance(next.optimizer, state.optimizer);
    assert(rounding > 1e-4 && rounding < 0.1, `gradients differ by ${rounding}`);
    for (const tensor of flatten(state).tensors) {
      assertEquals(tensor.dtype, "float32");
      assert(tensor.dataSync().every(Number.isFinite));
    }
    // Weights are kept, and moved, in float32: most steps are below a bfloat16's digits.
    const before = parametersOf(start);
    let moved = 0;
    for (const [name, value] of Object.entries(parametersOf(state))) {
      const after = value.dataSync() as Float32Array;
      if (!/\.weight$/.test(name) || after.length < 64) continue;
      assert(hasFullPrecision(after), name);
      const first = before[name]!.dataSync();
      moved += after.filter((value, index) => value !== first[index]).length;
    }
    assert(moved > 0, "no weight moved");
    runner.dispose();
    disposeTree([state, start, next, batch]);
  });
}
