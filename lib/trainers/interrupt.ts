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
  /** How, where it was a signal. */
  readonly signal?: Deno.Signal;
}

// What shells give for a process that a signal ended: 128 and the signal's number.
const statusOfInterrupt = 130;
const statusOfTermination = 143;

/** Training ended early because somebody asked; everything up to that step is saved. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** What a process that ends for it exits with. */
  readonly exitStatus: number;

  constructor(sentence: string, signal?: Deno.Signal) {
    super(sentence);
    this.exitStatus = signal === "SIGTERM" ? statusOfTermination : statusOfInterrupt;
  }
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
  const interruption: { requested: boolean; signal?: Deno.Signal } = { requested: false };
  const request = (signal: Deno.Signal): void => {
    const inNotebook = currentNotebook() !== undefined;
    if (interruption.requested && !inNotebook) Deno.exit(statusOfInterrupt);
    interruption.requested = true;
    interruption.signal = signal;
    const again = inNotebook ? "" : " (press Ctrl-C again to stop at once)";
    console.error(`\nStopping after this step${again} …`);
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  const listeners = signals.map((signal) => [signal, () => request(signal)] as const);
  for (const listener of listeners) Deno.addSignalListener(...listener);
  try {
    return await body(interruption);
  } finally {
    for (const listener of listeners) Deno.removeSignalListener(...listener);
  }
}
