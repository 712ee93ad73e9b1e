/**
 * Which parameters decay, and how much slower the early layers learn.
 *
 * Two projects, two conventions: MAE's and MILAN's own code looks at the number of axes, mmpretrain
 * at the names.
 *
 * @module
 */
import type { ParameterSpecification } from "../nn/scope.ts";
import type { ParameterGroup } from "./optimizers/optimizer.ts";

/** A model's parameters, from `describeParameters`. */
export type Specifications = ReadonlyMap<string, ParameterSpecification>;

/** Groups by parameter name; fixed tables are in none. */
export type Groups = Map<string, ParameterGroup>;

function groupsOf(
  specifications: Specifications,
  group: (name: string, specification: ParameterSpecification) => ParameterGroup,
): Groups {
  return new Map(
    [...specifications].flatMap(([name, specification]) =>
      specification.trainable ? [[name, group(name, specification)]] : []
    ),
  );
}

/**
 * Pretraining as MAE and MILAN do it (timm's add_weight_decay): vectors and biases do not decay,
 * the class and mask tokens do.
 *
 * @example
 * ```ts
 * import { weightDecayGroups } from "./parameter_groups.ts";
 * import { linear } from "../nn/linear.ts";
 * import { describeParameters } from "../nn/scope.ts";
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

/** Options of layer-wise decay. */
export interface LayerDecayOptions {
  /** Number of the ViT's blocks. */
  depth: number;
  /** What the learning rate is multiplied by from a layer to the one below it. */
  layerDecay: number;
  weightDecay: number;
}

const belowTheBlocks = /^(cls_token|pos_embed|patch_embed\..*)$/;

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
 * import { layerDecayGroups } from "./parameter_groups.ts";
 * import { vit, vitVariant } from "../backbones/vit.ts";
 * import { describeParameters } from "../nn/scope.ts";
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
  return groupsOf(specifications, (name, { shape }) => ({
    learningRateScale: layerDecay ** (depth + 1 - vitLayer(name, depth)),
    weightDecay: shape.length === 1 || name === "cls_token" || name === "pos_embed"
      ? 0
      : weightDecay,
  }));
}

/** The name in mmpretrain for a name of the kit; identity for models that already have its names. */
export type MmpretrainName = (name: string) => string;

// paramwise_cfg of configs/milan/milan_vit-base-p16_16xb256-amp-coslr-400e_in1k.py.
const undecayedInPretraining = ["ln", "bias", "pos_embed", "mask_token", "cls_token"];
// paramwise_cfg of configs/milan/benchmarks/vit-base-p16_8xb128-coslr-100e_in1k.py.
const undecayedInFinetuning = [".ln", ".bias", ".cls_token", ".pos_embed"];

function decayUnless(
  fragments: readonly string[],
  name: string,
  weightDecay: number,
): number {
  return fragments.some((fragment) => name.includes(fragment)) ? 0 : weightDecay;
}

/**
 * Pretraining as mmpretrain's MAE and MILAN recipes do it: biases, norms, position embeddings and
 * the class and mask tokens do not decay.
 *
 * @returns groups under the kit's names.
 */
export function mmpretrainWeightDecayGroups(
  specifications: Specifications,
  weightDecay: number,
  nameOf: MmpretrainName = (name) => name,
): Groups {
  return groupsOf(specifications, (name) => ({
    learningRateScale: 1,
    weightDecay: decayUnless(undecayedInPretraining, nameOf(name), weightDecay),
  }));
}

/** The layer of a parameter by mmpretrain's names, counted as in {@linkcode vitLayer}. */
export function mmpretrainVitLayer(name: string, depth: number): number {
  const inBackbone = /^backbone\.(.*)$/.exec(name)?.[1] ?? "";
  if (belowTheBlocks.test(inBackbone)) return 0;
  const layer = /^layers\.(\d+)\./.exec(inBackbone)?.[1];
  return layer === undefined ? depth + 1 : Number(layer) + 1;
}

/**
 * Fine-tuning of a ViT as mmpretrain's MAE and MILAN recipes do it
 * (LearningRateDecayOptimWrapperConstructor): the scales of {@linkcode layerDecayGroups}, with the
 * weight decay decided by names.
 *
 * @returns groups under the kit's names.
 */
export function mmpretrainLayerDecayGroups(
  specifications: Specifications,
  { depth, layerDecay, weightDecay }: LayerDecayOptions,
  nameOf: MmpretrainName = (name) => name,
): Groups {
  return groupsOf(specifications, (name) => ({
    learningRateScale: layerDecay **
      (depth + 1 - mmpretrainVitLayer(nameOf(name), depth)),
    weightDecay: decayUnless(undecayedInFinetuning, nameOf(name), weightDecay),
  }));
}
