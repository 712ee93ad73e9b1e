/**
 * Work for coming steps, begun before it is asked for, so that it overlaps the step in progress.
 *
 * @module
 */
import { type Places, placesFor } from "./places.ts";

/** How far ahead, with how much in progress. */
export interface PrefetchOptions {
  /** Places for work in progress. */
  readonly readers: number;
  /** How many results are prepared, or being prepared, beyond the one in use; 1 or more. */
  readonly ahead: number;
  /** Ends the stream with the signal's reason as an error. */
  readonly signal?: AbortSignal | undefined;
}

/** What a stream gives at each step. */
export type Waited<Result> = Result & {
  /** How long the consumer waited for this result. */
  readonly waitedMilliseconds: number;
};

/** All results, or the first error, but only when nothing is in progress any more. */
export async function settled<Result>(work: Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

/**
 * The results of `fill` for the steps from `first` to before `end`, in order. At most `ahead` of
 * them exist beside the consumer's. When the consumer leaves, what is in progress is waited for
 * and nothing else begins; an error reaches the consumer at the step that it belongs to.
 *
 * @param fill Makes the result of a step; runs all that is costly in the places given to it.
 *
 * @example
 * ```ts
 * import { prefetched } from "./prefetch.ts";
 * const squares = prefetched({ readers: 2, ahead: 2 }, 0, 3, (step, places) =>
 *   places.run(() => Promise.resolve({ square: step ** 2 })));
 * for await (const { square } of squares) console.log(square); // 0, 1, 4
 * ```
 */
export async function* prefetched<Result>(
  { readers, ahead, signal }: PrefetchOptions,
  first: number,
  end: number,
  fill: (step: number, places: Places) => Promise<Result>,
): AsyncGenerator<Waited<Result>, void, void> {
  const places = placesFor(readers);
  const coming: Promise<Result>[] = [];
  let next = first;
  const begin = (): void => {
    if (next >= end) return;
    const result = fill(next++, places);
    // An error is the consumer's when it comes to this step, not the process's before.
    result.catch(() => {});
    coming.push(result);
  };
  try {
    signal?.throwIfAborted();
    while (coming.length < ahead && next < end) begin();
    while (coming.length > 0) {
      const asked = performance.now();
      const result = await unlessAborted(coming[0]!, signal);
      coming.shift();
      begin();
      yield { ...result, waitedMilliseconds: performance.now() - asked };
    }
  } finally {
    places.close();
    await Promise.allSettled(coming);
  }
}

/** A listener of its own for each wait: a race with one lasting promise would keep every result. */
async function unlessAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
