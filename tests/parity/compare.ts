/**
 * How far numbers are from golden ones, and whether that is within a case's tolerance.
 *
 * @module
 */
import type { GoldenCase } from "./golden_case.ts";

/** The outcome of comparing one tensor. */
export interface Difference {
  name: string;
  /** The largest difference of two elements; Infinity where one is not a number. */
  absolute: number;
  /** The same as a share of the largest expected magnitude. */
  relative: number;
  passed: boolean;
  /** In one sentence what is wrong; empty when it passed. */
  reason: string;
}

/**
 * How far an element may be off: `absolute + relative · |expected|`; a third number bounds it as a
 * share of the largest magnitude in the tensor instead.
 */
export type Tolerance =
  | { absolute: number; relative: number }
  | { relativeToLargest: number };

/** The tolerance that a case sets for a tensor. */
export function toleranceFor(
  { tolerance, grad_tolerance }: GoldenCase,
  name: string,
): Tolerance {
  if (name.startsWith("grad/") && grad_tolerance !== undefined) {
    return { relativeToLargest: grad_tolerance.relative_to_max };
  }
  const absolute = Object.hasOwn(tolerance.per_tensor_atol, name)
    ? tolerance.per_tensor_atol[name]!
    : tolerance.atol;
  return { absolute, relative: tolerance.rtol };
}

/** `[1, 0, 2] `, the position of an element of a tensor; a scalar has none. */
function positionOf(index: number, shape: readonly number[]): string {
  if (shape.length === 0) return "";
  const position = [];
  for (const length of shape.toReversed()) {
    position.unshift(index % length);
    index = Math.floor(index / length);
  }
  return `[${position}] `;
}

/** Numbers with a shape. */
export interface Numbers {
  shape: readonly number[];
  values: ArrayLike<number>;
}

function distance(actual: number, expected: number): number {
  if (Object.is(actual, expected)) return 0; // also equal infinities
  const difference = Math.abs(actual - expected);
  return Number.isNaN(difference) ? Infinity : difference;
}

function largestMagnitude({ values }: Numbers): number {
  let largest = 0;
  for (let index = 0; index < values.length; index++) {
    const magnitude = Math.abs(values[index]!);
    if (magnitude > largest && magnitude < Infinity) largest = magnitude;
  }
  return largest;
}

/** Compares a tensor with the golden one. */
export function compareNumbers(
  name: string,
  actual: Numbers,
  expected: Numbers,
  tolerance: Tolerance,
): Difference {
  if (actual.shape.join() !== expected.shape.join()) {
    const reason = `is [${actual.shape}], expected [${expected.shape}]`;
    return { name, absolute: Infinity, relative: Infinity, passed: false, reason };
  }
  const largest = largestMagnitude(expected);
  const allowed = (value: number): number => {
    if (!Number.isFinite(value)) return 0; // only the very same is near to an infinity
    return "relativeToLargest" in tolerance
      ? tolerance.relativeToLargest * largest
      : tolerance.absolute + tolerance.relative * Math.abs(value);
  };
  let absolute = 0;
  let worstExcess = 0;
  let worst: number | undefined;
  for (let index = 0; index < expected.values.length; index++) {
    const off = distance(actual.values[index]!, expected.values[index]!);
    if (off > absolute) absolute = off;
    const excess = off - allowed(expected.values[index]!);
    if (excess > worstExcess) [worstExcess, worst] = [excess, index];
  }
  const relative = absolute === 0 ? 0 : absolute / largest;
  if (worst === undefined) return { name, absolute, relative, passed: true, reason: "" };
  const [got, wanted] = [actual.values[worst]!, expected.values[worst]!];
  return {
    name,
    absolute,
    relative,
    passed: false,
    reason: `${positionOf(worst, expected.shape)}is ${got}, expected ${wanted} ` +
      `± ${allowed(wanted).toPrecision(2)}`,
  };
}

/** A table of numbers, texts and flags, as a case's `expected` holds it. */
export type TableValue =
  | number
  | string
  | boolean
  | null
  | readonly TableValue[]
  | { readonly [key: string]: TableValue };

function entriesOf(value: TableValue): [string, TableValue][] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value);
}

/**
 * Compares tables entry by entry. A table is the answer itself, so an entry too many is as wrong as
 * one that is missing.
 *
 * @returns one difference for each entry that is not a record or a list, in the expected order.
 */
export function compareTables(
  name: string,
  actual: TableValue | undefined,
  expected: TableValue,
  tolerance: Tolerance,
): Difference[] {
  const wrong = (reason: string): Difference[] => [
    { name, absolute: Infinity, relative: Infinity, passed: false, reason },
  ];
  if (actual === undefined) return wrong("is missing");
  const expectedEntries = entriesOf(expected);
  if (expectedEntries !== undefined) {
    const actualEntries = new Map(entriesOf(actual) ?? []);
    if (
      entriesOf(actual) === undefined || Array.isArray(actual) !== Array.isArray(expected)
    ) {
      return wrong(`is ${Deno.inspect(actual, { depth: 0 })}, expected a record or list`);
    }
    const path = (key: string): string => name === "" ? key : `${name}.${key}`;
    const differences = expectedEntries.flatMap(([key, value]) => {
      const given = actualEntries.get(key);
      actualEntries.delete(key);
      return compareTables(path(key), given, value, tolerance);
    });
    const extra = [...actualEntries.keys()].map((key): Difference => ({
      name: path(key),
      absolute: Infinity,
      relative: Infinity,
      passed: false,
      reason: "is not in the expected table",
    }));
    return [...differences, ...extra];
  }
  if (typeof expected === "number" && typeof actual === "number") {
    const scalar = (value: number): Numbers => ({ shape: [], values: [value] });
    return [compareNumbers(name, scalar(actual), scalar(expected), tolerance)];
  }
  if (actual !== expected) {
    return wrong(`is ${Deno.inspect(actual)}, expected ${Deno.inspect(expected)}`);
  }
  return [{ name, absolute: 0, relative: 0, passed: true, reason: "" }];
}
