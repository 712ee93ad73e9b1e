/**
 * Where the time goes: how long each kind of operation of a function takes.
 *
 * @module
 */
import { deleteHandle } from "./handles.ts";
import type { Jitted } from "./jit.ts";
import type { Precision } from "./precision.ts";
import { openSession } from "./session.ts";
import type { NodeRun } from "./step_stats.ts";
import { tensorIds } from "./tensorflow.ts";
import { traceBody } from "./trace_body.ts";
import { flatten } from "./tree.ts";

/** All operations of one kind. */
export interface ProfiledOperation {
  /** Such as "Conv2D", or "fused layer norm" for a fused function. */
  operation: string;
  /** How many of them a run has. */
  count: number;
  /** What they take together in one run. */
  milliseconds: number;
}

/** One operation. */
export interface ProfiledNode {
  operation: string;
  /** Of its first result. */
  shape: number[];
  milliseconds: number;
}

/** What {@linkcode profile} found; times are means over the rounds. */
export interface Profile {
  /** One run from call to result, the taking of notes included. */
  milliseconds: number;
  /** By kind, the most expensive first. */
  operations: ProfiledOperation[];
  /** One by one, the most expensive first. */
  nodes: ProfiledNode[];
}

/** Options of {@linkcode profile}. */
export interface ProfileOptions {
  /** Measured runs. Default: 3. */
  rounds?: number;
  /** Runs before them, which compile fused functions and fill caches. Default: 2. */
  warmUp?: number;
  /** The element type of matrix products. Default: float32. */
  precision?: Precision;
}

// A fused function's node is called after it, with two numbers that tell its calls apart.
const fusedNode = /^fused_(.*)_\d+_\d+$/;

// TensorFlow's names of oneDNN's kernels for its own operations.
const oneDnn = /^_Mkl(Native)?(?=[A-Z])/;

function kindOf({ name, operation }: NodeRun): string {
  const fused = operation === "PartitionedCall" ? fusedNode.exec(name) : null;
  return fused === null
    ? operation.replace(oneDnn, "")
    : `fused ${fused[1]!.replaceAll("_", " ").trim()}`;
}

function slowestFirst<Timed extends { milliseconds: number }>(
  items: Iterable<Timed>,
): Timed[] {
  return [...items].sort((one, other) => other.milliseconds - one.milliseconds);
}

function summarize(runs: readonly NodeRun[][]): Omit<Profile, "milliseconds"> {
  const nodes = new Map<string, ProfiledNode>();
  for (const run of runs) {
    for (const node of run) {
      if (node.operation === "NoOp") continue; // where TensorFlow's executor begins and ends
      const { shape } = node;
      const known = nodes.get(node.name);
      const milliseconds = node.milliseconds / runs.length + (known?.milliseconds ?? 0);
      nodes.set(node.name, { operation: kindOf(node), shape, milliseconds });
    }
  }
  const kinds = new Map<string, ProfiledOperation>();
  for (const { operation, milliseconds } of nodes.values()) {
    const kind = kinds.get(operation) ?? { operation, count: 0, milliseconds: 0 };
    kind.count++;
    kind.milliseconds += milliseconds;
    kinds.set(operation, kind);
  }
  return {
    operations: slowestFirst(kinds.values()),
    nodes: slowestFirst(nodes.values()),
  };
}

/**
 * Runs a function as a TensorFlow graph (as `jit` with the compiler `"graph"` does) and tells what
 * each operation takes. A program of XLA's is one piece to TensorFlow, so that this says nothing
 * about the inside of a fused function, and nothing about `jit` with the compiler `"xla"`.
 *
 * Operations that run side by side count in full each: their sum can be more than the time of a
 * run. On a GPU the times are those of the host, which only starts the work there.
 *
 * @param body a function of tensors as `jit` takes it, or a jitted one.
 * @param args its arguments.
 * @throws {Error} when the function cannot be traced, or there is no round.
 *
 * @example
 * ```ts
 * import { profile } from "./profile.ts";
 * import { tf } from "./tensorflow.ts";
 * const x = tf.ones([64, 64]);
 * const { operations } = await profile((x: typeof x) => tf.matMul(x, x).relu(), [x]);
 * console.log(operations.some(({ operation }) => operation === "Relu")); // true
 * ```
 */
export async function profile<Arguments extends unknown[]>(
  body: ((...args: Arguments) => unknown) | Jitted<Arguments, unknown>,
  args: Arguments,
  { rounds = 3, warmUp = 2, precision = "float32" }: ProfileOptions = {},
): Promise<Profile> {
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`rounds is ${rounds}: use a whole number, 1 or more`);
  }
  const original = "original" in body ? body.original : body;
  const flat = flatten(args, "arguments");
  const name = original.name || "function";
  const { session, captures } = traceBody(
    original as (...args: unknown[]) => unknown,
    flat,
    { compiler: "graph", precision, name },
    ({ trace, outputs, captures }) => ({
      session: openSession(trace, [...tensorIds(flat.tensors), ...captures], outputs),
      captures,
    }),
  );
  try {
    for (let run = 0; run < warmUp; run++) await session.run();
    const runs: NodeRun[][] = [];
    const started = performance.now();
    while (runs.length < rounds) runs.push(await session.run());
    const milliseconds = (performance.now() - started) / rounds;
    return { milliseconds, ...summarize(runs) };
  } finally {
    session.dispose();
    captures.forEach(deleteHandle);
  }
}
