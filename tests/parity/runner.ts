/**
 * Runs golden cases: eagerly, and compiled by XLA and as a graph.
 *
 * @module
 */
import { disposeTree, jit, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  compareNumbers,
  compareTables,
  type Difference,
  type Numbers,
  type TableValue,
  type Tolerance,
  toleranceFor,
} from "./compare.ts";
import { DamagedCaseError, type GoldenCase, numbersOf, readCase } from "./golden_case.ts";
import type { Computation, Kinds, Table } from "./kind.ts";

/** The ways a computation is run; a table knows only "plain". */
export type Mode = "eager" | "xla" | "graph" | "plain";

/** The differences that one way of running showed, in the order in which the values arise. */
export interface ModeResult {
  mode: Mode;
  differences: Difference[];
}

/** What became of a case. */
export type CaseResult =
  | { name: string; kind: string; outcome: "skipped" }
  | { name: string; kind: string; outcome: "failed"; error: string }
  | { name: string; kind: string; outcome: "passed" | "failed"; results: ModeResult[] };

/** Compares all that a case stores under `out/` and `grad/` with what was computed. */
function compareOutputs(
  golden: GoldenCase,
  outputs: Readonly<Record<string, Numbers>>,
  tolerances: Readonly<Record<string, Tolerance>> = {},
): Difference[] {
  const wanted = [...golden.tensors.keys()].filter((name) => /^(out|grad)\//.test(name));
  const missing = wanted.filter((name) => outputs[name] === undefined);
  const differences = Object.entries(outputs).flatMap(([name, actual]) => {
    const expected = golden.tensors.get(name);
    if (expected === undefined) return [];
    return [compareNumbers(
      name,
      actual,
      { shape: expected.shape, values: numbersOf(expected) },
      tolerances[name] ?? toleranceFor(golden, name),
    )];
  });
  const absent = missing.map((name): Difference => ({
    name,
    absolute: Infinity,
    relative: Infinity,
    passed: false,
    reason: "was not computed",
  }));
  return [...differences, ...absent];
}

function numbersOfTensors(tensors: Record<string, Tensor>): Record<string, Numbers> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, values: tensor.dataSync() },
    ]),
  );
}

/** The differences of a table, and those of the arrays that come with it. */
function compareTable(golden: GoldenCase, { table, arrays = {} }: Table): ModeResult {
  const { atol: absolute, rtol: relative } = golden.tolerance;
  const expected = golden.expected as TableValue;
  const differences = compareTables("", table, expected, { absolute, relative });
  return {
    mode: "plain",
    differences: [...differences, ...compareOutputs(golden, arrays)],
  };
}

async function runComputation(
  golden: GoldenCase,
  { arguments: given, compute, tolerances }: Computation,
): Promise<ModeResult[]> {
  const results: ModeResult[] = [];
  for (const mode of ["eager", "xla", "graph"] as const) {
    const jitted = mode === "eager"
      ? undefined
      : jit(compute, { compiler: mode, name: golden.kind });
    try {
      // Copies: disposing an output must not dispose an argument that was handed through.
      const outputs = await jitted?.(given) ?? tf.tidy(() => clones(compute(given)));
      results.push({
        mode,
        differences: compareOutputs(golden, numbersOfTensors(outputs), tolerances),
      });
      disposeTree(outputs);
    } catch (error) {
      throw new Error(`${mode}: ${(error as Error).message}`, { cause: error });
    } finally {
      jitted?.dispose();
    }
  }
  disposeTree(given);
  return results;
}

function clones(outputs: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, tensor.clone()]),
  );
}

/** Runs a case that has been read. */
export async function runCase(golden: GoldenCase, kinds: Kinds): Promise<CaseResult> {
  const { name, kind } = golden;
  if (!Object.hasOwn(kinds, kind)) return { name, kind, outcome: "skipped" };
  try {
    const implementation = await kinds[kind]!(golden);
    const results = "table" in implementation
      ? [compareTable(golden, implementation)]
      : await runComputation(golden, implementation);
    const compared = results.every(({ differences }) => differences.length > 0);
    if (!compared) throw new DamagedCaseError(`${name} holds nothing to compare with`);
    const passed = results.every(({ differences }) =>
      differences.every((one) => one.passed)
    );
    return { name, kind, outcome: passed ? "passed" : "failed", results };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { name, kind, outcome: "failed", error: message };
  }
}

/**
 * The folders of the cases under a folder, by name.
 *
 * @param wanted the name of the only case that is wanted.
 * @throws {DamagedCaseError} when the folder holds no case, or not the wanted one.
 */
export async function findCases(folder: string, wanted?: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isDirectory && !entry.name.startsWith(".")) names.push(entry.name);
    }
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "does not exist"
      : "is not a folder that can be read";
    throw new DamagedCaseError(
      `${folder} ${reason}: --fixtures takes a folder of golden cases, such as tests/fixtures`,
      { cause: error },
    );
  }
  names.sort();
  if (names.length === 0) {
    throw new DamagedCaseError(
      `${folder} holds no golden cases: no folders with a case.json`,
    );
  }
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new DamagedCaseError(
      `${folder} has no case "${wanted}"; it has: ${names.join(", ")}`,
    );
  }
  const root = folder.replace(/(?<=.)\/+$/, "");
  return names.flatMap((name) =>
    wanted === undefined || name === wanted ? [`${root}/${name}`] : []
  );
}

/** Reads and runs the case in a folder; a damaged one fails in one sentence. */
export async function runFolder(folder: string, kinds: Kinds): Promise<CaseResult> {
  try {
    return await runCase(await readCase(folder), kinds);
  } catch (error) {
    if (!(error instanceof DamagedCaseError)) throw error;
    const name = folder.split("/").at(-1)!;
    return { name, kind: "damaged", outcome: "failed", error: error.message };
  }
}
