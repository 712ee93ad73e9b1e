/**
 * How far a long phase is: a bar on a terminal, a line now and then elsewhere.
 *
 * @module
 */
import process from "node:process";
import cliProgress from "cli-progress";

/** What a phase tells while it runs. */
export interface ProgressUpdate {
  /** Steps done. */
  step: number;
  loss?: number;
  learningRate?: number;
  imagesPerSecond?: number;
  /** The share of the time that was spent waiting for data. */
  dataWait?: number;
  /** How many processors were busy with this process, such as 1.8 of 2. */
  processors?: number;
}

/** Receives updates of one phase. */
export interface Progress {
  update(update: ProgressUpdate): void;
  /** The phase has ended, finished or not. */
  stop(): void | Promise<void>;
}

/** Starts to show a phase of `total` steps, `done` of them already behind it. */
export type StartProgress = (phase: string, total: number, done: number) => Progress;

/** Seconds as "1 h 02 min", "3 min 05 s" or "12 s". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (value: number): string => String(value).padStart(2, "0");
  if (whole >= 3600) {
    return `${Math.floor(whole / 3600)} h ${pad(Math.floor(whole / 60) % 60)} min`;
  }
  if (whole >= 60) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${whole} s`;
}

/** 1850, 42 and 3.1: as many digits as say something. */
function formatSpeed(value: number): string {
  return value < 10 ? value.toFixed(1) : String(Math.round(value));
}

/**
 * Loss, speed and what else is known, in words.
 *
 * @example
 * ```ts
 * import { describeUpdate } from "./progress.ts";
 * const update = { step: 1, loss: 0.5, imagesPerSecond: 900, dataWait: 0.02, processors: 1.9 };
 * console.log(describeUpdate(update)); // loss 0.5000, 900 img/s, data 2 %, CPU 190 %
 * ```
 */
export function describeUpdate(update: ProgressUpdate): string {
  const { loss, learningRate, imagesPerSecond, dataWait, processors } = update;
  const parts: string[] = [];
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
  if (learningRate !== undefined) parts.push(`lr ${learningRate.toExponential(1)}`);
  if (imagesPerSecond !== undefined) parts.push(`${formatSpeed(imagesPerSecond)} img/s`);
  if (dataWait !== undefined) parts.push(`data ${percent(dataWait)}`);
  if (processors !== undefined) parts.push(`CPU ${percent(processors)}`);
  return parts.join(", ");
}

/** Time left, from the steps since the first update: the first step holds tracing and compiling. */
export function remainingTime(total: number): (step: number) => string {
  let first: { step: number; time: number } | undefined;
  return (step) => {
    const time = performance.now();
    first ??= { step, time };
    if (step === first.step) return "…";
    return formatDuration(
      (time - first.time) / (step - first.step) * (total - step) / 1000,
    );
  };
}

const bar: StartProgress = (phase, total, done) => {
  const remaining = remainingTime(total);
  const single = new cliProgress.SingleBar({
    stream: process.stderr,
    format: `${
      phase.padEnd(16)
    } {bar} {percentage} %  {value}/{total}  {detail}  {left} left`,
    hideCursor: null as unknown as boolean, // a killed process must not leave it hidden
    barsize: 24,
    fps: 5,
  }, cliProgress.Presets.shades_classic);
  single.start(total, done, { detail: "compiling …", left: "…" });
  return {
    update: (update) =>
      single.update(update.step, {
        detail: describeUpdate(update),
        left: remaining(update.step),
      }),
    stop: () => single.stop(),
  };
};

// Milliseconds between lines where there is no terminal, such as in a log file.
const lineInterval = 10_000;

const lines: StartProgress = (phase, total, done) => {
  const remaining = remainingTime(total);
  let shown = performance.now();
  console.error(`${phase}: ${total} steps${done > 0 ? `, ${done} already done` : ""}`);
  return {
    update(update) {
      const left = remaining(update.step);
      const last = update.step === total;
      if (!last && performance.now() - shown < lineInterval) return;
      shown = performance.now();
      const detail = describeUpdate(update);
      const ending = last ? "done" : `${left} left`;
      console.error(
        `${phase}: ${update.step}/${total}, ${detail ? `${detail}, ` : ""}${ending}`,
      );
    },
    stop: () => {},
  };
};

/** Shows on stderr, as a bar if that is a terminal. */
export const terminalProgress: StartProgress = (phase, total, done) =>
  (Deno.stderr.isTerminal() ? bar : lines)(phase, total, done);

/** Shows nothing. */
export const noProgress: StartProgress = () => ({ update: () => {}, stop: () => {} });
