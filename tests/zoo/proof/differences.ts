/**
 * How far outputs are from the reference's, and what is too far.
 *
 * @module
 */

/** What no output may differ by. */
export const tolerance = 1e-4;

/** Outputs that are all alike would hide that they are in the wrong order. */
export const leastSpread = 0.02;

/** The greatest difference of two lists of numbers; NaN when either has one. */
export function greatestDifference(
  values: ArrayLike<number>,
  expected: ArrayLike<number>,
): number {
  if (values.length !== expected.length) {
    throw new Error(
      `${values.length} numbers cannot be compared with ${expected.length}`,
    );
  }
  let greatest = 0;
  for (let index = 0; index < values.length; index++) {
    const difference = Math.abs(values[index]! - expected[index]!);
    // A NaN is greater than nothing: it would be passed over.
    if (!(difference <= greatest)) greatest = difference;
    if (Number.isNaN(greatest)) return NaN;
  }
  return greatest;
}

/** What is wrong with the differences of some outputs, if anything is. */
export function faultOf(
  differences: Readonly<Record<string, number>>,
): string | undefined {
  const outputs = Object.entries(differences);
  if (outputs.length === 0) return "nothing was compared";
  const far = outputs.find(([, difference]) => !(difference <= tolerance));
  if (far === undefined) return undefined;
  return `${far[0]} differ by ${far[1].toPrecision(3)}, and may by ${tolerance}`;
}

/** Which outputs are too much alike to show anything, if any are. */
export function spreadFault(
  spread: Readonly<Record<string, number>>,
): string | undefined {
  const alike = Object.entries(spread).find(([, value]) => !(value >= leastSpread));
  if (alike === undefined) return undefined;
  return `${alike[0]} spread by ${
    alike[1]
  }, less than the ${leastSpread} that show an error`;
}
