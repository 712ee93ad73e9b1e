/**
 * Pictures that cannot be read. Among a million files some are damaged, and a run of days should
 * not end for one; but a run must not go on without its data either.
 *
 * @module
 */
import type { ImageSource } from "./source.ts";

/** A picture that was left out, and why. */
export interface SkippedSample {
  /** In its source. */
  readonly index: number;
  /** Its path, or archive and member. */
  readonly path: string;
  readonly reason: string;
}

/** More pictures cannot be read than a run may do without. */
export class TooManyUnreadable extends Error {
  override readonly name = "TooManyUnreadable";
}

/** Counts what cannot be read. */
export interface UnreadableCount {
  /**
   * Notes a picture; the same one in another epoch counts once.
   *
   * @throws {TooManyUnreadable} beyond the limit, in one sentence with the first paths.
   */
  add(sample: SkippedSample): void;
  /** Pictures so far. */
  readonly size: number;
}

/** How many of the unreadable pictures a message names. */
const NAMED = 3;

/**
 * How many pictures of a source may be unreadable: a share of an epoch, rounded down, but one at
 * least (a share of 0 allows none).
 *
 * @throws {RangeError} if the share is not a number from 0 to 1.
 *
 * @example
 * ```ts
 * import { allowedUnreadable } from "./unreadable.ts";
 * console.log(allowedUnreadable(1_281_167, 0.01), allowedUnreadable(50, 0.01)); // 12811 1
 * ```
 */
export function allowedUnreadable(length: number, maxBad: number): number {
  if (!(maxBad >= 0 && maxBad <= 1)) {
    throw new RangeError(`maxBad is ${maxBad}: use a share of the pictures from 0 to 1`);
  }
  return maxBad === 0 ? 0 : Math.max(1, Math.floor(maxBad * length));
}

/** A count that stops beyond `maxBad` of the source's pictures. */
export function countUnreadable(source: ImageSource, maxBad: number): UnreadableCount {
  const allowed = allowedUnreadable(source.length, maxBad);
  const seen = new Map<number, SkippedSample>();
  return {
    get size() {
      return seen.size;
    },
    add(sample) {
      if (!seen.has(sample.index)) seen.set(sample.index, sample);
      if (seen.size <= allowed) return;
      const first = [...seen.values()].slice(0, NAMED)
        .map(({ path, reason }) => `${path} (${reason})`).join("; ");
      const more = seen.size > NAMED ? "; …" : "";
      throw new TooManyUnreadable(
        `${seen.size} of the ${source.length} pictures of ${source.name} cannot be read, and at ` +
          `most ${allowed} may be (maxBad, or --max-bad, is ${maxBad}): mend them, take them ` +
          `out or allow more (${first}${more})`,
      );
    },
  };
}

/**
 * What went wrong, as a part of a sentence.
 *
 * @throws the cause itself if it is no fault of the picture: a permission that Deno lacks.
 */
export function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.NotCapable) throw cause;
  if (cause instanceof Deno.errors.NotFound) return "there is no such file";
  if (cause instanceof Deno.errors.PermissionDenied) return "its permissions forbid it";
  const message = (cause instanceof Error ? cause.message : String(cause)).split(
    "\n",
  )[0]!;
  return wordsOf.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

/** Of sharp's and libvips' messages those that come often, in words for everybody. */
const wordsOf: readonly (readonly [RegExp, string])[] = [
  [/is empty$/, "it is empty"],
  [/unsupported image format/, "it is no whole picture of a known format"],
  [/premature end|truncated/i, "it is cut off"],
  [/read error|corrupt header|bad seek/, "it is damaged"],
  // libvips keeps its messages in one place for all threads: of two files at a time one has none.
  [/^Unknown error$/, "it is damaged"],
];
