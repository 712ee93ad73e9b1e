/**
 * A fixed number of places for work in progress, taken in the order of asking. What waits is only
 * a promise: this, and nothing else, bounds how many pictures are read and decoded at a time.
 *
 * @module
 */

/** Places for work in progress. */
export interface Places {
  /**
   * Runs `work` as soon as a place is free.
   *
   * @throws {PlacesClosed} if the places were closed before it was its turn.
   */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Lets nobody else begin; what is in progress goes on. */
  close(): void;
}

/** Work that never began because nobody wants its result any more. */
export class PlacesClosed extends Error {
  override readonly name = "PlacesClosed";
}

/**
 * Makes `count` places.
 *
 * @example
 * ```ts
 * import { placesFor } from "./places.ts";
 * const places = placesFor(2);
 * const lengths = ["a", "bc"].map((word) => places.run(() => Promise.resolve(word.length)));
 * console.log(await Promise.all(lengths)); // [1, 2]
 * ```
 */
export function placesFor(count: number): Places {
  let free = count;
  let closed = false;
  let waiting: (() => void)[] = [];
  let head = 0;
  const leave = (): void => {
    const next = waiting[head];
    if (next === undefined) {
      free++;
      return;
    }
    head++;
    // Dropping what has begun only now and then: shift() on a long array copies it.
    if (head > 1024) {
      waiting = waiting.slice(head);
      head = 0;
    }
    next();
  };
  return {
    async run(work) {
      if (free > 0) free--;
      else await new Promise<void>((begin) => waiting.push(begin));
      try {
        if (closed) throw new PlacesClosed("nobody wants this result any more");
        return await work();
      } finally {
        leave();
      }
    },
    close() {
      closed = true;
    },
  };
}
