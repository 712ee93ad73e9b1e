/** OpenMMLab's rewrites of ViT, MAE and MILAN, with weights under mmpretrain's names. */
import { z } from "zod";
import { vit, type VitConfiguration } from "../../../lib/backbones/vit.ts";
import { type Tensor, tf, type Tree } from "../../../lib/engine/mod.ts";
import { linearProbe } from "../../../lib/heads/linear_probe.ts";
import { cosineLoss } from "../../../lib/losses/cosine.ts";
import { mae } from "../../../lib/methods/mae.ts";
import { milan } from "../../../lib/methods/milan.ts";
import { layerNorm } from "../../../lib/nn/layer_norm.ts";
import { linear } from "../../../lib/nn/linear.ts";
import { describeParameters, type Scope, scope } from "../../../lib/nn/scope.ts";
import {
  applyKeyMap,
  type KeyMap,
  renameBy,
  reverseKeyMap,
} from "../../../lib/zoo/key_maps/key_map.ts";
import {
  mmpretrainHeadOf,
  mmpretrainVit,
} from "../../../lib/zoo/key_maps/mmpretrain_vit.ts";
import { loadParameters } from "../../../lib/zoo/load_parameters.ts";
import {
  configOf,
  type GoldenCase,
  images,
  referenceWeights,
  withPrefix,
} from "../golden_case.ts";
import { type Computation, computation, type Kinds } from "../kind.ts";
import { orName, vitArchitectures } from "./architectures.ts";
import { modelOf, pretrainConfig, pretraining } from "./pretraining.ts";

const size = z.int().positive();

/** mmpretrain's VisionTransformer; its options that no released model uses may only be off. */
export const mmpretrainVitConfig = z.object({
  arch: orName(
    z.object({
      embed_dims: size,
      num_layers: size,
      num_heads: size,
      feedforward_channels: size,
    }),
    vitArchitectures,
  ),
  img_size: size.default(224),
  patch_size: size.default(16),
  in_channels: size.default(3),
  out_type: z.enum(["raw", "cls_token", "featmap", "avg_featmap"]).default("cls_token"),
  out_indices: z.union([z.int(), z.array(z.int())]).default(-1)
    .transform((indices) => [indices].flat()),
  final_norm: z.boolean().default(true),
  qkv_bias: z.boolean().default(true),
  layer_scale_init_value: z.number().default(0),
  norm_cfg: z.object({ eps: z.number().default(1e-5) }).default({ eps: 1e-6 }),
  with_cls_token: z.literal(true).optional(),
  pre_norm: z.literal(false).optional(),
});
const classifierConfig = z.object({
  backbone: mmpretrainVitConfig,
  head: z.object({ num_classes: size, hidden_dim: size.optional() }).optional(),
  neck: z.object({ type: z.literal("ClsBatchNormNeck") }).optional(),
});
type ClassifierConfig = z.infer<typeof classifierConfig>;

const rewriteConfig = pretrainConfig.extend({ use_clip: z.boolean().default(true) });

function configurationOf(config: ClassifierConfig["backbone"]): VitConfiguration {
  const { arch, layer_scale_init_value: layerScale } = config;
  return {
    imageSize: config.img_size,
    patchSize: config.patch_size,
    channels: config.in_channels,
    width: arch.embed_dims,
    depth: arch.num_layers,
    heads: arch.num_heads,
    mlpRatio: arch.feedforward_channels / arch.embed_dims,
    epsilon: config.norm_cfg.eps,
    qkvBias: config.qkv_bias,
    ...(layerScale > 0 ? { layerScale } : {}),
  };
}

/** A stage's tokens in the form that `out_type` asks for; feature maps are `(B, D, H, W)`. */
function stage(
  scope: Scope,
  tokens: Tensor,
  { backbone }: ClassifierConfig,
  images: Tensor,
): Tensor {
  const [batch, , width] = tokens.shape as [number, number, number];
  const patches = tokens.slice([0, 1]);
  const side = (axis: number): number => images.shape[axis]! / backbone.patch_size;
  switch (backbone.out_type) {
    case "raw":
      return tokens;
    case "cls_token":
      return tokens.slice([0, 0], [-1, 1]).squeeze([1]);
    case "featmap":
      return patches.reshape([batch, side(1), side(2), width]).transpose([0, 3, 1, 2]);
    case "avg_featmap":
      return layerNorm(scope.at("fc_norm"), patches.mean(1), backbone.norm_cfg.eps);
  }
}

function logits(
  scope: Scope,
  feature: Tensor,
  config: ClassifierConfig,
): Tensor | undefined {
  if (config.head === undefined) return undefined;
  const { num_classes: classes, hidden_dim: hidden } = config.head;
  if (config.neck !== undefined) {
    return linearProbe(scope.at("head"), feature, { classes });
  }
  const preLogits = hidden === undefined
    ? feature
    : linear(scope.at("pre_logits.fc"), feature, hidden).tanh();
  return linear(scope.at("head"), preLogits, classes);
}

/** What a classifier or a backbone alone gives, under a case's names. */
export function mmpretrainVitOutputs(
  scope: Scope,
  images: Tensor,
  config: ClassifierConfig,
): Record<string, Tensor> {
  const { out_indices: indices, final_norm: finalNorm, norm_cfg } = config.backbone;
  const { blocks } = vit(scope, images, configurationOf(config.backbone));
  // Only the last block's output passes the final norm.
  const last = finalNorm
    ? layerNorm(scope.at("norm"), blocks.at(-1)!, norm_cfg.eps)
    : blocks.at(-1)!;
  const stages = indices.map((index) =>
    stage(scope, [...blocks.slice(0, -1), last].at(index)!, config, images)
  );
  const classified = logits(scope, stages.at(-1)!, config);
  return {
    ...Object.fromEntries(stages.map((stage, index) => [`out/stage_${index}`, stage])),
    ...(classified === undefined ? {} : { "out/logits": classified }),
  };
}

function classifier(golden: GoldenCase): Computation {
  const config = configOf(golden, classifierConfig);
  const pixels = images(golden);
  const specifications = describeParameters((scope, placeholder) =>
    mmpretrainVitOutputs(scope, placeholder({ shape: pixels.shape }), config)
  );
  const weights = referenceWeights(golden);
  const map = mmpretrainVit(mmpretrainHeadOf(weights.keys()));
  const { parameters } = loadParameters(specifications, applyKeyMap(map, weights));
  return computation(
    { images: pixels, parameters },
    ({ images, parameters }) => mmpretrainVitOutputs(scope(parameters), images, config),
  );
}

/** The tensors with a prefix, their keys brought over by a map. */
function mapped(golden: GoldenCase, prefix: string, map: KeyMap) {
  return [...applyKeyMap(map, withPrefix(golden, prefix))]
    .map(([name, tensor]) => [`${prefix}${name}`, tensor] as const);
}

/** The same case with its weights and gradients under the original names. */
function underOriginalNames(golden: GoldenCase, map: KeyMap): GoldenCase {
  const others = [...golden.tensors].filter(([name]) => !/^(weight|grad)\//.test(name));
  return {
    ...golden,
    tensors: new Map([
      ...others,
      ...mapped(golden, "weight/", map),
      ...mapped(golden, "grad/", map),
    ]),
  };
}

/** A computation under the original names, with its gradients under mmpretrain's. */
function underMmpretrainNames(
  original: Computation,
  map: KeyMap,
  extra: (given: Record<string, Tree>, outputs: Record<string, Tensor>) => Tensor,
): Computation {
  const rename = renameBy(reverseKeyMap(map));
  return {
    ...original,
    compute: (given) => {
      const outputs = original.compute(given);
      const renamed = Object.entries(outputs).map(([name, tensor]) => {
        const parameter = name.startsWith("grad/")
          ? name.slice("grad/".length)
          : undefined;
        return [parameter === undefined ? name : `grad/${rename(parameter)}`, tensor];
      });
      return {
        ...Object.fromEntries(renamed),
        "out/official_loss": extra(given, outputs),
      };
    },
  };
}

const pretrainMap = mmpretrainVit("linear");

function maePretraining(golden: GoldenCase): Computation {
  const config = configOf(golden, rewriteConfig);
  const configuration = { ...modelOf(config), normalizePixels: config.norm_pix_loss };
  const original = pretraining(
    underOriginalNames(golden, pretrainMap),
    (scope, { images }, mask) => mae(scope, images, mask, configuration),
    { maskRatio: config.mask_ratio },
  );
  return underMmpretrainNames(
    original,
    pretrainMap,
    (_, outputs) => tf.clone(outputs["out/loss"]!),
  );
}

function milanPretraining(golden: GoldenCase): Computation {
  const config = configOf(golden, rewriteConfig);
  const configuration = { ...modelOf(config), loss: { smallestNorm: 1e-12 } };
  const original = pretraining(
    underOriginalNames(golden, pretrainMap),
    (scope, { images, teacher }, mask) =>
      milan(scope, images, mask, { kind: "features", features: teacher! }, configuration),
    { maskRatio: config.mask_ratio },
  );
  return underMmpretrainNames(
    original,
    pretrainMap,
    (_, outputs) => cosineLoss(outputs["out/pred"]!, outputs["out/target"]!),
  );
}

/** The kinds of cases from mmpretrain. */
export const mmpretrainKinds: Kinds = {
  "vit-mmpretrain": classifier,
  "mae-pretrain-mmpretrain": maePretraining,
  "milan-pretrain-mmpretrain": milanPretraining,
};
