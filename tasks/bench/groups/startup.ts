/**
 * The group `startup`: from the start of a process to the first finished training step of a tiny
 * MAE, as somebody waits for it who runs a script.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { GroupContext } from "../group.ts";
import type { GroupResult, Measurement } from "../results.ts";
import { spreadOf } from "../statistics.ts";
import type { StartupPhases } from "./startup_child.ts";

const child = fileURLToPath(new URL("startup_child.ts", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const limitSeconds = 10;

const permissions = ["--allow-read", "--allow-env", "--allow-ffi"];

async function startOnce(threads: number): Promise<StartupPhases> {
  const started = performance.timeOrigin + performance.now();
  // By its name: the permission to run is given for that.
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      ...permissions,
      child,
      `${started}`,
      `${threads}`,
    ],
    cwd: root,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (!success) {
    throw new Error(
      `The process of the start-up failed: ${text(stderr).split("\n").at(-1)}`,
    );
  }
  return JSON.parse(text(stdout).split("\n").at(-1)!) as StartupPhases;
}

/** Seconds from the start of a process to the first step's end. */
export async function measureStartup(
  { flags, threads, log }: GroupContext,
): Promise<GroupResult> {
  await startOnce(threads); // the disk's cache, and Deno's own of transpiled files
  const starts: StartupPhases[] = [];
  for (let repeat = 0; repeat < flags.repeats; repeat++) {
    starts.push(await startOnce(threads));
    log(`round ${repeat + 1} of ${flags.repeats}`);
  }
  const phase = (
    contender: string,
    secondsOf: (start: StartupPhases) => number,
  ): Measurement => ({ contender, unit: "s", samples: starts.map(secondsOf) });
  const total = phase("process to first finished step", ({ firstStep }) => firstStep);
  return {
    group: "startup",
    title: "the first training step of a tiny MAE (ViT of 4 blocks, 128 wide, batch 128)",
    settings: {},
    measurements: [
      total,
      phase("  start of Deno, imports, opening TensorFlow", ({ imports }) => imports),
      phase("  initial parameters and batch", ({ initialization }) => initialization),
      phase("  trace", ({ trace }) => trace),
      phase("  compilation", ({ compilation }) => compilation),
      phase("  the step itself", ({ step }) => step),
    ],
    targets: [{
      text: "process start to the first finished step, warm cache",
      better: "below",
      limit: limitSeconds,
      value: spreadOf(total.samples).median,
      unit: "s",
    }],
    notes: [
      "compilation: the first call without its trace, less the time of a later step",
    ],
  };
}
