/**
 * How far a long phase is: a bar on a terminal, a line now and then elsewhere.
 *
 * @module
 */
import process from "node:process";
import cliProgress from "cli-progress";
import {
  describeUpdate,
  formatDuration,
  progressLine,
  type ProgressUpdate,
} from "./progress_line.ts";

export { formatDuration, type ProgressUpdate };

/** Receives updates of one phase. */
export interface Progress {
  update(update: ProgressUpdate): void;
  /** The phase has ended, finished or not. */
  stop(): void | Promise<void>;
}

/** Starts to show a phase of `total` steps, `done` of them already behind it. */
export type StartProgress = (phase: string, total: number, done: number) => Progress;

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

// What a terminal is taken for that does not say how wide it is.
const usualColumns = 80;

const bar: StartProgress = (phase, total, done) => {
  const remaining = remainingTime(total);
  let latest: ProgressUpdate | undefined;
  let left = "…";
  const single = new cliProgress.SingleBar({
    stream: process.stderr,
    // The last column stays free: some terminals break the line as soon as it is full.
    format: (_options: unknown, { value: step }: { value: number }) =>
      progressLine(
        { phase, total, step, update: latest, left },
        (process.stderr.columns || usualColumns) - 1,
      ),
    hideCursor: null as unknown as boolean, // a killed process must not leave it hidden
    fps: 5,
  }, cliProgress.Presets.shades_classic);
  single.start(total, done);
  return {
    update(update) {
      latest = update;
      left = remaining(update.step);
      single.update(update.step);
    },
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
