/**
 * A stand-in for `jsr:@std/assert` on networks that cannot reach jsr.io: the functions that
 * mimkit's tests and notebooks use, with the same signatures, on top of `node:assert`.
 * `tasks/test.ts` links it in only when jsr.io does not answer.
 *
 * @module
 */
import nodeAssert from "node:assert/strict";

// deno-lint-ignore no-explicit-any -- the signature of @std/assert
type ErrorClass<E extends Error> = new (...args: any[]) => E;

/** Throws {@linkcode AssertionError} unless `condition` holds. */
export class AssertionError extends nodeAssert.AssertionError {
  constructor(message: string) {
    super({ message });
    this.name = "AssertionError";
  }
}

function fail(message: string, detail?: string): never {
  throw new AssertionError(detail ? `${message}: ${detail}` : message);
}

/** Asserts that a value is truthy. */
export function assert(
  condition: unknown,
  message = "Assertion failed",
): asserts condition {
  if (!condition) fail(message);
}

/** Asserts deep equality of values and prototypes. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  try {
    nodeAssert.deepStrictEqual(actual, expected);
  } catch (error) {
    fail(message ?? "Values are not equal", (error as Error).message);
  }
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  try {
    nodeAssert.notDeepStrictEqual(actual, expected);
  } catch {
    fail(message ?? `Expected values to differ, both are ${Deno.inspect(actual)}`);
  }
}

/** Asserts `Object.is` equality. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  if (!Object.is(actual, expected)) {
    fail(
      message ?? "Values are not strictly equal",
      `${Deno.inspect(actual)} is not ${Deno.inspect(expected)}`,
    );
  }
}

/** Asserts that two numbers differ by at most `tolerance` (default: 1e-7 of the expected). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ??
    (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (!(Math.abs(actual - expected) <= allowed)) {
    fail(
      message ?? "Values are not close",
      `${actual} is not within ${allowed} of ${expected}`,
    );
  }
}

/** Asserts `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  if (!(actual > expected)) fail(message ?? `Expected ${actual} > ${expected}`);
}

/** Asserts `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void {
  if (!(actual >= expected)) fail(message ?? `Expected ${actual} >= ${expected}`);
}

/** Asserts `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, message?: string): void {
  if (!(actual < expected)) fail(message ?? `Expected ${actual} < ${expected}`);
}

/** Asserts `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  if (!(actual <= expected)) fail(message ?? `Expected ${actual} <= ${expected}`);
}

/** Asserts that a value is neither null nor undefined. */
export function assertExists<T>(
  actual: T,
  message?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    fail(message ?? `Expected a value, got ${actual}`);
  }
}

/** Asserts that a value is an instance of a class. */
export function assertInstanceOf<T>(
  actual: unknown,
  // deno-lint-ignore no-explicit-any -- the signature of @std/assert
  expected: abstract new (...args: any[]) => T,
  message?: string,
): asserts actual is T {
  if (!(actual instanceof expected)) {
    fail(
      message ?? `Expected an instance of ${expected.name}, got ${Deno.inspect(actual)}`,
    );
  }
}

/** Asserts that a string contains another. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void {
  if (!actual.includes(expected)) {
    fail(
      message ??
        `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`,
    );
  }
}

/** Asserts that a string matches a pattern. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  if (!expected.test(actual)) {
    fail(message ?? `Expected ${JSON.stringify(actual)} to match ${expected}`);
  }
}

function assertIsError<E extends Error>(
  error: unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): asserts error is E {
  if (!(error instanceof Error)) fail(`Expected an Error, got ${Deno.inspect(error)}`);
  if (errorClass && !(error instanceof errorClass)) {
    fail(`Expected ${errorClass.name}, got ${error.name}: ${error.message}`);
  }
  if (messageIncludes !== undefined) assertStringIncludes(error.message, messageIncludes);
}

/** Asserts that a function throws, and returns the error. */
export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): E {
  try {
    run();
  } catch (error) {
    assertIsError<E>(error, errorClass, messageIncludes);
    return error;
  }
  fail(message ?? "Expected the function to throw");
}

/** Asserts that an async function rejects, and returns the error. */
export async function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): Promise<E> {
  try {
    await run();
  } catch (error) {
    assertIsError<E>(error, errorClass, messageIncludes);
    return error;
  }
  fail(message ?? "Expected the promise to be rejected");
}
