/**
 * A group of measurements: what it is called, and how it runs. To add one, write a file under
 * groups/ and a line in groups/mod.ts.
 *
 * @module
 */
import type { BenchFlags } from "./flags.ts";
import type { MethodName } from "./model_names.ts";
import type { Peers } from "./peers.ts";
import type { GroupResult } from "./results.ts";

/** What a group is given. */
export interface GroupContext {
  flags: BenchFlags;
  /** The models of the group `methods`. */
  models: readonly MethodName[];
  /** Threads that every side gets. */
  threads: number;
  /** The other libraries to measure against. */
  peers: Peers;
  /** Tells somebody who waits what is going on. */
  log(line: string): void;
}

/** A group of measurements. */
export interface Group {
  /** What it measures, for the help text. */
  description: string;
  /** Runs only when it is asked for: it takes too long for a first look. */
  isLong?: boolean;
  /** Loads the code and measures: a group that is not asked for costs nothing. */
  run(context: GroupContext): Promise<GroupResult>;
}

/** One who is measured. */
export interface Contender {
  /** Such as "mimkit jit xla". */
  name: string;
  /** One timed round: the time per piece of work, in the group's unit. */
  round(): Promise<number>;
}
