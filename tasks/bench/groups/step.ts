/**
 * The group `step`: a whole training step of a transformer with AdamW, eager, jitted, and in
 * PyTorch, after a check that all compute the same numbers.
 *
 * @module
 */
import { disposeTree, hasGpu } from "../../../lib/engine/mod.ts";
import { type StoredTensor, writeSafetensors } from "../../../lib/zoo/safetensors.ts";
import type { GroupContext } from "../group.ts";
import type { GroupResult, Measurement, Target } from "../results.ts";
import { alternate, samplesOf } from "../rounds.ts";
import { ratioOf, spreadOf } from "../statistics.ts";
import { useThreads } from "../threads.ts";
import { matrixProducts, productOperations } from "./matrix_products.ts";
import {
  ourContenders,
  type StepContender,
  stepsPerRound,
  torchContenders,
} from "./step_contenders.ts";
import { initialTensors, type StepSizes } from "./step_model.ts";

// Relative. float32 differs by the order of its sums, and AdamW's first updates are signs of
// gradients; bfloat16 keeps 8 bits of each factor of a product.
const tolerances = { float32: 1e-4, bfloat16: 2e-2 } as const;

const targets = [
  { ours: "mimkit jit xla", theirs: "mimkit tfjs eager", limit: 2.5 },
  { ours: "mimkit jit xla", theirs: "torch eager", limit: 1.7 },
] as const;

/**
 * Compares the first losses of all with those of the reference.
 *
 * @returns the worst relative error of each.
 * @throws {Error} that names the first one that computes something else.
 */
export function compareLosses(
  contenders: readonly Pick<StepContender, "name" | "precision" | "losses">[],
  reference: string,
): string[] {
  const expected = contenders.find(({ name }) => name === reference)!.losses;
  return contenders.filter(({ name }) => name !== reference)
    .map(({ name, precision, losses }) => {
      const errors = expected.map((loss, step) => Math.abs(losses[step]! - loss) / loss);
      const worst = errors.some(Number.isNaN) ? NaN : Math.max(...errors);
      if (!(worst <= tolerances[precision])) {
        const written = (values: readonly number[]) =>
          values.map((value) => value.toPrecision(6)).join(", ");
        throw new Error(
          `${name} does not compute what ${reference} computes: its losses are ` +
            `${written(losses)} instead of ${
              written(expected)
            }; there is nothing to time.`,
        );
      }
      return `${name}: losses within ${worst.toExponential(1)} of ${reference}`;
    });
}

async function writeTensors(
  path: string,
  { parameters, inputs, targets }: ReturnType<typeof initialTensors>,
): Promise<void> {
  const entries = Object.entries({ ...parameters, inputs, targets });
  await writeSafetensors(
    path,
    Object.fromEntries(entries.map(([name, tensor]): [string, StoredTensor] => [
      name,
      {
        shape: tensor.shape,
        dtype: "F32",
        data: tensor.dataSync() as Float32Array<ArrayBuffer>,
      },
    ])),
  );
}

function targetsOf(measurements: readonly Measurement[]): Target[] {
  return targets.map(({ ours, theirs, limit }) => {
    const target: Target = {
      text: `${ours} against ${theirs}`,
      better: "at least",
      limit,
      value: null,
      unit: "×",
    };
    const other = samplesOf(measurements, theirs);
    if (other === undefined) return target;
    const { value, least, most } = ratioOf(samplesOf(measurements, ours)!, other);
    return { ...target, value, range: [least, most] };
  });
}

function productNote(
  sizes: StepSizes,
  measurements: readonly Measurement[],
  name: string,
): string {
  const operations = productOperations(sizes);
  const rate = operations / spreadOf(samplesOf(measurements, name)!).median / 1e6;
  return `${name}: the ${(operations / 1e9).toPrecision(3)} GFLOP of a step at the ` +
    `${
      rate.toFixed(0)
    } GFLOP/s of float32 that TensorFlow reaches here; no step is faster`;
}

/** Milliseconds of a training step. */
export async function measureStep(
  { flags, threads, peers, log }: GroupContext,
): Promise<GroupResult> {
  const { width, blocks, tokens, batch } = flags;
  const sizes: StepSizes = { width, blocks, tokens, batch };
  useThreads(threads);
  const start = initialTensors(sizes);
  const contenders = await ourContenders(sizes, start, log);
  const notes: string[] = [];
  await using torch = peers.has("torch")
    ? await peers.start("torch", "torch_step")
    : null;
  if (torch !== null) {
    const folder = await Deno.makeTempDir({ prefix: "mimkit-bench-" });
    try {
      const path = `${folder}/tensors.safetensors`;
      await writeTensors(path, start);
      // A GPU against a CPU would compare machines, not libraries.
      const device = hasGpu() ? "cuda" : "cpu";
      const setting = { ...sizes, tensors: path, threads, device };
      const theirs = await torchContenders(torch, setting, log);
      // Alternating by pairs: ours, theirs, ours, theirs.
      theirs.contenders.forEach((one, index) => contenders.splice(2 * index + 1, 0, one));
      notes.push(...theirs.absent);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  notes.push(
    ...compareLosses(contenders, torch === null ? "mimkit tfjs eager" : "torch eager"),
  );
  notes.push(
    ...contenders.map(({ name, firstStepSeconds }) =>
      `${name}: first step after ${firstStepSeconds.toFixed(1)} s, compilation included`
    ),
  );
  const products = await matrixProducts(sizes);
  const measurements = await alternate([...contenders, products], {
    repeats: flags.repeats,
    unit: "ms",
    log,
  });
  products.dispose();
  contenders.forEach((contender) => contender.dispose?.());
  disposeTree(start);
  notes.push(productNote(sizes, measurements, products.name));
  return {
    group: "step",
    title:
      `a training step with AdamW: ${blocks} blocks, ${width} wide, ${tokens} tokens, ` +
      `batch ${batch}`,
    settings: { ...sizes, stepsPerRound },
    measurements,
    targets: targetsOf(measurements),
    notes,
  };
}
