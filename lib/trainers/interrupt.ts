/**
 * Ctrl-C, and a notebook's stop button: they set a flag that training loops look at between steps,
 * so that a step is finished and saved before the loop ends.
 *
 * @module
 */
import { currentNotebook } from "../plots/display.ts";

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
 * ends it at once; a second press of a notebook's stop button does not, for that would take the
 * kernel and all its variables.
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
    const inNotebook = currentNotebook() !== undefined;
    if (interruption.requested && !inNotebook) Deno.exit(130);
    interruption.requested = true;
    const again = inNotebook ? "" : " (press Ctrl-C again to stop at once)";
    console.error(`\nStopping after this step${again} …`);
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
