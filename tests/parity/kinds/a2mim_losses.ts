/** The losses of A2MIM's and SimMIM's heads, with their gradients for the prediction. */
import { z } from "zod";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import {
  a2mimFocalFrequency,
  focalFrequencyLoss,
  type FocalFrequencyOptions,
} from "../../../lib/losses/frequency.ts";
import { maskedRegression, type Regression } from "../../../lib/losses/regression.ts";
import { maskMap } from "../../../lib/nn/mask_map.ts";
import { a2mimLosses, type A2mimLossOptions } from "../../../lib/methods/a2mim.ts";
import { configOf, type GoldenCase, images, input } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";

/** openmixup's RegressionLoss. */
const regressionConfig = z.object({
  mode: z.enum(["l1_loss", "mse_loss", "focal_l1_loss", "focal_mse_loss"]),
  loss_weight: z.literal(1).default(1),
  activate: z.enum(["sigmoid", "tanh"]).default("sigmoid"),
  alpha: z.number().default(0.2),
  gamma: z.number().default(1),
  residual: z.boolean().default(false),
});

const plainL1 = regressionConfig.parse({ mode: "l1_loss" });

/** openmixup's A2MIMHead. */
export const a2mimHeadConfig = z.object({
  loss: regressionConfig.nullish().transform((loss) => loss ?? plainL1),
  unmask_weight: z.number().default(0),
  fft_weight: z.number().default(0),
  fft_focal: z.boolean().default(false),
  fft_unmask_weight: z.number().default(0),
  // Without a replacement the reference falls back to the target.
  fft_unmask_replace: z.enum(["target", "prediction", "mean", "mixed"]).nullish(),
  fft_reweight: z.boolean().default(false),
});

function regressionOf(config: z.infer<typeof regressionConfig>): Regression {
  const { alpha, gamma, activate: activation, residual } = config;
  switch (config.mode) {
    case "l1_loss":
      return { kind: "l1" };
    case "mse_loss":
      return { kind: "l2" };
    case "focal_l1_loss":
      return { kind: "focal-l1", alpha, gamma, activation, residual };
    case "focal_mse_loss":
      return { kind: "focal-l2", alpha, gamma, activation, residual };
  }
}

/** The kit's options for the reference's head. */
export function lossOptionsOf(config: z.infer<typeof a2mimHeadConfig>): A2mimLossOptions {
  const options: A2mimLossOptions = {
    regression: regressionOf(config.loss),
    unmaskWeight: config.unmask_weight,
  };
  if (config.fft_weight > 0) {
    options.fourier = {
      weight: config.fft_weight,
      focal: config.fft_focal,
      reweight: config.fft_reweight,
      replacement: config.fft_unmask_replace ?? "target",
      unmaskWeight: config.fft_unmask_weight,
    };
  }
  return options;
}

const lossesConfig = z.object({ variants: z.record(z.string(), a2mimHeadConfig) });

// The focal frequency loss alone, with its own options (the case's notes): the reference cannot
// divide by the largest weight of each map.
const frequencyVariants: Record<string, FocalFrequencyOptions> = {
  default_batch: { largestOf: "batch" },
  ave: { largestOf: "batch", averageSpectrum: true },
  log: { largestOf: "batch", logarithm: true },
  a2mim: a2mimFocalFrequency,
  alpha2: { largestOf: "batch", alpha: 2 },
};

function losses(golden: GoldenCase) {
  const { variants } = configOf(golden, lossesConfig);
  const given = {
    target: images(golden, "target"),
    prediction: images(golden, "prediction"),
    mask: input(golden, "mask"),
  };
  return computation(given, ({ target, prediction, mask }) => {
    const [batch, rows, columns] = target.shape as [number, number, number, number];
    const flat = tf.cast(mask.reshape([batch, -1]), "float32");
    const pixels = maskMap(flat, { rows, columns });
    const outputs: Record<string, Tensor> = {};
    const add = (name: string, loss: (prediction: Tensor) => Tensor): void => {
      const { value, grad } = tf.valueAndGrad(loss)(prediction);
      outputs[`out/loss/${name}`] = value;
      outputs[`out/grad/${name}`] = grad.transpose([0, 3, 1, 2]);
    };
    for (const [name, config] of Object.entries(variants)) {
      const options = lossOptionsOf(config);
      add(name, (prediction) => a2mimLosses(prediction, target, pixels, options).loss);
    }
    add("simmim", (prediction) => maskedRegression(prediction, target, pixels));
    for (const [name, options] of Object.entries(frequencyVariants)) {
      add(`ffl_${name}`, (prediction) => focalFrequencyLoss(prediction, target, options));
    }
    return outputs;
  });
}

/** A2MIM's losses. */
export const a2mimLossKinds: Kinds = { "a2mim-losses": losses };
