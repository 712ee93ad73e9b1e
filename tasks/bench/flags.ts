/**
 * The command line of `deno task bench`.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import {
  type Flag,
  type FlagValues,
  helpText,
  readArguments,
  UsageError,
} from "../arguments.ts";
import { type GroupName, groupNames, groups } from "./groups/mod.ts";
import { type PeerName, peerNames } from "./peers.ts";

const flags = {
  against: { kind: "text", default: "", help: `Measure ${peerNames.join(", ")} too.` },
  repeats: {
    kind: "number",
    default: 7,
    minimum: 1,
    whole: true,
    help: "Rounds of each contender.",
  },
  threads: {
    kind: "number",
    default: 0,
    minimum: 0,
    whole: true,
    help: "Threads of every side; 0 takes all cores.",
  },
  json: { kind: "text", default: "", help: "Write all samples to this file." },
  width: {
    kind: "number",
    default: 384,
    minimum: 64,
    whole: true,
    help: "step: width of the tokens, a multiple of 64.",
  },
  blocks: {
    kind: "number",
    default: 6,
    minimum: 1,
    whole: true,
    help: "step: transformer blocks.",
  },
  tokens: {
    kind: "number",
    default: 50,
    minimum: 1,
    whole: true,
    help: "step: tokens of a sequence.",
  },
  batch: {
    kind: "number",
    default: 16,
    minimum: 1,
    whole: true,
    help: "step: sequences of a batch.",
  },
} as const satisfies Record<string, Flag>;

/** The values of the flags. */
export type BenchFlags = FlagValues<typeof flags>;

/** What to run. */
export interface BenchRequest {
  groups: GroupName[];
  against: PeerName[];
  flags: BenchFlags;
  help: boolean;
}

function nameOf<Name extends string>(
  kind: string,
  given: string,
  known: readonly Name[],
): Name {
  const name = known.find((name) => name === given);
  if (name !== undefined) return name;
  throw new UsageError(
    `There is no ${kind} "${given}": did you mean "${closest(given, [...known])}"? ` +
      `There are: ${known.join(", ")}`,
  );
}

/** How the task is called. */
export function benchHelp(): string {
  const width = Math.max(...groupNames.map((name) => name.length));
  const list = groupNames.map((name) =>
    `  ${name.padEnd(width)}  ${groups[name].description}`
  );
  const usage = [
    "Usage: deno task bench [GROUP…] [--against torch] [--repeats N] [--json FILE]",
    "",
    ...list,
    `  ${"all".padEnd(width)}  All of these, also without any GROUP.`,
  ].join("\n");
  return helpText(usage, flags);
}

/**
 * Reads the command line.
 *
 * @throws {UsageError} on an unknown group, peer or flag (with the nearest), or a wrong value.
 */
export function readBenchRequest(args: readonly string[]): BenchRequest {
  const { values, positionals, help } = readArguments(args, flags);
  const asked = positionals.map((name) =>
    nameOf("group", name, [...groupNames, "all"] as const)
  );
  const isAll = asked.length === 0 || asked.includes("all");
  const against = values.against.split(",").map((name) => name.trim()).filter(Boolean);
  if (values.width % 64 !== 0) {
    throw new UsageError(
      `--width must be a multiple of 64, the width of a head, got ${values.width}`,
    );
  }
  return {
    groups: groupNames.filter((name) => isAll || asked.includes(name)),
    against: [...new Set(against.map((name) => nameOf("peer", name, peerNames)))],
    flags: values,
    help,
  };
}
