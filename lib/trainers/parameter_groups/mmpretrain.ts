/**
 * Parameter groups of OpenMMLab's mmpretrain, which looks at the names.
 *
 * @module
 */
import { convnextLayer } from "./convnext.ts";
import {
  blocksBefore,
  type Groups,
  groupsOf,
  type LayerPosition,
  layerScale,
  type NameInProject,
  type Specifications,
} from "./groups.ts";
import { belowTheBlocks } from "./mae.ts";
import { resnetLayer } from "./resnet.ts";

/** A backbone whose layers mmpretrain can count. */
export type MmpretrainBackbone =
  | {
    kind: "vit";
    /** Number of blocks. */
    depth: number;
  }
  | {
    kind: "mixmim" | "swin" | "convnext" | "resnet";
    /** Blocks in each stage. */
    depths: readonly number[];
  };

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

/** Options of {@linkcode mmpretrainWeightDecayGroups}. */
export interface MmpretrainWeightDecayOptions {
  weightDecay: number;
  /**
   * Parameters whose names contain one of these do not decay (`custom_keys` with decay_mult 0).
   * Default: those of the MAE and MILAN recipes.
   */
  undecayed?: readonly string[];
}

/**
 * Pretraining as mmpretrain's recipes do it; by default biases, norms, position embeddings and the
 * class and mask tokens do not decay.
 *
 * @returns groups under the kit's names.
 */
export function mmpretrainWeightDecayGroups(
  specifications: Specifications,
  { weightDecay, undecayed = undecayedInPretraining }: MmpretrainWeightDecayOptions,
  nameOf: NameInProject = (name) => name,
): Groups {
  return groupsOf(specifications, (name) => ({
    learningRateScale: 1,
    weightDecay: decayUnless(undecayed, nameOf(name), weightDecay),
  }));
}

function vitPosition(name: string | undefined, depth: number): LayerPosition {
  const at = (layer: number): LayerPosition => ({ layer, last: depth + 1 });
  if (belowTheBlocks.test(name ?? "")) return at(0);
  const block = /^layers\.(\d+)\./.exec(name ?? "")?.[1];
  return at(block === undefined ? depth + 1 : Number(block) + 1);
}

/** Of Swin and of MixMIM: a stage's downsampling belongs to the stage's last block. */
function stagedPosition(
  name: string | undefined,
  depths: readonly number[],
  finalNorm: "last-block" | "head",
): LayerPosition {
  const blocks = blocksBefore(depths, depths.length);
  const at = (layer: number): LayerPosition => ({ layer, last: blocks + 1 });
  if (name === undefined) return at(blocks + 1);
  if (/^(patch_embed|absolute_pos_embed)/.test(name)) return at(0);
  const [, stage, block] =
    /^(?:layers|stages)\.(\d+)\.(?:downsample|blocks\.(\d+))\./.exec(name) ?? [];
  if (stage === undefined) return at(finalNorm === "head" ? blocks + 1 : blocks);
  if (block === undefined) return at(blocksBefore(depths, Number(stage) + 1));
  return at(blocksBefore(depths, Number(stage)) + Number(block) + 1);
}

/** The layer of a parameter by mmpretrain's names (`get_layer_depth` of its backbones). */
export function mmpretrainLayer(
  name: string,
  backbone: MmpretrainBackbone,
): LayerPosition {
  const inside = /^backbone\.(.*)$/.exec(name)?.[1];
  switch (backbone.kind) {
    case "vit":
      return vitPosition(inside, backbone.depth);
    case "mixmim":
      return stagedPosition(inside, backbone.depths, "last-block");
    case "swin":
      return stagedPosition(inside, backbone.depths, "head");
    case "convnext":
      return convnextLayer(inside, backbone.depths);
    case "resnet":
      return resnetLayer(inside, backbone.depths);
  }
}

/** Options of {@linkcode mmpretrainLayerDecayGroups}. */
export interface MmpretrainLayerDecayOptions extends MmpretrainWeightDecayOptions {
  backbone: MmpretrainBackbone;
  /** What the learning rate is multiplied by from a layer to the one below it. */
  layerDecay: number;
}

/**
 * Fine-tuning as mmpretrain's recipes do it (LearningRateDecayOptimWrapperConstructor).
 *
 * @param options.undecayed default: those of the MAE and MILAN recipes; MixMIM's has ".ln" and
 *   ".bias" alone, so that norms of other names (`patch_embed.norm`, `downsample.norm`) decay.
 * @returns groups under the kit's names.
 * @throws {Error} for a ResNet whose layers mmpretrain cannot count.
 */
export function mmpretrainLayerDecayGroups(
  specifications: Specifications,
  { backbone, layerDecay, weightDecay, undecayed = undecayedInFinetuning }:
    MmpretrainLayerDecayOptions,
  nameOf: NameInProject = (name) => name,
): Groups {
  return groupsOf(specifications, (name) => ({
    learningRateScale: layerScale(layerDecay, mmpretrainLayer(nameOf(name), backbone)),
    weightDecay: decayUnless(undecayed, nameOf(name), weightDecay),
  }));
}
