/**
 * Parameter groups of MixMIM's own fine-tuning (util/lr_decay.py).
 *
 * @module
 */
import {
  blocksBefore,
  type Groups,
  groupsOf,
  type LayerPosition,
  layerScale,
  type Specifications,
} from "./groups.ts";

/** Options of {@linkcode mixmimLayerDecayGroups}. */
export interface MixmimLayerDecayOptions {
  /** Blocks in each stage. */
  depths: readonly number[];
  /** What the learning rate is multiplied by from a layer to the one below it. */
  layerDecay: number;
  weightDecay: number;
}

/**
 * The layer of a parameter under MixMIM's names. A stage's downsampling belongs to the block after
 * it. The final norm and the head count as the last block, one layer below the last: nothing trains
 * at the full rate.
 */
export function mixmimLayer(name: string, depths: readonly number[]): LayerPosition {
  const blocks = blocksBefore(depths, depths.length);
  const at = (layer: number): LayerPosition => ({ layer, last: blocks + 1 });
  if (/^(cls_token|pos_embed|absolute_pos_embed)$/.test(name)) return at(0);
  if (name.startsWith("patch_embed")) return at(0);
  const downsampled = /^layers\.(\d+)\.downsample\./.exec(name)?.[1];
  if (downsampled !== undefined) {
    return at(blocksBefore(depths, Number(downsampled) + 1) + 1);
  }
  const [, stage, block] = /^layers\.(\d+)\.blocks\.(\d+)\./.exec(name) ?? [];
  if (stage === undefined) return at(blocks);
  return at(blocksBefore(depths, Number(stage)) + Number(block) + 1);
}

/**
 * Fine-tuning as MixMIM does it: the learning rate falls by `layerDecay` from block to block
 * downwards; vectors do not decay, tables of relative positions do.
 *
 * @example
 * ```ts
 * import { mixmimLayerDecayGroups } from "./mixmim.ts";
 * import { zeros } from "../../nn/initializers.ts";
 * const head = { shape: [8, 2], layout: "linear", initial: zeros, trainable: true } as const;
 * const specifications = new Map([["head.weight", { ...head, shape: [8, 2] }]]);
 * const options = { depths: [2, 2, 18, 2], layerDecay: 0.7, weightDecay: 0.05 };
 * const groups = mixmimLayerDecayGroups(specifications, options);
 * console.log(groups.get("head.weight")!.learningRateScale); // 0.7
 * ```
 */
export function mixmimLayerDecayGroups(
  specifications: Specifications,
  { depths, layerDecay, weightDecay }: MixmimLayerDecayOptions,
): Groups {
  return groupsOf(specifications, (name, { shape }) => ({
    learningRateScale: layerScale(layerDecay, mixmimLayer(name, depths)),
    weightDecay: shape.length === 1 ? 0 : weightDecay,
  }));
}
