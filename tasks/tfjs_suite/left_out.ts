/**
 * The specs that `deno task test:tfjs` leaves out, and why. All are on tfjs-node's own ignore list;
 * the task fails if one here is not.
 *
 * @module
 */

/** Specs with one reason to leave them out. */
export interface LeftOut {
  reason: string;
  /** Matches the spec's full name. */
  specs: RegExp;
}

/** Every group, in the order in which `--list-ignored` prints them. */
export const leftOutGroups: readonly LeftOut[] = [];

/** The group that a spec belongs to, or undefined if it has to pass. */
export function leftOut(name: string): LeftOut | undefined {
  return leftOutGroups.find(({ specs }) => specs.test(name));
}
