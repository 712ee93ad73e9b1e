/** ConvNeXt classifiers of openmixup. */
import { z } from "zod";
import { convNext, type ConvNextConfiguration } from "../../../lib/backbones/convnext.ts";
import type { Tensor } from "../../../lib/engine/mod.ts";
import { pooledClassifier } from "../../../lib/heads/pooled_classifier.ts";
import { describeParameters, type Scope, scope } from "../../../lib/nn/scope.ts";
import { configOf, type GoldenCase, images } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";
import { parametersOf } from "../reference.ts";

const size = z.int().positive();

/** openmixup's ConvNeXt backbones, pretraining's and the classifier's. */
export const convNextConfig = z.object({
  arch: z.object({ depths: z.array(size), channels: z.array(size) }),
  stem_patch_size: size.default(4),
  layer_scale_init_value: z.number().default(1e-6),
  gap_before_final_norm: z.boolean().default(true),
  norm_cfg: z.object({ eps: z.number().default(1e-5) }).default({ eps: 1e-6 }),
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
  const model = (scope: Scope, images: Tensor) => {
    const { latent } = convNext(scope.at("backbone"), images, configuration);
    // Without pooling before the norm, the head pools the map.
    const feature = latent.shape.length === 4 ? latent.mean([1, 2]) : latent;
    return {
      latent,
      logits: pooledClassifier(scope.at("head"), feature, head.num_classes),
    };
  };
  const pixels = images(golden);
  const specifications = describeParameters((scope, placeholder) =>
    model(scope, placeholder({ shape: pixels.shape }))
  );
  const parameters = parametersOf(golden, specifications);
  return computation({ images: pixels, parameters }, ({ images, parameters }) => {
    const { latent, logits } = model(scope(parameters), images);
    const feature = latent.shape.length === 4 ? latent.transpose([0, 3, 1, 2]) : latent;
    return { "out/feature0": feature, "out/logits": logits };
  });
}

/** The kinds of cases about ConvNeXt. */
export const convNextKinds: Kinds = { "convnext-classifier": classifier };
