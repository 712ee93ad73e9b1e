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
import { type GroupName, groupNames, groups, shortGroupNames } from "./groups/mod.ts";
import { type MethodName, methodNames } from "./model_names.ts";
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
  model: {
    kind: "text",
    default: "all",
    help: `methods: ${methodNames.join(", ")}, several with commas, or all.`,
  },
  size: {
    kind: "number",
    default: 224,
    minimum: 64,
    whole: true,
    help: "methods: pixels of a side of the images, a multiple of 32.",
  },
  images: {
    kind: "number",
    default: 8,
    minimum: 2,
    whole: true,
    help: "methods: images of a batch.",
  },
  compiler: {
    kind: "text",
    default: "both",
    choices: ["both", "auto", "xla", "graph"],
    help: "methods: that of ours: xla, graph, both, or the one that jit chooses (auto).",
  },
  eager: { kind: "switch", help: "methods: leaves torch.compile out." },
  profile: {
    kind: "switch",
    help: "methods: says which operations take the time.",
  },
  jpegs: {
    kind: "text",
    default: "",
    help: "data, wait, memory: a folder of photographs; by default some are drawn.",
  },
  steps: {
    kind: "number",
    default: 300,
    minimum: 100,
    whole: true,
    help: "memory: training steps; its target is meant for 2000.",
  },
} as const satisfies Record<string, Flag>;

/** The values of the flags. */
export type BenchFlags = FlagValues<typeof flags>;

/** What to run. */
export interface BenchRequest {
  groups: GroupName[];
  against: PeerName[];
  models: MethodName[];
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

/** The names between commas, each once. */
function listOf(text: string): string[] {
  return [...new Set(text.split(",").map((name) => name.trim()).filter(Boolean))];
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
    `  ${"all".padEnd(width)}  All of these; without any GROUP, all but the long ones.`,
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
  const isAll = asked.includes("all");
  if (values.width % 64 !== 0) {
    throw new UsageError(
      `--width must be a multiple of 64, the width of a head, got ${values.width}`,
    );
  }
  if (values.size % 32 !== 0) {
    throw new UsageError(
      `--size must be a multiple of 32, the pixels of a masked cell, got ${values.size}`,
    );
  }
  const models = listOf(values.model).map((name) =>
    nameOf("model", name, [...methodNames, "all"] as const)
  );
  if (models.length === 0) {
    throw new UsageError(
      `--model names no model: there are ${methodNames.join(", ")}, and all`,
    );
  }
  return {
    groups: asked.length === 0
      ? shortGroupNames
      : groupNames.filter((name) => isAll || asked.includes(name)),
    against: listOf(values.against).map((name) => nameOf("peer", name, peerNames)),
    models: methodNames.filter((name) => models.includes("all") || models.includes(name)),
    flags: values,
    help,
  };
}
