/**
 * What a line of progress says, in full or shortened to the width of a terminal.
 *
 * @module
 */
import type { HardwareUse } from "../engine/mod.ts";

/** What a phase tells while it runs. */
export interface ProgressUpdate extends Partial<HardwareUse> {
  /** Steps done. */
  step: number;
  loss?: number;
  learningRate?: number;
  imagesPerSecond?: number;
  /** The share of the time that was spent waiting for data. */
  dataWait?: number;
}

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

/** The number of processors that this process may use. */
const cores = navigator.hardwareConcurrency;

/** Each number in words. */
const words = {
  loss: ({ loss }: ProgressUpdate) => loss === undefined ? "" : `loss ${loss.toFixed(4)}`,
  learningRate: ({ learningRate: rate }: ProgressUpdate) =>
    rate === undefined ? "" : `lr ${rate.toExponential(1)}`,
  speed: ({ imagesPerSecond: speed }: ProgressUpdate) =>
    speed === undefined ? "" : `${formatSpeed(speed)} img/s`,
  data: ({ dataWait }: ProgressUpdate) =>
    dataWait === undefined ? "" : `data ${percent(dataWait)}`,
  processors: ({ processors }: ProgressUpdate) =>
    processors === undefined ? "" : `CPU ${percent(processors / cores)}`,
  memory: ({ residentBytes: bytes }: ProgressUpdate) =>
    bytes === undefined ? "" : gibibytes(bytes),
  card: ({ gpuUse }: ProgressUpdate) =>
    gpuUse === undefined ? "" : `GPU ${percent(gpuUse)}`,
  cardMemory: ({ gpuMemoryBytes: bytes }: ProgressUpdate) =>
    bytes === undefined ? "" : `${gibibytes(bytes)} on GPU`,
};

type Word = keyof typeof words;

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function describe(update: ProgressUpdate, without: ReadonlySet<Word>): string {
  return Object.entries(words)
    .filter(([word]) => !without.has(word as Word))
    .map(([, write]) => write(update))
    .filter((text) => text !== "")
    .join(", ");
}

/**
 * Loss, speed and what else is known, in words. The processors are percent of those that the process
 * may use.
 *
 * @example
 * ```ts
 * import { describeUpdate } from "./progress_line.ts";
 * const update = { step: 1, loss: 0.5, imagesPerSecond: 900, dataWait: 0.02, gpuUse: 0.9 };
 * console.log(describeUpdate(update)); // loss 0.5000, 900 img/s, data 2 %, GPU 90 %
 * ```
 */
export function describeUpdate(update: ProgressUpdate): string {
  return describe(update, new Set());
}

/** What a narrow line does without, from the first to the last. */
const leftOut: readonly Word[] = [
  ...["memory", "cardMemory", "learningRate", "data", "processors", "card"] as const,
  ...["speed", "loss"] as const,
];
const widestBar = 24;
// Numbers change their length all the time; in such paces the bar seldom changes its own.
const barPace = 4;
const narrowestBar = 2 * barPace;

/** Where a phase stands. */
export interface ProgressState {
  phase: string;
  total: number;
  step: number;
  /** Undefined before the first step has ended. */
  update?: ProgressUpdate | undefined;
  /** Time left, in words. */
  left: string;
}

/**
 * One line with a bar for a terminal of so many columns. What does not fit is left out: first the
 * length of the bar, then numbers, those that matter least first.
 *
 * @example
 * ```ts
 * import { progressLine } from "./progress_line.ts";
 * const update = { step: 5, loss: 0.5, learningRate: 1e-3 };
 * console.log(progressLine({ phase: "mae", total: 10, step: 5, update, left: "3 s" }, 40));
 * // mae ████░░░░ 5/10, loss 0.5000, 3 s left
 * ```
 */
export function progressLine(state: ProgressState, columns: number): string {
  const { phase, total, step, update, left } = state;
  for (let count = 0; count <= leftOut.length; count++) {
    const detail = update === undefined
      ? "compiling …"
      : describe(update, new Set(leftOut.slice(0, count)));
    const ending = update === undefined ? "" : `${left} left`;
    const end = [`${step}/${total}`, detail, ending].filter((text) => text !== "")
      .join(", ");
    const room = columns - phase.length - end.length - 2;
    const width = Math.min(widestBar, room - room % barPace);
    if (width < narrowestBar) {
      // The loss says more than a bar.
      const onlyLoss = leftOut[count] === "loss";
      if (onlyLoss && room >= -1) return `${phase} ${end}`;
      continue;
    }
    const full = Math.round(width * Math.min(1, step / total));
    return `${phase} ${"█".repeat(full)}${"░".repeat(width - full)} ${end}`;
  }
  return `${phase} ${step}/${total}, ${left} left`.slice(0, Math.max(1, columns));
}
