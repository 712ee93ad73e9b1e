/**
 * The group `load`: how long a ViT-B/16 checkpoint of PyTorch takes to be read, and how much memory
 * that takes at most; each time in a process of its own, as somebody waits for it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { GroupContext } from "../group.ts";
import type { PythonModule } from "../python_module.ts";
import type { GroupResult, Measurement, Target } from "../results.ts";
import { samplesOf } from "../rounds.ts";
import { ratioOf, spreadOf } from "../statistics.ts";
import type { LoadedOnce, LoadTask } from "./load_child.ts";

const child = fileURLToPath(new URL("load_child.ts", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));

const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-ffi"];

const names = {
  memory: "mimkit, to memory",
  tensors: "mimkit, to TensorFlow tensors",
  torch: "torch.load",
  torchModel: "torch.load, into a model",
} as const;

const limits = { time: 1.2, memory: 1.3 } as const;

interface Loader {
  name: string;
  load(): Promise<LoadedOnce>;
}

/** The allocator's settings are for training: who loads a model has none. */
function plainEnvironment(): Record<string, string> {
  const all = Object.entries(Deno.env.toObject());
  return Object.fromEntries(all.filter(([name]) => !name.startsWith("MALLOC_")));
}

/**
 * A process of its own, with what it says. It counts its parent's memory as its own until it has more,
 * so TensorFlow and the checkpoint are kept out of this one.
 */
export async function runLoadChild(path: string, task: LoadTask): Promise<string> {
  // By its name: the permission to run is given for that.
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", ...permissions, child, path, task],
    cwd: root,
    stdin: "null",
    clearEnv: true,
    env: plainEnvironment(),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (success) return text(stdout).split("\n").at(-1)!;
  throw new Error(`The process that loads failed: ${text(stderr).split("\n").at(-1)}`);
}

function loadersOf(path: string, start: (() => Promise<PythonModule>) | null): Loader[] {
  const ours: Loader[] = (["memory", "tensors"] as const).map((way) => ({
    name: names[way],
    load: async () => JSON.parse(await runLoadChild(path, way)) as LoadedOnce,
  }));
  if (start === null) return ours;
  const theirs: Loader[] = (["torch", "torchModel"] as const).map((way) => ({
    name: names[way],
    async load() {
      await using torch = await start();
      return await torch.call<LoadedOnce>("load", { path, model: way === "torchModel" });
    },
  }));
  // Alternating by pairs: ours, theirs, ours, theirs.
  return [ours[0]!, theirs[0]!, ours[1]!, theirs[1]!];
}

/** All must have read the same numbers. */
function requireSameSums(loaded: readonly (readonly [string, LoadedOnce])[]): void {
  const [first, ...others] = loaded;
  for (const [name, { sum, tensors }] of others) {
    if (tensors === first![1].tensors && sum === first![1].sum) continue;
    throw new Error(
      `${name} read ${tensors} tensors of sum ${sum}, and ${first![0]} ` +
        `${first![1].tensors} of ${first![1].sum}: there is nothing to time`,
    );
  }
}

function targetsOf(seconds: Measurement[], memory: Measurement[], fileMb: number) {
  const pairs = [
    [names.memory, names.torch],
    [names.tensors, names.torchModel],
  ] as const;
  const times = pairs.map(([ours, theirs]): Target => {
    const target: Target = {
      text: `time of ${ours}, over that of ${theirs}`,
      ...{ better: "below", limit: limits.time, value: null, unit: "×" },
    };
    const other = samplesOf(seconds, theirs);
    if (other === undefined) return target;
    const { value, least, most } = ratioOf(other, samplesOf(seconds, ours)!);
    return { ...target, value, range: [least, most] };
  });
  const peaks = [names.memory, names.tensors].map((ours): Target => ({
    text: `peak memory of ${ours}, over the file`,
    ...{ better: "below", limit: limits.memory, unit: "×" },
    value: spreadOf(samplesOf(memory, `  peak memory of ${ours}`)!).median / fileMb,
  }));
  return [...times, ...peaks];
}

/** Where the checkpoint goes: beside the project's files, and not into memory. */
async function temporaryFolder(): Promise<string> {
  const dir = fileURLToPath(new URL("../../../.cache", import.meta.url));
  await Deno.mkdir(dir, { recursive: true });
  return await Deno.makeTempDir({ dir, prefix: "bench-load-" });
}

/** Seconds and megabytes to load. */
export async function measureLoad(
  { flags, peers, log }: GroupContext,
): Promise<GroupResult> {
  const folder = await temporaryFolder();
  try {
    const path = `${folder}/vit-base-p16.pth`;
    log("writing the checkpoint");
    await runLoadChild(path, "write");
    if (peers.has("torch")) {
      // So that it is a file of PyTorch's own.
      await using torch = await peers.start("torch", "torch_load");
      await torch.call("rewrite", { path });
    }
    const fileMb = (await Deno.stat(path)).size / 1e6;
    const loaders = loadersOf(
      path,
      peers.has("torch") ? () => peers.start("torch", "torch_load") : null,
    );
    const measured = async () => {
      const loaded: [string, LoadedOnce][] = [];
      for (const { name, load } of loaders) loaded.push([name, await load()]);
      requireSameSums(loaded);
      return loaded;
    };
    await measured(); // the disk's cache, and Deno's own of transpiled files
    const seconds = loaders.map(({ name }): Measurement => ({
      ...{ contender: name, unit: "s", samples: [] },
    }));
    const memory = loaders.map(({ name }): Measurement => ({
      ...{ contender: `  peak memory of ${name}`, unit: "MB", samples: [] },
    }));
    for (let repeat = 0; repeat < flags.repeats; repeat++) {
      for (const [index, [, loaded]] of (await measured()).entries()) {
        seconds[index]!.samples.push(loaded.seconds);
        memory[index]!.samples.push(Math.max(0.001, loaded.peakBytes / 1e6));
      }
      log(`round ${repeat + 1} of ${flags.repeats}`);
    }
    return {
      group: "load",
      title: `a ViT-B/16 checkpoint of ${fileMb.toFixed(0)} MB, .pth, in a new process`,
      settings: { megabytes: fileMb },
      measurements: [...seconds, ...memory],
      targets: targetsOf(seconds, memory, fileMb),
      notes: [
        "the file is in the system's cache; starting the process, imports, and what describes the " +
        "model (PyTorch's has its memory by then) do not count",
        "memory: the most that the process ever took, less what it had before",
      ],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
