/**
 * The features of any pretrained backbone, for nearest neighbours, linear probes and the model zoo.
 *
 * @module
 */
import { featureMap } from "../backbones/feature_map.ts";
import { mixmimTransformer } from "../backbones/mixmim.ts";
import { vit } from "../backbones/vit.ts";
import type { Tensor } from "../engine/mod.ts";
import type { Pooling } from "../heads/classifier.ts";
import type { ClassifierBackbone } from "./classification.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { globalAveragePool } from "../nn/pooling.ts";
import type { Scope } from "../nn/scope.ts";

/** What a frozen backbone is. */
export interface FrozenBackbone {
  backbone: ClassifierBackbone;
  /** Whether its parameters are below `backbone`, as SimMIM and A2MIM have them. */
  nested: boolean;
  /** Of a ViT's tokens, after its norm. Default: patches. */
  pooling?: Pooling;
}

/** The tokens that count, of a ViT. */
function pooled(tokens: Tensor, pooling: Pooling): Tensor {
  const [, length] = tokens.shape as [number, number, number];
  switch (pooling) {
    case "class-token":
      return tokens.slice([0, 0], [-1, 1]).squeeze([1]);
    case "patches":
      return tokens.slice([0, 1], [-1, length - 1]).mean(1);
    case "all-tokens":
      return tokens.mean(1);
  }
}

/**
 * Normalised images to features: `(B, H, W, C)` → `(B, D)`.
 *
 * @param scope holds the parameters that pretraining has left, or those of a classifier that started
 *   from them.
 *
 * @example
 * ```ts
 * import { frozenFeatures } from "./frozen_features.ts";
 * import { resnetVariant } from "../backbones/resnet.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const backbone = { kind: "resnet", ...resnetVariant(50) } as const;
 * describeParameters((scope, input) => {
 *   const images = input({ shape: [2, 64, 64, 3] });
 *   console.log(frozenFeatures(scope, images, { backbone, nested: true }).shape); // [ 2, 2048 ]
 * });
 * ```
 */
export function frozenFeatures(
  scope: Scope,
  images: Tensor,
  { backbone, nested, pooling = "patches" }: FrozenBackbone,
): Tensor {
  const own = nested ? scope.at("backbone") : scope;
  if (backbone.kind === "mixmim") return mixmimTransformer(own, images, backbone).feature;
  if (backbone.kind !== "vit") {
    return globalAveragePool(featureMap(own, images, backbone).map);
  }
  // MAE and MILAN pretrain with fixed position embeddings, and with a norm of their own after all.
  const positions = nested ? {} : { positions: "fixed" } as const;
  const { tokens, latent } = vit(own, images, { ...positions, ...backbone });
  const normalized = nested
    ? latent
    : layerNorm(own.at("norm"), tokens, backbone.epsilon);
  return pooled(normalized, pooling);
}
