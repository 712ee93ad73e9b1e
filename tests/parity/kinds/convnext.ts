/** ConvNeXt classifiers of openmixup. */
import { z } from "zod";
import { convNext, type ConvNextConfiguration } from "../../../lib/backbones/convnext.ts";
import type { Tensor } from "../../../lib/engine/mod.ts";
import { pooledClassifier } from "../../../lib/heads/pooled_classifier.ts";
import { describeParameters, type Scope, scope } from "../../../lib/nn/scope.ts";
import { configOf, DamagedCaseError, type GoldenCase, images } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";
import { parametersOf } from "../reference.ts";

const size = z.int().positive();

/**
 * openmixup's ConvNeXt backbones, pretraining's and the classifier's; options that no released model
 * uses may only be off.
 */
export const convNextConfig = z.object({
  arch: z.object({ depths: z.array(size), channels: z.array(size) }),
  stem_patch_size: size.default(4),
  layer_scale_init_value: z.number().default(1e-6),
  gap_before_final_norm: z.boolean().default(true),
  norm_cfg: z.object({ eps: z.number().default(1e-5) }).default({ eps: 1e-6 }),
  act_cfg: z.object({ type: z.literal("GELU") }).optional(),
  use_grn: z.literal(false).optional(),
  linear_pw_conv: z.literal(true).optional(),
  // Counted from the last of four stages where they are negative.
  out_indices: z.union([
    z.array(z.int()),
    z.int().transform((index) => [index]),
  ]).default([-1])
    .transform((indices) => indices.map((index) => index < 0 ? 4 + index : index)),
});

const classifierConfig = z.object({
  backbone: convNextConfig,
  head: z.object({ num_classes: size }),
});

/** The kit's configuration for openmixup's names. */
export function convNextOf(
  config: z.infer<typeof convNextConfig>,
): ConvNextConfiguration {
  return {
    depths: config.arch.depths,
    widths: config.arch.channels,
    stemSize: config.stem_patch_size,
    layerScale: config.layer_scale_init_value,
    epsilon: config.norm_cfg.eps,
    gapBeforeFinalNorm: config.gap_before_final_norm,
  };
}

function classifier(golden: GoldenCase) {
  const { backbone, head } = configOf(golden, classifierConfig);
  const configuration = convNextOf(backbone);
  const last = configuration.depths.length - 1;
  const model = (scope: Scope, images: Tensor) => {
    const { stages, latent } = convNext(scope.at("backbone"), images, configuration);
    const features = backbone.out_indices.map((index) =>
      index === last ? latent : stages[index]!
    );
    const [first] = features;
    if (first === undefined) {
      throw new DamagedCaseError(`${golden.name}: out_indices names no stage`);
    }
    // openmixup's head takes the first of the given features, and pools a map.
    const feature = first.shape.length === 4 ? first.mean([1, 2]) : first;
    return {
      features,
      logits: pooledClassifier(scope.at("head"), feature, head.num_classes),
    };
  };
  const pixels = images(golden);
  const specifications = describeParameters((scope, placeholder) =>
    model(scope, placeholder({ shape: pixels.shape }))
  );
  const parameters = parametersOf(golden, specifications);
  return computation({ images: pixels, parameters }, ({ images, parameters }) => {
    const { features, logits } = model(scope(parameters), images);
    const named = features.map((feature, index) =>
      [
        `out/feature${index}`,
        feature.shape.length === 4 ? feature.transpose([0, 3, 1, 2]) : feature,
      ] as const
    );
    return { ...Object.fromEntries(named), "out/logits": logits };
  });
}

/** The kinds of cases about ConvNeXt. */
export const convNextKinds: Kinds = { "convnext-classifier": classifier };
