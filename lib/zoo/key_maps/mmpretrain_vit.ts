/**
 * The names of a ViT's parameters in mmpretrain (classifiers, MAE and MILAN) and in the methods'
 * original repositories, which the kit uses.
 *
 * @module
 */
import { type KeyMap, type KeyRule, rename } from "./key_rules.ts";

/**
 * mmpretrain's classifier heads: `linear` its LinearClsHead, `vision-transformer` its
 * VisionTransformerClsHead, and `linear-probe` the latter behind a batch norm.
 */
export type MmpretrainHead = "linear" | "vision-transformer" | "linear-probe";

function blocks(from: string, to: string): KeyRule[] {
  return [
    rename(`${from}.*.ln1.*`, `${to}.*.norm1.*`),
    rename(`${from}.*.ln2.*`, `${to}.*.norm2.*`),
    rename(`${from}.*.attn.gamma1.weight`, `${to}.*.ls1.gamma`),
    rename(`${from}.*.ffn.gamma2.weight`, `${to}.*.ls2.gamma`),
    rename(`${from}.*.ffn.layers.0.0.*`, `${to}.*.mlp.fc1.*`),
    rename(`${from}.*.ffn.layers.1.*`, `${to}.*.mlp.fc2.*`),
    rename(`${from}.*.attn.*.*`, `${to}.*.attn.*.*`),
  ];
}

function headRules(head: MmpretrainHead): KeyRule[] {
  switch (head) {
    case "linear":
      return [rename("head.fc.*", "head.*")];
    case "vision-transformer":
      return [
        rename("head.layers.pre_logits.*", "pre_logits.fc.*"),
        rename("head.layers.head.*", "head.*"),
      ];
    case "linear-probe":
      return [rename("neck.bn.*", "head.0.*"), rename("head.layers.head.*", "head.1.*")];
  }
}

/** MAE's and MILAN's decoders, which have the same names in openmixup. */
export const mmpretrainNeckRules: readonly KeyRule[] = [
  ...blocks("neck.decoder_blocks", "decoder_blocks"),
  rename("neck.decoder_embed.*", "decoder_embed.*"),
  rename("neck.decoder_pred.*", "decoder_pred.*"),
  rename("neck.decoder_pos_embed", "decoder_pos_embed"),
  rename("neck.mask_token", "mask_token"),
  rename("neck.ln1.*", "decoder_norm.*"),
];

/** Which head a checkpoint of mmpretrain has; `linear` also for one without a head. */
export function mmpretrainHeadOf(names: Iterable<string>): MmpretrainHead {
  const all = new Set(names);
  if (all.has("neck.bn.running_mean")) return "linear-probe";
  return all.has("head.layers.head.weight") ? "vision-transformer" : "linear";
}

/**
 * From mmpretrain's names (`backbone.layers.0.ln1.weight`, `neck.decoder_pred.bias` …) to the
 * original ones (`blocks.0.norm1.weight`, `decoder_pred.bias` …).
 *
 * @example
 * ```ts
 * import { mmpretrainVit } from "./mmpretrain_vit.ts";
 * import { applyKeyMap } from "./key_map.ts";
 * const bias = { shape: [1], dtype: "F32" as const, data: new Float32Array(1) };
 * const mapped = applyKeyMap(mmpretrainVit("linear"), new Map([["backbone.ln1.bias", bias]]));
 * console.log([...mapped.keys()]); // [ "norm.bias" ]
 * ```
 */
export function mmpretrainVit(head: MmpretrainHead): KeyMap {
  return {
    from: "mmpretrain",
    to: "MAE",
    rules: [
      { kind: "drop", from: "target_generator.**" }, // MILAN's frozen CLIP
      ...headRules(head),
      ...mmpretrainNeckRules,
      ...blocks("backbone.layers", "blocks"),
      rename("backbone.patch_embed.projection.*", "patch_embed.proj.*"),
      rename("backbone.cls_token", "cls_token"),
      rename("backbone.pos_embed", "pos_embed"),
      rename("backbone.ln1.*", "norm.*"),
      rename("backbone.ln2.*", "fc_norm.*"), // of the pooled patches
    ],
  };
}
