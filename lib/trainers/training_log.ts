/**
 * Where a training loop tells what it does: the progress line, metrics.jsonl and TensorBoard.
 *
 * @module
 */
import {
  hardwareMeter,
  type HardwareUse,
  openSummaries,
  type SummaryWriter,
} from "../engine/mod.ts";
import { explainWriting } from "../runs/files.ts";
import type { RunWriter } from "../runs/run.ts";
import type { Progress } from "./progress.ts";
import type { TrainingJob } from "./training_job.ts";

/** A step, for the log. */
export interface LoggedStep {
  /** From 1. */
  step: number;
  loss: number;
  metrics: Record<string, number>;
  /** Of the step, with its wait for data. */
  milliseconds: number;
  waitedMilliseconds: number;
}

/** Takes down steps. */
export interface TrainingLog {
  write(step: LoggedStep): Promise<void>;
  /** TensorBoard's file of the phase. */
  readonly summaries: SummaryWriter | undefined;
  stop(): Promise<void>;
}

/** A running mean: single steps are noisy. */
function runningMean(): (value: number) => number {
  let mean: number | undefined;
  return (value) => mean = mean === undefined ? value : 0.95 * mean + 0.05 * value;
}

/** The recipe of a run as TensorBoard's text shows it. */
export function recipeMarkdown(recipe: Record<string, unknown>): string {
  const rows = (value: unknown, path: string): string[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, inner]) =>
        rows(inner, path === "" ? name : `${path}.${name}`)
      )
      : [`| ${path} | ${JSON.stringify(value)?.replaceAll("|", "\\|") ?? ""} |`];
  return ["| setting | value |", "| --- | --- |", ...rows(recipe, "")].join("\n");
}

/** Opens the log of a job. */
export function trainingLog(
  job: Pick<TrainingJob<never>, "phase" | "seed" | "batchSize" | "learningRate">,
  run: RunWriter | undefined,
  progress: Progress,
  meter: () => HardwareUse | undefined = hardwareMeter(),
): TrainingLog {
  const { phase, seed, batchSize } = job;
  const summaries = run === undefined
    ? undefined
    : openSummaries(`${run.folder}/tensorboard/${phase}-seed${seed}`);
  if (run !== undefined) summaries?.text("recipe", recipeMarkdown(run.run.recipe), 0);
  const speed = runningMean();
  const waiting = runningMean();
  let latestUse: HardwareUse | undefined;
  return {
    summaries,
    async write({ step, loss, metrics, milliseconds, waitedMilliseconds }) {
      const learningRate = job.learningRate(step - 1);
      const imagesPerSecond = batchSize / milliseconds * 1000;
      const dataWait = waitedMilliseconds / milliseconds;
      // Only now and then: lines in between have none of its numbers.
      const use = meter();
      latestUse = use ?? latestUse;
      progress.update({
        ...{ step, loss, learningRate },
        imagesPerSecond: speed(imagesPerSecond),
        dataWait: waiting(dataWait),
        ...latestUse,
      });
      await run?.log({
        ...{ phase, seed, step, loss, ...metrics },
        ...{ learningRate, imagesPerSecond, dataWait, ...use },
        time: Date.now(),
      });
      if (summaries === undefined) return;
      const scalars = {
        ...{ loss, ...metrics, learningRate, imagesPerSecond, dataWait },
        ...use,
      };
      try {
        for (const [name, value] of Object.entries(scalars)) {
          summaries.scalar(name, value, step);
        }
      } catch (error) {
        throw explainWriting(error, `${run!.folder}/tensorboard`);
      }
    },
    async stop() {
      summaries?.close();
      await progress.stop();
    },
  };
}
