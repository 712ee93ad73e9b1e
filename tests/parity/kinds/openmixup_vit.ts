/** ViT classifiers of openmixup: BEiT's blocks under SimMIM's and A2MIM's fine-tuning. */
import { z } from "zod";
import { vit, type VitConfiguration } from "../../../lib/backbones/vit.ts";
import type { Tensor } from "../../../lib/engine/mod.ts";
import { classifier, pool } from "../../../lib/heads/classifier.ts";
import { describeParameters, type Scope, scope } from "../../../lib/nn/scope.ts";
import { openmixupVit } from "../../../lib/zoo/key_maps/openmixup_vit.ts";
import { configOf, type GoldenCase, images } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";
import { parametersOf } from "../reference.ts";

const size = z.int().positive();

/** openmixup's ViT backbones, pretraining's and the classifier's. */
export const openmixupVitConfig = z.object({
  arch: z.object({
    embed_dims: size,
    num_layers: size,
    num_heads: size,
    feedforward_channels: size,
  }),
  img_size: size.default(224),
  patch_size: size.default(16),
  in_channels: size.default(3),
  final_norm: z.boolean().default(true),
  use_window: z.boolean().default(false),
  qkv_bias: z.boolean().default(true),
  init_values: z.number().default(0),
  norm_cfg: z.object({ eps: z.number().default(1e-5) }).default({ eps: 1e-6 }),
  with_cls_token: z.literal(true).optional(),
});

const classifierConfig = z.object({
  backbone: openmixupVitConfig,
  head: z.object({ num_classes: size }),
});

/** The kit's configuration for openmixup's names. */
export function openmixupVitOf(
  config: z.infer<typeof openmixupVitConfig>,
): VitConfiguration {
  const { arch, init_values: layerScale } = config;
  return {
    imageSize: config.img_size,
    patchSize: config.patch_size,
    channels: config.in_channels,
    width: arch.embed_dims,
    depth: arch.num_layers,
    heads: arch.num_heads,
    mlpRatio: arch.feedforward_channels / arch.embed_dims,
    epsilon: config.norm_cfg.eps,
    qkvBias: config.use_window && config.qkv_bias ? "query-value" : config.qkv_bias,
    relativePositions: config.use_window,
    finalNorm: config.final_norm,
    ...(layerScale > 0 ? { layerScale } : {}),
  };
}

function classifierCase(golden: GoldenCase) {
  const { backbone, head } = configOf(golden, classifierConfig);
  const { finalNorm, ...configuration } = openmixupVitOf(backbone);
  const model = (scope: Scope, images: Tensor) => {
    const { tokens } = vit(scope, images, configuration);
    // With a final norm there is no fc_norm, and the class token is the feature.
    const pooling = finalNorm ? "class-token" : "patches";
    const feature = pool(scope, tokens, pooling, configuration.epsilon);
    return { feature, logits: classifier(scope, feature, head.num_classes) };
  };
  const pixels = images(golden);
  const specifications = describeParameters((scope, placeholder) =>
    model(scope, placeholder({ shape: pixels.shape }))
  );
  const parameters = parametersOf(golden, specifications, { keyMap: openmixupVit() });
  return computation({ images: pixels, parameters }, ({ images, parameters }) => {
    const { feature, logits } = model(scope(parameters), images);
    return { "out/feature0": feature, "out/logits": logits };
  });
}

/** The kinds of cases about openmixup's ViT classifiers. */
export const openmixupVitKinds: Kinds = { "vit-openmixup-classifier": classifierCase };
