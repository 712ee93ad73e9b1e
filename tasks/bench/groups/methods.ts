/**
 * The group `methods`: a whole pretraining step of MixMIM and of A2MIM with AdamW, jitted and in
 * PyTorch, after a check that all compute the same numbers.
 *
 * @module
 */
import { type Compiler, disposeTree, type Profile } from "../../../lib/engine/mod.ts";
import type { GroupContext } from "../group.ts";
import type { MethodName } from "../model_names.ts";
import type { GroupResult, Measurement, Target } from "../results.ts";
import { alternate } from "../rounds.ts";
import { ratioOf, spreadOf } from "../statistics.ts";
import { alignColumns } from "../table.ts";
import { useThreads } from "../threads.ts";
import { compareFirstSteps } from "./methods_agreement.ts";
import {
  ourContenders,
  shownParameters,
  stepsPerRound,
  torchContenders,
} from "./methods_contenders.ts";
import { type MethodModel, methodModels } from "./methods_models.ts";
import { type MethodStart, methodTrainer, startOf } from "./methods_trainer.ts";

type Outcome = Pick<GroupResult, "measurements" | "targets" | "notes">;

/** The quicker of some measurements, by their medians. */
function quickest(measurements: readonly Measurement[]): Measurement | undefined {
  return measurements.toSorted((one, other) =>
    spreadOf(one.samples).median - spreadOf(other.samples).median
  )[0];
}

/**
 * The better compiler of ours against PyTorch's better eager form; torch.compile is no part of it,
 * as the originals do not use it.
 */
export function methodTarget(
  { label, limit }: Pick<MethodModel, "label" | "limit">,
  measurements: readonly Measurement[],
): Target {
  const having = (word: string) =>
    quickest(measurements.filter(({ contender }) => contender.startsWith(word)));
  const [ours, theirs] = [having("mimkit"), having("torch eager")];
  const better = "at least";
  if (ours === undefined || theirs === undefined) {
    const text = `${label}: mimkit jit against torch eager`;
    return { text, better, limit, value: null, unit: "×" };
  }
  const { value, least, most } = ratioOf(ours.samples, theirs.samples);
  const text = `${label}: ${ours.contender} against ${theirs.contender}`;
  return { text, better, limit, value, unit: "×", range: [least, most] };
}

const profileRows = 12;

/** A profile as lines of text. */
export function profileLines(profile: Profile): string[] {
  const sum = profile.operations.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const share = (milliseconds: number) => `${(100 * milliseconds / sum).toFixed(1)} %`;
  const kinds = profile.operations.slice(0, profileRows).map((
    { operation, count, milliseconds },
  ) => [operation, `${count}×`, `${milliseconds.toFixed(1)} ms`, share(milliseconds)]);
  const nodes = profile.nodes.slice(0, profileRows / 2).map((
    { operation, shape, milliseconds },
  ) => [
    `${operation} → [${shape}]`,
    "1×",
    `${milliseconds.toFixed(1)} ms`,
    share(milliseconds),
  ]);
  return [
    `profile of a step as a graph: ${
      profile.milliseconds.toFixed(0)
    } ms, its operations ` +
    `together ${
      sum.toFixed(0)
    } ms (some run side by side); by kind, then the slowest ones:`,
    ...alignColumns([...kinds, ...nodes]).map((line) => `  ${line}`),
  ];
}

async function profileOf(model: MethodModel, start: MethodStart): Promise<string[]> {
  const trainer = methodTrainer(model, start, "graph");
  try {
    return profileLines(await trainer.profile());
  } finally {
    trainer.dispose();
  }
}

async function measureModel(
  name: MethodName,
  { flags, threads, peers, log }: GroupContext,
): Promise<Outcome> {
  const { size, images, repeats, eager } = flags;
  const compiler = flags.compiler as Compiler | "both"; // as its choices say
  const model = methodModels[name]({ size, images });
  const start = startOf(model);
  const contenders = await ourContenders(model, start, compiler, log);
  const notes: string[] = [];
  await using torch = peers.has("torch")
    ? await peers.start("torch", "torch_methods")
    : null;
  if (torch !== null) {
    const how = { threads, compile: !eager, log };
    const theirs = await torchContenders(torch, model, start, how);
    // Alternating by pairs: ours, theirs, ours, theirs.
    theirs.contenders.forEach((one, index) => contenders.splice(2 * index + 1, 0, one));
    notes.push(...theirs.absent);
  }
  const reference = torch === null ? contenders[0]!.name : "torch eager";
  notes.push(
    ...compareFirstSteps(contenders, reference, shownParameters(model, start)),
    ...contenders.map(({ name, firstStepSeconds }) =>
      `${name}: first step after ${firstStepSeconds.toFixed(1)} s, compilation included`
    ),
  );
  const measurements = await alternate(contenders, {
    repeats,
    unit: "ms",
    log: (line) => log(`${model.label}: ${line}`),
  });
  contenders.forEach((contender) => contender.dispose?.());
  if (flags.profile) {
    log(`${model.label}: profile`);
    notes.push(...await profileOf(model, start));
  }
  disposeTree([start.parameters, model.batch, model.torch.inputs]);
  return {
    measurements: measurements.map((measurement) => ({
      ...measurement,
      contender: `${model.label}: ${measurement.contender}`,
    })),
    targets: [methodTarget(model, measurements)],
    notes: notes.map((note) => note.startsWith(" ") ? note : `${model.label}: ${note}`),
  };
}

/** Milliseconds of a pretraining step of each model that was asked for. */
export async function measureMethods(
  context: GroupContext,
): Promise<GroupResult> {
  useThreads(context.threads);
  const { size, images } = context.flags;
  const outcomes: Outcome[] = [];
  // One after the other, its memory freed before the next.
  for (const name of context.models) outcomes.push(await measureModel(name, context));
  return {
    group: "methods",
    title: `a pretraining step with AdamW: ${images} images of ${size}×${size}`,
    settings: {
      ...{ size, images, stepsPerRound },
      // Decides which convolutions and products TensorFlow runs; by default the processor does.
      oneDnn: Deno.env.get("TF_ENABLE_ONEDNN_OPTS") ?? "by processor",
    },
    measurements: outcomes.flatMap(({ measurements }) => measurements),
    targets: outcomes.flatMap(({ targets }) => targets),
    notes: outcomes.flatMap(({ notes }) => notes),
  };
}
