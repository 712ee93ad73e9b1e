/**
 * Shows on stderr how far set-up is: a bar on a terminal, a line every ten percent elsewhere
 * (a log file, a notebook's server).
 *
 * @module
 */
import process from "node:process";
import cliProgress from "cli-progress";

/** A step of set-up, told as it goes on. */
export type SetupProgress =
  | { readonly step: "waiting" }
  | {
    readonly step: "downloading" | "unpacking";
    /** The wheel, or a file of weights. */
    readonly file: string;
    readonly bytes: number;
    /** 0 where the server does not say. */
    readonly totalBytes: number;
  };

/** Receives every step. */
export type ProgressListener = (progress: SetupProgress) => void;

/** How progress is told to people. */
export interface ProgressWords {
  /** A file's name, as short as it may be. */
  readonly label: (file: string) => string;
  /** What another process keeps this one waiting for. */
  readonly waiting: string;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

const setupWords: ProgressWords = {
  label: (wheel) => wheel.split("-").slice(0, 2).join(" "),
  waiting: "Another mimkit set-up is at work on this cache; waiting for it.",
};

/** A line every ten percent, through `write`. */
export function progressLines(
  write: (line: string) => void,
  words: ProgressWords = setupWords,
): ProgressListener {
  let shownStep = "";
  let shownTenths = -1;
  return (progress) => {
    if (progress.step === "waiting") return write(words.waiting);
    const step = `${progress.step} ${progress.file}`;
    if (step !== shownStep) [shownStep, shownTenths] = [step, -1];
    const { bytes, totalBytes } = progress;
    const tenths = totalBytes > 0 ? Math.floor((10 * bytes) / totalBytes) : 0;
    if (tenths <= shownTenths) return;
    shownTenths = tenths;
    const of = totalBytes > 0 ? ` of ${megabytes(totalBytes)}, ${10 * tenths} %` : "";
    write(`${progress.step} ${words.label(progress.file)}: ${megabytes(bytes)}${of}`);
  };
}

function progressBar(words: ProgressWords): ProgressListener {
  let bar: cliProgress.SingleBar | undefined;
  let shownStep = "";
  return (progress) => {
    if (progress.step === "waiting") return console.error(words.waiting);
    const step = `${progress.step} ${progress.file}`;
    if (step !== shownStep) {
      bar?.stop();
      shownStep = step;
      bar = new cliProgress.SingleBar({
        stream: process.stderr,
        format: `${progress.step} ${words.label(progress.file)} {bar} ` +
          "{percentage} % of {size}, {eta_formatted} left",
        linewrap: true, // a process that is stopped must not leave the terminal without it
        fps: 5,
      }, cliProgress.Presets.shades_classic);
      bar.start(progress.totalBytes, progress.bytes, {
        size: megabytes(progress.totalBytes),
      });
    }
    bar?.update(progress.bytes);
    if (progress.totalBytes > 0 && progress.bytes >= progress.totalBytes) {
      bar?.stop();
      bar = undefined;
    }
  };
}

/** Shows progress on stderr, as a bar if that is a terminal. */
export function showProgress(words: ProgressWords = setupWords): ProgressListener {
  return Deno.stderr.isTerminal()
    ? progressBar(words)
    : progressLines((line) => console.error(line), words);
}
