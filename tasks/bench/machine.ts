/**
 * The machine that is measured, as far as it decides how fast it is.
 *
 * @module
 */
import { cpus } from "node:os";
import mimkit from "../../deno.json" with { type: "json" };
import { instructionSets } from "../../lib/engine/library/mod.ts";
import type { Machine } from "./results.ts";

/** Processor, memory and versions. */
export async function describeMachine(): Promise<Machine> {
  // Only now, so that --help need not wait for it.
  const { tensorflowVersion } = await import("../../lib/engine/mod.ts");
  return {
    processor: cpus()[0]?.model.trim() || "unknown",
    cores: navigator.hardwareConcurrency,
    instructionSets: instructionSets(),
    memoryBytes: Deno.systemMemoryInfo().total,
    platform: Deno.build.target,
    versions: {
      mimkit: mimkit.version,
      deno: Deno.version.deno,
      tensorflow: tensorflowVersion(),
    },
  };
}

/** Processes that wanted to run at once, on average over the last minute. */
export function loadAverage(): number {
  return Deno.loadavg()[0]!;
}

/** A warning for a load at which times mean little, or undefined. */
export function loadWarning(load: number, cores: number): string | undefined {
  if (load <= cores / 2) return undefined;
  return `The load average was ${
    load.toFixed(2)
  } on ${cores} cores before the first measurement: ` +
    "other programs were running, and these times mean little.";
}
