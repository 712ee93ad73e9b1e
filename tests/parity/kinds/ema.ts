/** Moving averages of a sequence of parameters, as timm and as openmixup take them. */
import { z } from "zod";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import type { Parameters } from "../../../lib/nn/scope.ts";
import { type EmaOptions, emaShare, emaUpdate } from "../../../lib/trainers/ema.ts";
import { configOf, type GoldenCase, input } from "../golden_case.ts";
import { type Computation, computation, type Kinds } from "../kind.ts";

const emaConfig = z.object({
  decay: z.number(),
  steps: z.int().positive(),
  warmup: z.enum(["constant", "linear", "exp"]).nullable().default(null),
  warmup_iters: z.number().default(0),
  warmup_ratio: z.number().default(0.9),
});

const sequence = "in/sequence/";

function movingAverages(golden: GoldenCase): Computation {
  const config = configOf(golden, emaConfig);
  const names = [...golden.tensors.keys()].flatMap((key) =>
    key.startsWith(sequence) ? [key.slice(sequence.length)] : []
  );
  const plain: EmaOptions = { momentum: config.decay };
  const warm: EmaOptions = config.warmup === null ? plain : {
    ...plain,
    warmup: {
      kind: config.warmup === "exp" ? "exponential" : config.warmup,
      steps: config.warmup_iters,
      ratio: config.warmup_ratio,
    },
  };
  const given = {
    values: Object.fromEntries(
      names.map((name) => [name, input(golden, `sequence/${name}`)]),
    ),
    steps: tf.range(1, config.steps + 1),
  };
  return computation(given, ({ values, steps }) => {
    const outputs: Record<string, Tensor> = {};
    const unstacked = Object.fromEntries(
      names.map((name) => [name, values[name]!.unstack()]),
    );
    const parametersAt = (step: number): Parameters =>
      Object.fromEntries(names.map((name) => [name, unstacked[name]![step]!]));
    const counted = steps.unstack();
    for (const [project, options] of [["timm", plain], ["openmixup", warm]] as const) {
      const wanted = names.filter((name) => golden.tensors.has(`out/${project}/${name}`));
      const start = parametersAt(0);
      let average = Object.fromEntries(wanted.map((name) => [name, start[name]!]));
      const averages = counted.map((step, index) => {
        const parameters = parametersAt(index + 1);
        return average = emaUpdate(options, { average, parameters, step });
      });
      for (const name of wanted) {
        outputs[`out/${project}/${name}`] = tf.stack(
          averages.map((average) => average[name]!),
        );
      }
    }
    outputs["out/openmixup_momentum"] = tf.stack(
      counted.map((step) => tf.sub(1, emaShare(warm, step))),
    );
    return outputs;
  });
}

/** The kind of cases about moving averages of parameters. */
export const emaKinds: Kinds = { ema: movingAverages };
