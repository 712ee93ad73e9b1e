/** Optimisers: parameters after each of some steps, and the moments after the last. */
import { z } from "zod";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { adamW } from "../../../lib/trainers/optimizers/adamw.ts";
import { larsOfMae, larsOfMmpretrain } from "../../../lib/trainers/optimizers/lars.ts";
import type { Optimizer } from "../../../lib/trainers/optimizers/optimizer.ts";
import { configOf, type GoldenCase, input } from "../golden_case.ts";
import { type Computation, computation, type Kinds } from "../kind.ts";

const stepsConfig = z.object({
  params: z.record(z.string(), z.array(z.int())),
  steps: z.int().positive(),
  lr: z.array(z.number()),
  weight_decay: z.number(),
});
const adamWConfig = stepsConfig.extend({
  betas: z.tuple([z.number(), z.number()]),
  eps: z.number(),
  no_decay: z.array(z.string()).default([]),
  lr_scale: z.record(z.string(), z.number()).default({}),
});
const larsConfig = stepsConfig.extend({
  momentum: z.number(),
  trust_coefficient: z.number(),
});

/** Runs the optimiser step by step; `stored` names its moments as the case does. */
function steps<Moment extends string>(
  golden: GoldenCase,
  optimizer: Optimizer<Moment>,
  stored: Record<Moment, string>,
): Computation {
  const config = configOf(golden, stepsConfig);
  const names = Object.keys(config.params);
  const read = (prefix: string): Record<string, Tensor> =>
    Object.fromEntries(names.map((name) => [name, input(golden, `${prefix}_${name}`)]));
  const given = {
    parameters: read("param0"),
    gradients: Array.from(
      { length: config.steps },
      (_, step) => read(`grad_${step + 1}`),
    ),
    learningRates: Array.from(
      { length: config.steps },
      (_, step) => tf.scalar(config.lr[step]!),
    ),
    steps: Array.from(
      { length: config.steps },
      (_, step) => tf.scalar(step + 1, "int32"),
    ),
  };
  return computation(given, ({ parameters, gradients, learningRates, steps }) => {
    const outputs: Record<string, Tensor> = {};
    let state = optimizer.initial(parameters);
    for (const [index, gradient] of gradients.entries()) {
      const learningRate = learningRates[index]!;
      const step = steps[index]!;
      const updated = optimizer.update({
        parameters,
        gradients: gradient,
        state,
        learningRate,
        step,
      });
      ({ parameters, state } = updated);
      for (const name of names) {
        outputs[`out/param_${index + 1}_${name}`] = parameters[name]!;
      }
    }
    for (const moment of Object.keys(stored) as Moment[]) {
      for (const name of names) {
        outputs[`out/${stored[moment]}_${name}`] = state[moment][name]!;
      }
    }
    return outputs;
  });
}

/** The kinds of cases about optimisers. */
export const optimizers: Kinds = {
  adamw: (golden) => {
    const config = configOf(golden, adamWConfig);
    const groups = new Map(
      Object.keys(config.params).map((name) => [name, {
        learningRateScale: config.lr_scale[name] ?? 1,
        weightDecay: config.no_decay.includes(name) ? 0 : config.weight_decay,
      }]),
    );
    const optimizer = adamW({ groups, betas: config.betas, epsilon: config.eps });
    return steps(golden, optimizer, {
      firstMoment: "exp_avg",
      secondMoment: "exp_avg_sq",
    });
  },
  "lars-mae": (golden) => {
    const { weight_decay, momentum, trust_coefficient } = configOf(golden, larsConfig);
    const optimizer = larsOfMae({
      weightDecay: weight_decay,
      momentum,
      trustCoefficient: trust_coefficient,
    });
    return steps(golden, optimizer, { momentum: "mu" });
  },
  "lars-mmpretrain": (golden) => {
    const { weight_decay, momentum, trust_coefficient } = configOf(golden, larsConfig);
    const optimizer = larsOfMmpretrain({
      weightDecay: weight_decay,
      momentum,
      trustCoefficient: trust_coefficient,
    });
    return steps(golden, optimizer, { momentum: "mu" });
  },
};
