/**
 * Runs the groups that were asked for, and keeps what they found.
 *
 * @module
 */
import type { BenchRequest } from "./flags.ts";
import { groups } from "./groups/mod.ts";
import { describeMachine, loadAverage, loadWarning } from "./machine.ts";
import { openPeers } from "./peers.ts";
import { type Benchmark, benchmarkSchema } from "./results.ts";
import { renderGroup, renderMachine } from "./table.ts";

/** Where a run tells what it found and what it does meanwhile. */
export interface BenchOutput {
  print(text: string): void;
  /** For somebody who waits. */
  log(line: string): void;
}

/** Runs the groups one after the other; each is printed when it is done. */
export async function runBenchmark(
  request: BenchRequest,
  { print, log }: BenchOutput,
): Promise<Benchmark> {
  const { flags, against } = request;
  const machine = await describeMachine();
  const threads = flags.threads || machine.cores;
  const before = loadAverage();
  const warning = loadWarning(before, machine.cores);
  if (warning !== undefined) log(warning);
  const peers = openPeers(against, log);
  const results = [];
  const started = new Date().toISOString();
  for (const name of request.groups) {
    const result = await groups[name].run({
      flags,
      models: request.models,
      threads,
      peers,
      log: (line) => log(`${name}: ${line}`),
    });
    print(renderGroup(result) + "\n");
    results.push(result);
  }
  Object.assign(machine.versions, peers.versions);
  const benchmark: Benchmark = {
    format: 1,
    started,
    machine,
    threads,
    repeats: flags.repeats,
    loadAverage: { before, after: loadAverage() },
    groups: results,
  };
  print(renderMachine(benchmark));
  return benchmarkSchema.parse(benchmark);
}
