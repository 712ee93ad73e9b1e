/**
 * Ctrl-C in the middle of a large file: it ends between two tensors, so that no half of one stays.
 *
 * @module
 */

/** Somebody asked to stop. */
export class Stopped extends Error {
  override readonly name = "Stopped";

  constructor(readonly exitStatus: number) {
    super("Stopped: nothing was written");
  }
}

// What shells give for a process that a signal ended: 128 and the signal's number.
const statuses: readonly (readonly [Deno.Signal, number])[] = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
];

/**
 * Runs `work`, whose signal is aborted by Ctrl-C.
 *
 * @throws {Stopped} when work ended for it.
 */
export async function stoppable<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const listeners = statuses
    .filter(([signal]) => Deno.build.os !== "windows" || signal === "SIGINT")
    .map(([signal, status]) =>
      [signal, () => controller.abort(new Stopped(status))] as const
    );
  for (const listener of listeners) Deno.addSignalListener(...listener);
  try {
    return await work(controller.signal);
  } finally {
    for (const listener of listeners) Deno.removeSignalListener(...listener);
  }
}
