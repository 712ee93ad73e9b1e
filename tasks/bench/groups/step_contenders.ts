/**
 * Those who take part in the group `step`, each with the losses of its first steps.
 *
 * @module
 */
import type { JitOptions } from "../../../lib/engine/mod.ts";
import type { Contender } from "../group.ts";
import type { PythonModule } from "../python_module.ts";
import {
  type initialTensors,
  optimizerSettings,
  type StepSizes,
  trainer,
} from "./step_model.ts";

/** Steps of a timed round, after one that does not count: the caches held another's numbers. */
export const stepsPerRound = 3;
/** Losses that are compared: the last is that after three updates. */
export const comparedSteps = 4;

/** A contender and what shows that it computes what the others compute. */
export interface StepContender extends Contender {
  precision: "float32" | "bfloat16";
  losses: number[];
  /** From nothing to the first loss, trace and compilation included. */
  firstStepSeconds: number;
  dispose?: () => void;
}

const ours: readonly { name: string; how: "eager" | JitOptions }[] = [
  { name: "mimkit tfjs eager", how: "eager" },
  { name: "mimkit jit xla", how: { compiler: "xla" } },
  { name: "mimkit jit graph", how: { compiler: "graph" } },
  { name: "mimkit jit bfloat16", how: { precision: "bfloat16" } },
];

const theirs = [
  { name: "torch eager", compiled: false, bfloat16: false },
  { name: "torch compile", compiled: true, bfloat16: false },
  { name: "torch eager bfloat16", compiled: false, bfloat16: true },
  { name: "torch compile bfloat16", compiled: true, bfloat16: true },
] as const;

/** This library's contenders, with their first steps done. */
export async function ourContenders(
  sizes: StepSizes,
  start: ReturnType<typeof initialTensors>,
  log: (line: string) => void,
): Promise<StepContender[]> {
  const contenders: StepContender[] = [];
  for (const { name, how } of ours) {
    log(`${name}: first steps`);
    const started = performance.now();
    const training = trainer(sizes, start, how);
    const losses = [await training.step()];
    const firstStepSeconds = (performance.now() - started) / 1000;
    while (losses.length < comparedSteps) losses.push(await training.step());
    contenders.push({
      name,
      precision: how === "eager" ? "float32" : how.precision ?? "float32",
      losses,
      firstStepSeconds,
      dispose: () => training.dispose(),
      round: async () => {
        await training.step();
        const started = performance.now();
        let loss = 0;
        for (let step = 0; step < stepsPerRound; step++) loss = await training.step();
        const time = (performance.now() - started) / stepsPerRound;
        if (!Number.isFinite(loss)) throw new Error(`The loss of ${name} became ${loss}`);
        return time;
      },
    });
  }
  return contenders;
}

/**
 * PyTorch's contenders, from the same tensors.
 *
 * @param tensors the safetensors file with the parameters, `inputs` and `targets`.
 * @returns with the reasons why one cannot take part (torch.compile needs a C++ compiler,
 *   its bfloat16 a processor with AVX-512).
 */
export async function torchContenders(
  torch: PythonModule,
  setting: StepSizes & { tensors: string; threads: number; device: string },
  log: (line: string) => void,
): Promise<{ contenders: StepContender[]; absent: string[] }> {
  const contenders: StepContender[] = [];
  const absent: string[] = [];
  for (const { name, compiled, bfloat16 } of theirs) {
    log(`${name}: first steps${compiled ? " (compiling takes about a minute)" : ""}`);
    try {
      const first = await torch.call<{ losses: number[]; firstStepSeconds: number }>(
        "prepare",
        {
          name,
          compiled,
          bfloat16,
          steps: comparedSteps,
          setting: { ...setting, ...optimizerSettings },
        },
      );
      contenders.push({
        name,
        precision: bfloat16 ? "bfloat16" : "float32",
        ...first,
        round: () => torch.call<number>("time_round", { name, steps: stepsPerRound }),
      });
    } catch (error) {
      if (!compiled && !bfloat16) throw error;
      absent.push(`${name} did not take part: ${(error as Error).message}`);
    }
  }
  return { contenders, absent };
}
