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
  /** Aborted by the request, for what waits. */
  readonly abort?: AbortSignal;
}

// What shells give for a process that a signal ended: 128 and the signal's number.
const statusOfInterrupt = 130;
const statusOfTermination = 143;

function statusOf(signal?: Deno.Signal): number {
  return signal === "SIGTERM" ? statusOfTermination : statusOfInterrupt;
}

/** Training ended early because somebody asked; everything up to that step is saved. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** What a process that ends for it exits with. */
  readonly exitStatus: number;

  constructor(sentence: string, signal?: Deno.Signal) {
    super(sentence);
    this.exitStatus = statusOf(signal);
  }
}

/**
 * What a promise gives, unless somebody asks to stop before that: reading may take for ever.
 *
 * @param what names what stops in the error.
 * @throws {Interrupted} when somebody asked to stop.
 */
export async function unlessStopped<Result>(
  work: Promise<Result>,
  interruption: Interruption,
  what: string,
): Promise<Result> {
  const { abort } = interruption;
  if (abort === undefined) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void =>
    reject(new Interrupted(`${what} stopped`, interruption.signal));
  abort.addEventListener("abort", stop);
  work.catch(() => {}); // when it is not waited for any more
  try {
    if (abort.aborted) stop();
    return await Promise.race([work, promise]);
  } finally {
    abort.removeEventListener("abort", stop);
  }
}

// What reads may hang: who asked to stop waits no longer than this for its end.
const mostMillisecondsToEnd = 1000;

/** Waits for something to end, but not for long when somebody asked to stop. */
export async function waitToEnd(
  end: Promise<unknown>,
  interruption: Interruption | undefined,
): Promise<void> {
  if (interruption?.requested !== true) {
    await end;
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, mostMillisecondsToEnd);
  await Promise.race([end.catch(() => {}), promise]);
  clearTimeout(timer);
}

// One press may come twice: npx passes on what the terminal has sent to every process already.
const samePressMilliseconds = 500;

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
  const controller = new AbortController();
  const interruption: { requested: boolean; signal?: Deno.Signal; abort: AbortSignal } = {
    requested: false,
    abort: controller.signal,
  };
  let pressed = -Infinity;
  const request = (signal: Deno.Signal): void => {
    const isEcho = performance.now() - pressed < samePressMilliseconds;
    if (isEcho) return;
    pressed = performance.now();
    const inNotebook = currentNotebook() !== undefined;
    if (interruption.requested && !inNotebook) Deno.exit(statusOf(signal));
    interruption.requested = true;
    interruption.signal = signal;
    const again = inNotebook ? "" : " (press Ctrl-C again to stop at once)";
    console.error(`\nStopping after this step${again} …`);
    controller.abort();
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
