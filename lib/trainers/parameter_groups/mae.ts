/**
 * Parameter groups of MAE's and MILAN's own code, which looks at the number of axes.
 *
 * @module
 */
import { type Groups, groupsOf, layerScale, type Specifications } from "./groups.ts";

/**
 * Pretraining as MAE and MILAN do it (timm's add_weight_decay): vectors and biases do not decay,
 * the class and mask tokens do.
 *
 * @example
 * ```ts
 * import { weightDecayGroups } from "./mae.ts";
 * import { linear } from "../../nn/linear.ts";
 * import { describeParameters } from "../../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linear(scope, input({ shape: [1, 8] }), 3)
 * );
 * const groups = weightDecayGroups(specifications, 0.05);
 * console.log(groups.get("weight")!.weightDecay, groups.get("bias")!.weightDecay); // 0.05 0
 * ```
 */
export function weightDecayGroups(
  specifications: Specifications,
  weightDecay: number,
): Groups {
  return groupsOf(specifications, (name, { shape }) => ({
    learningRateScale: 1,
    weightDecay: shape.length === 1 || name.endsWith(".bias") ? 0 : weightDecay,
  }));
}

/** Options of layer-wise decay of a ViT. */
export interface LayerDecayOptions {
  /** Number of the ViT's blocks. */
  depth: number;
  /** What the learning rate is multiplied by from a layer to the one below it. */
  layerDecay: number;
  weightDecay: number;
}

/** A ViT's parameters below its blocks, under timm's and mmpretrain's names. */
export const belowTheBlocks: RegExp = /^(cls_token|pos_embed|patch_embed\..*)$/;

/** The layer of a parameter: 0 for the embeddings, i + 1 for block i, depth + 1 for the rest. */
export function vitLayer(name: string, depth: number): number {
  if (belowTheBlocks.test(name)) return 0;
  const block = /^blocks\.(\d+)\./.exec(name)?.[1];
  return block === undefined ? depth + 1 : Number(block) + 1;
}

/**
 * Fine-tuning of a ViT as MAE and MILAN do it (util/lr_decay.py): the learning rate falls by
 * `layerDecay` from layer to layer downwards; vectors, class token and position embeddings do not
 * decay.
 *
 * @example
 * ```ts
 * import { layerDecayGroups } from "./mae.ts";
 * import { vit, vitVariant } from "../../backbones/vit.ts";
 * import { describeParameters } from "../../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   vit(scope, input({ shape: [1, 224, 224, 3] }), vitVariant("B/16", 224))
 * );
 * const options = { depth: 12, layerDecay: 0.65, weightDecay: 0.05 };
 * const groups = layerDecayGroups(specifications, options);
 * console.log(groups.get("blocks.11.mlp.fc1.weight")!.learningRateScale); // 0.65
 * ```
 */
export function layerDecayGroups(
  specifications: Specifications,
  { depth, layerDecay, weightDecay }: LayerDecayOptions,
): Groups {
  const last = depth + 1;
  return groupsOf(specifications, (name, { shape }) => ({
    learningRateScale: layerScale(layerDecay, { layer: vitLayer(name, depth), last }),
    weightDecay: shape.length === 1 || name === "cls_token" || name === "pos_embed"
      ? 0
      : weightDecay,
  }));
}
