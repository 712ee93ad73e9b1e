/**
 * The names of a MixMIM's parameters in mmpretrain and in the authors' code, which the kit uses, and
 * the order of the values that patch merging reads.
 *
 * Position tables go over as they are: a network works with the table that it was trained with.
 *
 * @module
 */
import type { StoredTensor } from "../element_types.ts";
import { windowIndex } from "./derived_buffers.ts";
import {
  applyKeyMap,
  type KeyMap,
  type KeyRule,
  rename,
  reverseKeyMap,
  type StoredTensors,
} from "./key_map.ts";
import { patchMerging } from "./patch_merging.ts";

function blocks(from: string, to: string): KeyRule[] {
  return [
    rename(`${from}.*.ln1.*`, `${to}.*.norm1.*`),
    rename(`${from}.*.ln2.*`, `${to}.*.norm2.*`),
    rename(`${from}.*.ffn.layers.0.0.*`, `${to}.*.mlp.fc1.*`),
    rename(`${from}.*.ffn.layers.1.*`, `${to}.*.mlp.fc2.*`),
    rename(`${from}.*.attn.**`, `${to}.*.attn.**`),
  ];
}

/**
 * From mmpretrain's names (`backbone.layers.0.blocks.1.ln1.weight`, `neck.decoder_pred.bias` …) to
 * the authors' (`layers.0.blocks.1.norm1.weight`, `decoder_pred.bias` …). The names alone: with them
 * a model computes the same only with `rewrite: "mmpretrain"`.
 *
 * @example
 * ```ts
 * import { mmpretrainMixmimNames } from "./mmpretrain_mixmim.ts";
 * import { renameBy } from "./key_map.ts";
 * const rename = renameBy(mmpretrainMixmimNames);
 * console.log(rename("backbone.patch_embed.projection.bias")); // "patch_embed.proj.bias"
 * ```
 */
export const mmpretrainMixmimNames: KeyMap = {
  from: "mmpretrain",
  to: "MixMIM",
  rules: [
    rename("head.fc.*", "head.*"),
    ...blocks("neck.decoder_blocks", "decoder_blocks"),
    rename("neck.decoder_embed.*", "decoder_embed.*"),
    rename("neck.decoder_pred.*", "decoder_pred.*"),
    rename("neck.decoder_pos_embed", "decoder_pos_embed"),
    rename("neck.mask_token", "mask_token"),
    rename("neck.ln1.*", "decoder_norm.*"),
    ...blocks("backbone.layers.*.blocks", "layers.*.blocks"),
    rename("backbone.layers.*.downsample.**", "layers.*.downsample.**"),
    rename("backbone.patch_embed.projection.*", "patch_embed.proj.*"),
    rename("backbone.patch_embed.norm.*", "patch_embed.norm.*"),
    rename("backbone.absolute_pos_embed", "absolute_pos_embed"),
    rename("backbone.norm.*", "norm.*"),
  ],
};

const index = windowIndex(
  "backbone.layers.*.blocks.*.attn",
  "layers.*.blocks.*.attn",
);

/**
 * From mmpretrain's names to the authors', and from mmcv's order of what patch merging reads to theirs:
 * with its default configuration the kit's model computes the same from it (a pretraining decoder with
 * `epsilon: 1e-6`).
 *
 * @example
 * ```ts
 * import { applyKeyMap } from "./key_map.ts";
 * import { mmpretrainMixmim } from "./mmpretrain_mixmim.ts";
 * const weight = { shape: [1, 4], dtype: "U8" as const, data: Uint8Array.of(0, 1, 2, 3) };
 * const name = "backbone.layers.0.downsample.reduction.weight";
 * const official = applyKeyMap(mmpretrainMixmim, new Map([[name, weight]]));
 * console.log(official.get("layers.0.downsample.reduction.weight")!.data);
 * // Uint8Array(4) [ 0, 2, 1, 3 ]
 * ```
 */
export const mmpretrainMixmim: KeyMap = {
  ...mmpretrainMixmimNames,
  rules: [
    index,
    ...patchMerging("backbone.layers.*.downsample", "layers.*.downsample"),
    ...mmpretrainMixmimNames.rules,
  ],
};

/**
 * A MixMIM of mmpretrain as the authors' code has it, in names and in values, as
 * {@linkcode mmpretrainMixmim} says.
 *
 * @param tensors in PyTorch's layout.
 */
export function fromMmpretrainMixmim(tensors: StoredTensors): Map<string, StoredTensor> {
  return applyKeyMap(mmpretrainMixmim, tensors);
}

/**
 * The inverse of {@linkcode fromMmpretrainMixmim}, with the `relative_position_index` that mmpretrain
 * keeps beside each bias table.
 */
export function toMmpretrainMixmim(tensors: StoredTensors): Map<string, StoredTensor> {
  return applyKeyMap(reverseKeyMap(mmpretrainMixmim), tensors);
}
