/** LAMB: the parameters after each step, stacked, as timm and as openmixup have them. */
import { z } from "zod";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { lamb } from "../../../lib/trainers/optimizers/lamb.ts";
import { configOf, type GoldenCase, input } from "../golden_case.ts";
import { type Computation, computation, type Kinds } from "../kind.ts";

const lambConfig = z.object({
  lr: z.number(),
  weight_decay: z.number(),
  steps: z.int().positive(),
  betas: z.tuple([z.number(), z.number()]),
  eps: z.number(),
  max_grad_norm: z.number().nullable(),
  always_adapt: z.boolean().default(false),
  trust_clip: z.boolean().default(false),
  // Options that no recipe changes.
  bias_correction: z.literal(true).optional(),
  grad_averaging: z.literal(true).optional(),
});

function lambSteps(golden: GoldenCase): Computation {
  const config = configOf(golden, lambConfig);
  const read = (prefix: string): Record<string, Tensor> =>
    Object.fromEntries(
      [...golden.tensors.keys()].flatMap((key) => {
        const index = new RegExp(`^in/${prefix}(\\d+)$`).exec(key)?.[1];
        return index === undefined
          ? []
          : [[`param${index}`, input(golden, `${prefix}${index}`)]];
      }),
    );
  const given = {
    parameters: read("param"),
    gradients: read("grads"),
    learningRate: tf.scalar(config.lr),
    steps: tf.range(1, config.steps + 1),
  };
  // The case's groups: vectors and scalars do not decay.
  const groups = new Map(
    Object.entries(given.parameters).map(([name, { shape }]) => [name, {
      learningRateScale: 1,
      weightDecay: shape.length <= 1 ? 0 : config.weight_decay,
    }]),
  );
  const optimizer = lamb({
    groups,
    betas: config.betas,
    epsilon: config.eps,
    maximumGradientNorm: config.max_grad_norm ?? Infinity,
    alwaysAdapt: config.always_adapt,
    trustClip: config.trust_clip,
  });
  return computation(given, ({ parameters, gradients, learningRate, steps }) => {
    const names = Object.keys(parameters);
    const perStep = Object.fromEntries(
      names.map((name) => [name, gradients[name]!.unstack()]),
    );
    const after: Record<string, Tensor[]> = Object.fromEntries(
      names.map((name) => [name, []]),
    );
    let state = optimizer.initial(parameters);
    for (const [index, step] of steps.unstack().entries()) {
      const updated = optimizer.update({
        parameters,
        gradients: Object.fromEntries(
          names.map((name) => [name, perStep[name]![index]!]),
        ),
        state,
        learningRate,
        step,
      });
      ({ parameters, state } = updated);
      for (const name of names) after[name]!.push(parameters[name]!);
    }
    return Object.fromEntries(
      ["timm", "openmixup"].flatMap((project) =>
        names.map((name) => [`out/${project}/${name}`, tf.stack(after[name]!)])
      ),
    );
  });
}

/** The kind of cases about LAMB. */
export const lambKinds: Kinds = { lamb: lambSteps };
