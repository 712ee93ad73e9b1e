/**
 * The names of a ViT's parameters in Hugging Face's transformers: `ViTModel`,
 * `ViTForImageClassification`, `ViTMAEForPreTraining`, and `BeitModel` and
 * `BeitForImageClassification`, which are the network of openmixup's ViTs.
 *
 * Files hold the names of old (`encoder.layer.0.attention.attention.query`), which is what is written
 * here; transformers 5 has others in memory (`layers.0.attention.q_proj`), which are read too.
 *
 * @module
 */
import type { Entries } from "./key_map.ts";
import { type KeyMap, type KeyRule, rename, reverseKeyMap } from "./key_rules.ts";
import { someName } from "./naming.ts";
import { pretrainingRules } from "./timm_vit.ts";
import type { VitForm } from "./vit_form.ts";

/** Where a block has its layers. */
interface BlockNames {
  query: string;
  key: string;
  value: string;
  output: string;
  up: string;
  down: string;
}

const inFiles: BlockNames = {
  query: "attention.attention.query",
  key: "attention.attention.key",
  value: "attention.attention.value",
  output: "attention.output.dense",
  up: "intermediate.dense",
  down: "output.dense",
};

const inMemory: BlockNames = {
  query: "attention.q_proj",
  key: "attention.k_proj",
  value: "attention.v_proj",
  output: "attention.o_proj",
  up: "mlp.fc1",
  down: "mlp.fc2",
};

function afterAttention(from: string, to: string, names: BlockNames): KeyRule[] {
  return [
    rename(`${from}.*.${names.output}.*`, `${to}.*.attn.proj.*`),
    rename(`${from}.*.layernorm_before.*`, `${to}.*.norm1.*`),
    rename(`${from}.*.layernorm_after.*`, `${to}.*.norm2.*`),
    rename(`${from}.*.${names.up}.*`, `${to}.*.mlp.fc1.*`),
    rename(`${from}.*.${names.down}.*`, `${to}.*.mlp.fc2.*`),
  ];
}

/** Queries, keys and values as one layer. */
function joinedAttention(
  from: string,
  to: string,
  { query, key, value }: BlockNames,
  what: "*" | "weight",
): KeyRule {
  return {
    kind: "join",
    from: [query, key, value].map((part) => `${from}.*.${part}.${what}`),
    to: `${to}.*.attn.qkv.${what}`,
  };
}

function vitBlocks(from: string, to: string, names: BlockNames): KeyRule[] {
  return [joinedAttention(from, to, names, "*"), ...afterAttention(from, to, names)];
}

/** BEiT's keys have no bias; its table of relative positions is in two places. */
function beitBlocks(from: string, to: string, names: BlockNames): KeyRule[] {
  const table = "relative_position_bias.relative_position_bias_table";
  const [owner, other] = names === inFiles
    ? ["attention.attention.", ""]
    : ["", "attention."];
  return [
    joinedAttention(from, to, names, "weight"),
    rename(`${from}.*.${names.query}.bias`, `${to}.*.attn.q_bias`),
    rename(`${from}.*.${names.value}.bias`, `${to}.*.attn.v_bias`),
    ...[owner, other].map((at) =>
      rename(`${from}.*.${at}${table}`, `${to}.*.attn.relative_position_bias_table`)
    ),
    { kind: "drop", from: `${from}.**.relative_position_index` },
    rename(`${from}.*.lambda_1`, `${to}.*.ls1.gamma`),
    rename(`${from}.*.lambda_2`, `${to}.*.ls2.gamma`),
    ...afterAttention(from, to, names),
  ];
}

function aroundBlocks(from: string, to: string): KeyRule[] {
  return [
    rename(`${from}embeddings.cls_token`, `${to}cls_token`),
    rename(`${from}embeddings.position_embeddings`, `${to}pos_embed`),
    rename(
      `${from}embeddings.patch_embeddings.projection.*`,
      `${to}patch_embed.proj.*`,
    ),
    rename(`${from}layernorm.*`, `${to}norm.*`),
    rename("classifier.*", "head.*"),
  ];
}

function decoderRules(): KeyRule[] {
  const names = ["mask_token", "decoder_pos_embed", "decoder_embed.*", "decoder_norm.*"];
  return [
    ...[...names, "decoder_pred.*"].map((name) => rename(`decoder.${name}`, name)),
    ...vitBlocks("decoder.decoder_layers", "decoder_blocks", inFiles),
  ];
}

/** From a ViT's or BEiT's file to the kit; the reverse of this is what is written. */
function fromFile(kind: "vit" | "beit", prefix: string, root: string): KeyRule[] {
  const blocks = kind === "vit" ? vitBlocks : beitBlocks;
  return [
    ...aroundBlocks(prefix, root),
    ...(kind === "beit"
      ? [rename(`${prefix}pooler.layernorm.*`, `${root}fc_norm.*`)]
      : []),
    ...blocks(`${prefix}encoder.layer`, `${root}blocks`, inFiles),
    ...decoderRules(),
  ];
}

/** Whether names are of a ViT or a BEiT of Hugging Face's. */
export function isHuggingFaceVit(entries: Entries): boolean {
  // The two projections are there in no other family.
  return someName(entries, /^(vit\.|beit\.)?embeddings\.cls_token$/) &&
    someName(
      entries,
      /^(vit\.|beit\.)?(encoder\.layer|layers)\.\d+\.layernorm_before\.weight$/,
    );
}

/**
 * From Hugging Face's names to the kit's.
 *
 * @param entries tells a ViT from a BEiT, and what stands before its names.
 *
 * @example
 * ```ts
 * import { fromHuggingFaceVit } from "./hugging_face_vit.ts";
 * import { planKeyMap } from "./key_map.ts";
 * const norm = "vit.encoder.layer.0.layernorm_before.weight";
 * const entries = new Map([[norm, { shape: [8], dtype: "F32" as const }]]);
 * const planned = planKeyMap(fromHuggingFaceVit(entries), entries);
 * console.log([...planned.keys()]); // [ "blocks.0.norm1.weight" ]
 * ```
 */
export function fromHuggingFaceVit(entries: Entries): KeyMap {
  const prefix =
    ["vit.", "beit."].find((start) => someName(entries, new RegExp(`^${start}`))) ?? "";
  const isBeit = prefix === "beit." ||
    someName(entries, /relative_position_bias_table$|\.lambda_1$/);
  const blocks = isBeit ? beitBlocks : vitBlocks;
  return {
    from: "Hugging Face",
    to: "the kit",
    rules: [
      // Of the class token of language models, and of SimMIM, which the kit has elsewhere.
      { kind: "drop", from: `${prefix}pooler.dense.*` },
      { kind: "drop", from: `${prefix}embeddings.mask_token` },
      ...fromFile(isBeit ? "beit" : "vit", prefix, ""),
      ...blocks(`${prefix}layers`, "blocks", inMemory),
      ...vitBlocks("decoder.decoder_layers", "decoder_blocks", inMemory),
      // transformers 5 saves the decoder's blocks so.
      ...vitBlocks("decoder.decoder_encoder.layer", "decoder_blocks", inFiles),
    ],
  };
}

/** Why a ViT of the kit is none of Hugging Face's; undefined where it is one. */
function whatIsLacking({ head, norm, layerScale, beit }: VitForm): string | undefined {
  if (head === "hidden") return "a hidden layer in its head";
  if (head === "linear-probe") return "a batch norm before its head";
  if (beit) return undefined;
  if (norm === "mean") return "a norm of the mean of its tokens";
  if (layerScale) return "scaled branches without relative positions";
  return norm === "none" ? "no norm after its blocks" : undefined;
}

/**
 * From the kit's names to those of Hugging Face's files: MAE's pretraining as `ViTMAEForPreTraining`, a
 * classifier as `ViTForImageClassification` (BEiT's attention as `BeitForImageClassification`), and any
 * other encoder as the bare `ViTModel` or `BeitModel`.
 *
 * @throws {Error} when Hugging Face has no such network.
 */
export function toHuggingFaceVit(form: VitForm): KeyMap {
  const lacking = whatIsLacking(form);
  if (lacking !== undefined) {
    throw new Error(
      `Hugging Face has no ViT with ${lacking}, which this one has: convert to official, ` +
        "mmpretrain or timm",
    );
  }
  const kind = form.beit ? "beit" : "vit";
  const whole = form.head !== "none" || form.decoder === "plain";
  const rules = fromFile(kind, whole ? `${kind}.` : "", form.root);
  const reversed = reverseKeyMap({ from: "Hugging Face", to: "the kit", rules });
  // MILAN's and SimMIM's decoders are not among its networks.
  const drops = form.decoder === "plain" ? [] : pretrainingRules(form);
  return { ...reversed, rules: [...drops, ...reversed.rules] };
}
