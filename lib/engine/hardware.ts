/**
 * How busy the hardware is with this process: what a progress line shows and a run's log keeps.
 *
 * @module
 */
import process from "node:process";
import { cardInUse, hasGpu } from "./context.ts";
import { processEnvironment } from "./library/environment.ts";
import { type CardUse, nvidiaCard } from "./nvidia_use.ts";

/** How busy the hardware is; the card's numbers only where TensorFlow uses an NVIDIA card. */
export interface HardwareUse extends CardUse {
  /** How many processors were busy with this process, since the last sample: 1.8 of 2, say. */
  processors: number;
  /** Main memory that the process takes, libraries and compiled code included. */
  residentBytes: number;
}

/** Settings of {@linkcode hardwareMeter}. */
export interface HardwareMeterOptions {
  /** The least time between two samples: they cost little, but not nothing. Default: 1000. */
  milliseconds?: number;
  /** What asks the card. Default: the card that TensorFlow uses, if any. */
  card?: (() => CardUse) | undefined;
}

function cardOfTensorFlow(): (() => CardUse) | undefined {
  if (!hasGpu()) return undefined;
  const visible = processEnvironment("CUDA_VISIBLE_DEVICES");
  return nvidiaCard(cardInUse(), { visible });
}

/**
 * A meter that may be asked as often as one likes.
 *
 * The processors come from the system's own count (getrusage): Deno opens nothing below /proc without
 * --allow-all.
 *
 * @returns a function that gives a sample, or undefined until it is time for the next one
 *
 * @example
 * ```ts
 * import { hardwareMeter } from "./hardware.ts";
 * const sample = hardwareMeter();
 * console.log((sample()?.residentBytes ?? 0) > 0, sample()); // true undefined
 * ```
 */
export function hardwareMeter(
  options: HardwareMeterOptions = {},
): () => HardwareUse | undefined {
  const { milliseconds = 1000 } = options;
  let usage = process.cpuUsage();
  let time = performance.now();
  let card: (() => CardUse) | undefined;
  let samples = 0;
  return () => {
    const now = performance.now();
    const elapsed = now - time;
    if (samples > 0 && elapsed < milliseconds) return undefined;
    // Only now: TensorFlow must be running to say whether it has a card.
    if (samples++ === 0) card = "card" in options ? options.card : cardOfTensorFlow();
    const { user, system } = process.cpuUsage(usage);
    usage = process.cpuUsage();
    time = now;
    return {
      processors: (user + system) / 1000 / Math.max(1, elapsed),
      residentBytes: Deno.memoryUsage().rss,
      ...card?.(),
    };
  };
}
