/**
 * The error for a plain object of a kind that does not exist. Types rule it out, but recipes also
 * come from JSON and from the command line.
 *
 * @module
 */

/**
 * Refuses a choice of an unknown kind.
 *
 * @throws {Error} that quotes the kind and lists those that there are.
 */
export function unknownKind(
  what: string,
  choice: never,
  kinds: readonly string[],
): never {
  const { kind } = choice as { kind: unknown };
  throw new Error(
    `There is no ${what} of the kind ${Deno.inspect(kind)}: there are ${
      kinds.join(", ")
    }`,
  );
}
