/**
 * Whether all contenders of the group `methods` compute the same: else there is nothing to time.
 *
 * @module
 */

/** What a contender's first steps gave. */
export interface FirstSteps {
  name: string;
  losses: readonly number[];
  /** Parameters after one update. */
  updated: Record<string, readonly number[]>;
}

// Relative. float32 differs by the order of its sums; AdamW's first updates are signs of gradients,
// so that those which are nearly 0 go either way, and later losses differ more than the first.
const tolerances = { firstLoss: 1e-4, laterLosses: 1e-2, update: 5e-2 } as const;

function relative(value: number, expected: number): number {
  return Math.abs(value - expected) / Math.abs(expected);
}

/** How far two updates of a parameter are from each other, in parts of how far they go. */
export function updateError(
  start: readonly number[],
  ours: readonly number[],
  theirs: readonly number[],
): number {
  let apart = 0;
  let moved = 0;
  start.forEach((value, index) => {
    apart += Math.abs(ours[index]! - theirs[index]!);
    moved += Math.abs(theirs[index]! - value);
  });
  return apart / moved;
}

function worst(errors: readonly number[]): number {
  return errors.some(Number.isNaN) ? NaN : Math.max(...errors);
}

/**
 * Compares first steps with those of a reference.
 *
 * @param start the compared parameters before the first step.
 * @returns a line about each.
 * @throws {Error} that names the first one that computes something else, and where.
 */
export function compareFirstSteps(
  contenders: readonly FirstSteps[],
  reference: string,
  start: Record<string, readonly number[]>,
): string[] {
  const expected = contenders.find(({ name }) => name === reference)!;
  const refuse = (name: string, what: string): never => {
    throw new Error(
      `${name} does not compute what ${reference} computes: ${what}; there is nothing to time.`,
    );
  };
  return contenders.filter(({ name }) => name !== reference).map((contender) => {
    const { name, losses, updated } = contender;
    const errors = expected.losses.map((loss, step) => relative(losses[step]!, loss));
    const [first, later] = [errors[0]!, worst(errors.slice(1))];
    if (!(first <= tolerances.firstLoss && later <= tolerances.laterLosses)) {
      const written = (values: readonly number[]) =>
        values.map((value) => value.toPrecision(6)).join(", ");
      refuse(
        name,
        `its losses are ${written(losses)} instead of ${written(expected.losses)}`,
      );
    }
    const updates = Object.entries(start).map(([parameter, before]) => {
      const error = updateError(
        before,
        updated[parameter]!,
        expected.updated[parameter]!,
      );
      if (!(error <= tolerances.update)) {
        refuse(
          name,
          `after one update ${parameter} is off by ${
            (100 * error).toPrecision(3)
          } % of what ` +
            "the update changes",
        );
      }
      return error;
    });
    return `${name}: first loss ${losses[0]!.toPrecision(6)}, within ${
      first.toExponential(1)
    } of ${reference}, ` +
      `the next within ${later.toExponential(1)}, first updates within ${
        (100 * worst(updates)).toPrecision(2)
      } %`;
  });
}
