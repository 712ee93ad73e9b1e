/** ViT classifiers of MAE and MILAN: fine-tuning and linear probing. */
import { z } from "zod";
import { vit, type VitConfiguration } from "../../../lib/backbones/vit.ts";
import { argsort, type Tensor } from "../../../lib/engine/mod.ts";
import { classifier, pool, type Pooling } from "../../../lib/heads/classifier.ts";
import { linearProbe } from "../../../lib/heads/linear_probe.ts";
import { crossEntropy, softTargets } from "../../../lib/losses/cross_entropy.ts";
import {
  describeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../../lib/nn/scope.ts";
import { configOf, type GoldenCase, images, input } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";
import { parametersOf, referenceGradients, withGradients } from "../reference.ts";

const vitConfig = z.object({
  batch: z.int(),
  img_size: z.int(),
  patch_size: z.int(),
  in_chans: z.int().default(3),
  embed_dim: z.int(),
  depth: z.int(),
  num_heads: z.int(),
  mlp_ratio: z.number(),
  qkv_bias: z.boolean().default(true),
  norm_eps: z.number(),
});
const classifierConfig = vitConfig.extend({
  num_classes: z.int(),
  global_pool: z.boolean(),
  global_pool_wcls: z.boolean().default(false),
});

/** The kit's configuration for MAE's names of the sizes. */
export function vitOf(config: z.infer<typeof vitConfig>): VitConfiguration {
  return {
    imageSize: config.img_size,
    patchSize: config.patch_size,
    channels: config.in_chans,
    width: config.embed_dim,
    depth: config.depth,
    heads: config.num_heads,
    mlpRatio: config.mlp_ratio,
    epsilon: config.norm_eps,
    qkvBias: config.qkv_bias,
  };
}

function poolingOf(config: z.infer<typeof classifierConfig>): Pooling {
  if (config.global_pool_wcls) return "all-tokens";
  return config.global_pool ? "patches" : "class-token";
}

/** `out/block_0`, `out/block_1`, … */
export function namedBlocks(prefix: string, blocks: Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(
    blocks.map((block, index) => [`out/${prefix}_${index}`, block]),
  );
}

function finetune(golden: GoldenCase) {
  const config = configOf(golden, classifierConfig);
  const configuration = vitOf(config);
  const model = (scope: Scope, images: Tensor) => {
    const { blocks, tokens } = vit(scope, images, configuration);
    const features = pool(scope, tokens, poolingOf(config), configuration.epsilon);
    return { blocks, features, logits: classifier(scope, features, config.num_classes) };
  };
  const given = { images: images(golden, "image"), labels: input(golden, "labels") };
  const specifications = describeParameters((scope, placeholder) =>
    model(scope, placeholder({ shape: given.images.shape }))
  );
  const parameters = parametersOf(golden, specifications);
  return computation({ ...given, parameters }, ({ images, labels, parameters }) => {
    const { named, gradients } = withGradients(parameters, (parameters) => {
      const { blocks, features, logits } = model(scope(parameters), images);
      const loss = crossEntropy(logits, softTargets(labels, config.num_classes));
      return {
        ...namedBlocks("block", blocks),
        "out/features": features,
        "out/logits": logits,
        "out/loss": loss,
      };
    });
    return { ...named, ...referenceGradients(gradients, specifications) };
  });
}

// MILAN's semantic-aware probing keeps this share of the patches (main_linprobe.py).
const semanticShare = 0.7;

function linearProbing(golden: GoldenCase) {
  const config = configOf(golden, classifierConfig);
  const configuration = vitOf(config);
  const features = (scope: Scope, images: Tensor, visible?: Tensor): Tensor => {
    const { tokens } = vit(scope, images, configuration, visible);
    return pool(scope, tokens, poolingOf(config), configuration.epsilon);
  };
  const probe = (scope: Scope, features: Tensor, training: boolean) =>
    linearProbe(scope.at("head"), features, { classes: config.num_classes, training });
  const given = {
    images: images(golden, "image"),
    labels: input(golden, "labels"),
    importance: input(golden, "importance"),
  };
  const specifications = describeParameters((scope, placeholder) =>
    probe(scope, features(scope, placeholder({ shape: given.images.shape })), false)
  );
  const parameters = parametersOf(golden, specifications);
  return computation(
    { ...given, parameters },
    ({ images, labels, importance, parameters }) => {
      const frozen = scope(parameters);
      const all = features(frozen, images);
      const [batch, length] = importance.shape as [number, number];
      const kept = Math.trunc(semanticShare * length);
      const visible = argsort(importance.neg()).slice([0, 0], [batch, kept]);
      const semantic = features(frozen, images, visible);
      const isHead = (name: string): boolean => name.startsWith("head.1.");
      const { named, gradients } = withGradients(
        parameters,
        (parameters) => {
          const updates: Parameters = {};
          const logits = probe(scope(parameters, undefined, updates), all, true);
          return {
            "out/logits_train": logits,
            "out/loss": crossEntropy(logits, softTargets(labels, config.num_classes)),
            "out/running_mean_after": updates["head.0.running_mean"]!,
            "out/running_var_after": updates["head.0.running_var"]!,
          };
        },
        "out/loss",
        isHead,
      );
      return {
        "out/features": all,
        "out/logits_eval": probe(frozen, all, false),
        "out/features_semantic": semantic,
        "out/logits_semantic": probe(frozen, semantic, false),
        ...named,
        ...referenceGradients(gradients, specifications),
      };
    },
  );
}

/** Classifiers. */
export const vitClassifiers: Kinds = {
  "vit-finetune": finetune,
  "vit-linear-probe": linearProbing,
};
