/**
 * Those who take part in the group `methods`, each with its first steps done.
 *
 * @module
 */
import { type Compiler, hasGpu, tf } from "../../../lib/engine/mod.ts";
import type { Contender } from "../group.ts";
import type { PythonModule } from "../python_module.ts";
import type { MethodModel } from "./methods_models.ts";
import { inReferenceLayout, prepareTorch, writeStart } from "./methods_torch.ts";
import { type MethodStart, methodTrainer } from "./methods_trainer.ts";

/** Steps of a timed round, after one that does not count. */
export const stepsPerRound = 2;
/** Losses that are compared: the last is that after two updates. */
export const comparedSteps = 3;

// As python/torch_methods.py.
const shownValues = 2048;

/** A contender and what shows that it computes what the others compute. */
export interface MethodContender extends Contender {
  losses: number[];
  /** The first values of some parameters after one update, in PyTorch's layout. */
  updated: Record<string, number[]>;
  firstStepSeconds: number;
  dispose?: () => void;
}

function shown(name: string, value: MethodStart["parameters"], start: MethodStart) {
  return tf.tidy(() => {
    const values = inReferenceLayout(name, value[name]!, start).dataSync();
    return Array.from(values.subarray(0, shownValues));
  });
}

/** The start of the compared parameters, as the contenders tell their updates. */
export function shownParameters(
  { compared }: MethodModel,
  start: MethodStart,
  parameters: MethodStart["parameters"] = start.parameters,
): Record<string, number[]> {
  return Object.fromEntries(
    compared.map((name) => [name, shown(name, parameters, start)]),
  );
}

/**
 * This library's contenders.
 *
 * @param compilers one of `jit`'s choices; `both` is the one that it makes by itself, and the other.
 */
export async function ourContenders(
  model: MethodModel,
  start: MethodStart,
  compilers: Compiler | "both",
  log: (line: string) => void,
): Promise<MethodContender[]> {
  const prepare = async (wanted: Compiler) => {
    log(`${model.label}: first steps of mimkit jit ${wanted}`);
    const started = performance.now();
    const trainer = methodTrainer(model, start, wanted);
    const losses = [await trainer.step()];
    const firstStepSeconds = (performance.now() - started) / 1000;
    const updated = shownParameters(model, start, trainer.parameters());
    while (losses.length < comparedSteps) losses.push(await trainer.step());
    const compiler = trainer.compiler()!;
    const name = `mimkit jit ${compiler}${wanted === "auto" ? " (auto)" : ""}`;
    const contender: MethodContender = {
      name,
      losses,
      updated,
      firstStepSeconds,
      dispose: () => trainer.dispose(),
      round: async () => {
        await trainer.step();
        const started = performance.now();
        let loss = 0;
        for (let step = 0; step < stepsPerRound; step++) loss = await trainer.step();
        const time = (performance.now() - started) / stepsPerRound;
        if (!Number.isFinite(loss)) throw new Error(`The loss of ${name} became ${loss}`);
        return time;
      },
    };
    return { compiler, contender };
  };
  if (compilers !== "both") return [(await prepare(compilers)).contender];
  const chosen = await prepare("auto");
  const other = await prepare(chosen.compiler === "xla" ? "graph" : "xla");
  return [chosen.contender, other.contender];
}

/**
 * PyTorch's contenders, from the same tensors.
 *
 * @param compile whether torch.compile takes part; compiling takes minutes.
 * @returns with the reasons why one cannot take part (torch.compile needs a C++ compiler).
 */
export async function torchContenders(
  torch: PythonModule,
  model: MethodModel,
  start: MethodStart,
  { threads, compile, log }: {
    threads: number;
    compile: boolean;
    log: (line: string) => void;
  },
): Promise<{ contenders: MethodContender[]; absent: string[] }> {
  const contenders: MethodContender[] = [];
  const absent: string[] = [];
  const folder = await Deno.makeTempDir({ prefix: "mimkit-bench-" });
  try {
    const tensors = `${folder}/start.safetensors`;
    await writeStart(tensors, model, start);
    // A GPU against a CPU would compare machines, not libraries.
    const device = hasGpu() ? "cuda" : "cpu";
    for (const variant of model.torch.variants) {
      const { name, compiled } = variant;
      if (compiled && !compile) continue;
      log(`${model.label}: first steps of ${name}${compiled ? " (compiles)" : ""}`);
      try {
        const setting = { tensors, threads, device, steps: comparedSteps };
        const first = await prepareTorch(torch, model, variant, setting);
        const round = () =>
          torch.call<number>("time_round", { name, steps: stepsPerRound });
        contenders.push({ name, ...first, round });
      } catch (error) {
        if (!compiled) throw error;
        await torch.call("forget", { name });
        absent.push(`${name} did not take part: ${(error as Error).message}`);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return { contenders, absent };
}
