/**
 * Which of its forms a ViT of the kit has, told by its names.
 *
 * @module
 */
import type { Entries } from "./key_map.ts";
import { someName } from "./naming.ts";

/** The form of a ViT under the kit's names. */
export interface VitForm {
  /** What stands before the names of its encoder: SimMIM and A2MIM have any encoder there. */
  root: "" | "backbone.";
  /** What comes after the encoder: a linear probe has a batch norm before it. */
  head: "none" | "linear" | "hidden" | "linear-probe";
  /** Of masked image modelling, the network that reconstructs. */
  decoder: "none" | "plain" | "prompting" | "pixel-shuffle";
  /** Whether it has BEiT's attention: a relative position bias, keys without a bias. */
  beit: boolean;
  /** Whether its branches are scaled. */
  layerScale: boolean;
  /** The norm of the tokens, or of their mean. */
  norm: "tokens" | "mean" | "none";
}

function headOf(entries: Entries): VitForm["head"] {
  if (entries.has("head.1.weight")) return "linear-probe";
  if (entries.has("pre_logits.fc.weight")) return "hidden";
  return entries.has("head.weight") ? "linear" : "none";
}

function decoderOf(entries: Entries): VitForm["decoder"] {
  if (someName(entries, /^neck\./)) return "pixel-shuffle";
  if (!entries.has("decoder_embed.weight")) return "none";
  return entries.has("decoder_blocks.0.attn.kv.weight") ? "prompting" : "plain";
}

/** The form of a ViT. */
export function vitForm(entries: Entries): VitForm {
  const root = entries.has("backbone.blocks.0.norm1.weight") ? "backbone." : "";
  const has = (name: string): boolean => entries.has(`${root}${name}`);
  return {
    root,
    head: headOf(entries),
    decoder: decoderOf(entries),
    beit: has("blocks.0.attn.q_bias") ||
      has("blocks.0.attn.relative_position_bias_table"),
    layerScale: has("blocks.0.ls1.gamma"),
    norm: has("fc_norm.weight") ? "mean" : has("norm.weight") ? "tokens" : "none",
  };
}
