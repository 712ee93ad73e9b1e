/**
 * Classification: any backbone, pooled, with a linear head. What fine-tuning trains, and what a
 * prediction runs.
 *
 * @module
 */
import { convNext } from "../backbones/convnext.ts";
import type { MapBackbone } from "../backbones/feature_map.ts";
import { mixmimTransformer } from "../backbones/mixmim.ts";
import type { MixmimTransformerConfiguration } from "../backbones/mixmim_variants.ts";
import { resnet } from "../backbones/resnet.ts";
import { swin } from "../backbones/swin.ts";
import { vit } from "../backbones/vit.ts";
import type { Tensor } from "../engine/mod.ts";
import { classifier, pool, type Pooling } from "../heads/classifier.ts";
import { pooledClassifier } from "../heads/pooled_classifier.ts";
import { globalAveragePool } from "../nn/pooling.ts";
import type { Scope } from "../nn/scope.ts";

/** A backbone by its kind and its configuration. */
export type ClassifierBackbone =
  | MapBackbone
  | { kind: "mixmim" } & MixmimTransformerConfiguration;

/** A backbone with a head. */
export interface ClassifierConfiguration {
  backbone: ClassifierBackbone;
  classes: number;
  /** Of a ViT's tokens; the others have one way. Default: patches (MAE's global pool). */
  pooling?: Pooling;
}

/** What a classifier gives. */
export interface ClassifierOutput {
  /** Of each image, `(B, D)`. */
  feature: Tensor;
  /** `(B, classes)` */
  logits: Tensor;
}

/** Whether the head is the ViT's own, and not openmixup's. */
function hasOwnHead({ kind }: ClassifierBackbone): boolean {
  return kind === "vit" || kind === "mixmim";
}

/** The name of the head's weight: MAE's and MixMIM's, or openmixup's. */
export function headWeightOf(backbone: ClassifierBackbone): string {
  return hasOwnHead(backbone) ? "head.weight" : "head.fc.weight";
}

function pooledFeature(
  scope: Scope,
  images: Tensor,
  backbone: ClassifierBackbone,
  pooling: Pooling,
): Tensor {
  switch (backbone.kind) {
    case "vit": {
      // The head normalises by itself: pretraining's last norm would be left without a gradient.
      const { tokens } = vit(scope, images, { ...backbone, finalNorm: false });
      return pool(scope, tokens, pooling, backbone.epsilon);
    }
    case "mixmim":
      return mixmimTransformer(scope, images, backbone).feature;
    case "resnet":
      return resnet(scope.at("backbone"), images, backbone).pooled;
    case "convnext": {
      const options = { ...backbone, gapBeforeFinalNorm: true };
      return convNext(scope.at("backbone"), images, options).latent;
    }
    case "swin":
      return globalAveragePool(swin(scope.at("backbone"), images, backbone).latent);
  }
}

/**
 * Normalised images to logits: `(B, H, W, C)` → `(B, classes)`.
 *
 * @param scope holds a ViT's or MixMIM's parameters and `head` as MAE and MixMIM name them, or a
 *   `backbone` and `head.fc` as openmixup does.
 *
 * @example
 * ```ts
 * import { classify } from "./classification.ts";
 * import { resnetVariant } from "../backbones/resnet.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const backbone = { kind: "resnet", ...resnetVariant(50) } as const;
 * const specifications = describeParameters((scope, input) =>
 *   classify(scope, input({ shape: [1, 224, 224, 3] }), { backbone, classes: 1000 })
 * );
 * console.log(specifications.get("head.fc.weight")!.shape); // [ 2048, 1000 ]
 * ```
 */
export function classify(
  scope: Scope,
  images: Tensor,
  { backbone, classes, pooling = "patches" }: ClassifierConfiguration,
): ClassifierOutput {
  const feature = pooledFeature(scope, images, backbone, pooling);
  const logits = hasOwnHead(backbone)
    ? classifier(scope, feature, classes)
    : pooledClassifier(scope.at("head"), feature, classes);
  return { feature, logits };
}
