/**
 * The group `checkpoint`: how long a ViT-B/16 with AdamW's moments takes to be saved and loaded, and
 * how long a training loop is held up meanwhile; beside torch.save and torch.load.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { disposeTree } from "../../../lib/engine/mod.ts";
import type { TensorTree } from "../../../lib/trainers/checkpoint.ts";
import { checkpointFolder } from "../../../lib/trainers/checkpoint_folder.ts";
import type { Contender, GroupContext } from "../group.ts";
import type { GroupResult, Measurement, Target } from "../results.ts";
import { alternate, samplesOf } from "../rounds.ts";
import { ratioOf, spreadOf } from "../statistics.ts";
import { useThreads } from "../threads.ts";
import {
  copyState,
  firstDifferentTensor,
  largeState,
  sizeOf,
} from "./checkpoint_state.ts";
import { openSteps } from "./checkpoint_steps.ts";

const names = {
  save: "mimkit save (checked, summed, on the disk)",
  torchSynced: "torch.save and fsync",
  torchSave: "torch.save",
  load: "mimkit load (checked)",
  torchLoad: "torch.load",
  copy: "one copy of the state",
  held: "longest delay of a step while saving",
} as const;

const limitSeconds = 3;

/** What is to be reached. */
export function checkpointTargets(measurements: readonly Measurement[]): Target[] {
  const seconds = (name: string): number =>
    spreadOf(samplesOf(measurements, name)!).median;
  const better = "below";
  const saved: Target = {
    ...{ text: "to save a ViT-B/16 with AdamW's moments", better, unit: "s" },
    ...{ limit: limitSeconds, value: seconds(names.save) },
  };
  const [held, copy] = [names.held, names.copy].map((name) =>
    samplesOf(measurements, name)!
  ) as [number[], number[]];
  const { value, least, most } = ratioOf(copy, held);
  const stopped: Target = {
    ...{ text: "longest stop of the step loop, in copies of the state", better },
    ...{ limit: 1, value, unit: "×", range: [least, most] },
  };
  return [saved, stopped];
}

async function timed(work: () => Promise<unknown> | void): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function ourContenders(
  state: TensorTree,
  folder: string,
  delays: number[],
): Promise<{ contenders: Contender[]; dispose: () => void }> {
  const saving = checkpointFolder(`${folder}/saved`, { keep: 1 });
  const loading = checkpointFolder(`${folder}/to-load`);
  await loading.save(1, state, {});
  const read = await loading.newest();
  const different = firstDifferentTensor(state, read!.tree);
  disposeTree(read!.tree);
  if (different !== undefined) {
    throw new Error(
      `${different} is not what was saved, bit by bit: there is nothing to time`,
    );
  }
  const steps = await openSteps();
  let step = 0;
  return {
    contenders: [
      { name: names.copy, round: () => timed(() => copyState(state)) },
      {
        name: names.save,
        async round() {
          const seconds = await timed(() => saving.save(++step, state, {}));
          await Deno.remove(saving.path(step));
          return seconds;
        },
      },
      {
        name: names.held,
        async round() {
          const { longest, all } = await steps.whileSaving(saving, ++step, state);
          await Deno.remove(saving.path(step));
          delays.push(all);
          return Math.max(1e-6, longest);
        },
      },
      {
        name: names.load,
        async round() {
          let tree: TensorTree = {};
          const seconds = await timed(async () => {
            tree = (await loading.newest())!.tree;
          });
          disposeTree(tree);
          return seconds;
        },
      },
    ],
    dispose: steps.dispose,
  };
}

/** Where the checkpoints go: beside the project's files, as runs do, and not into memory. */
async function temporaryFolder(): Promise<string> {
  const dir = fileURLToPath(new URL("../../../.cache", import.meta.url));
  await Deno.mkdir(dir, { recursive: true });
  return await Deno.makeTempDir({ dir, prefix: "bench-checkpoint-" });
}

/** Seconds to save and to load. */
export async function measureCheckpoint(
  { flags, threads, peers, log }: GroupContext,
): Promise<GroupResult> {
  useThreads(threads);
  log("drawing the state, and comparing what comes back");
  const state = largeState();
  const folder = await temporaryFolder();
  const delays: number[] = [];
  try {
    const ours = await ourContenders(state, folder, delays);
    const contenders = [...ours.contenders];
    const notes: string[] = ["what came back is what was saved, bit by bit"];
    await using torch = peers.has("torch")
      ? await peers.start("torch", "torch_checkpoint")
      : null;
    if (torch !== null) {
      const tensors = checkpointFolder(`${folder}/to-load`).path(1);
      if (!await torch.call<boolean>("prepare", { tensors, folder })) {
        throw new Error("torch.load did not give back what torch.save was given");
      }
      contenders.push(
        {
          name: names.torchSynced,
          round: () => torch.call<number>("save", { synced: true }),
        },
        {
          name: names.torchSave,
          round: () => torch.call<number>("save", { synced: false }),
        },
        { name: names.torchLoad, round: () => torch.call<number>("load") },
      );
    }
    const { repeats } = flags;
    const measurements = await alternate(contenders, { repeats, unit: "s", log });
    ours.dispose();
    const { bytes, tensors } = sizeOf(state);
    return {
      group: "checkpoint",
      title: `a ViT-B/16 with AdamW's moments: ${tensors} tensors, ` +
        `${(bytes / 1e9).toFixed(2)} GB`,
      settings: { bytes, tensors },
      measurements,
      targets: checkpointTargets(measurements),
      notes: [
        `all steps together were ${
          spreadOf(delays).median.toFixed(2)
        } s later for a save`,
        "torch.save neither waits for the disk nor checks or sums what it writes",
        ...notes,
      ],
    };
  } finally {
    disposeTree(state);
    await Deno.remove(folder, { recursive: true });
  }
}
