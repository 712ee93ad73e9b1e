/**
 * Ctrl-C, and a notebook's stop button: they set a flag that training loops look at between steps,
 * so that a step is finished and saved before the loop ends.
 *
 * @module
 */

/** A request to stop, as a training loop sees it. */
export interface Interruption {
  /** Whether somebody asked to stop. */
  readonly requested: boolean;
}

/** Training ended early because somebody asked; everything up to that step is saved. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Runs `body` while SIGINT and SIGTERM set a flag instead of ending the process. A second Ctrl-C
 * ends it at once.
 *
 * @example
 * ```ts ignore
 * import { whileInterruptible } from "./interrupt.ts";
 * await whileInterruptible(async (interruption) => {
 *   while (!interruption.requested) await new Promise((resolve) => setTimeout(resolve, 10));
 * });
 * ```
 */
export async function whileInterruptible<Result>(
  body: (interruption: Interruption) => Promise<Result>,
): Promise<Result> {
  const interruption = { requested: false };
  const request = () => {
    if (interruption.requested) Deno.exit(130);
    interruption.requested = true;
    console.error("\nStopping after this step (press Ctrl-C again to stop at once) …");
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, request);
  try {
    return await body(interruption);
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, request);
  }
}
