/**
 * The names inside a Swin Transformer's blocks, in other projects and in openmixup, which the kit
 * uses.
 *
 * @module
 */
import { windowIndex } from "./derived_buffers.ts";
import { type KeyRule, rename } from "./key_rules.ts";

const to = "backbone.stages.*.blocks.*";
const attention = `${to}.attn.w_msa`;
const table = `${attention}.relative_position_bias_table`;

/** The pairs of a window's tokens, saved beside the table in attention of this name. */
export function windowIndices(from: string): KeyRule {
  return windowIndex(from, attention);
}

/** The blocks of stages that are called so, as the authors and timm have them. */
export function officialBlocks(stages: string): KeyRule[] {
  const from = `${stages}.*.blocks.*`;
  return [
    rename(`${from}.norm1.*`, `${to}.norm1.*`),
    rename(`${from}.attn.relative_position_bias_table`, table),
    rename(`${from}.attn.qkv.*`, `${attention}.qkv.*`),
    rename(`${from}.attn.proj.*`, `${attention}.proj.*`),
    rename(`${from}.norm2.*`, `${to}.norm2.*`),
    rename(`${from}.mlp.fc1.*`, `${to}.ffn.layers.0.0.*`),
    rename(`${from}.mlp.fc2.*`, `${to}.ffn.layers.1.*`),
  ];
}

function joinedAttention(from: readonly string[]): KeyRule {
  return { kind: "join", from, to: `${attention}.qkv.*` };
}

/**
 * The blocks of stages that are called so, as Hugging Face has them: first in its files, then in its
 * models since transformers 5, which renames as it loads and saves.
 */
export function huggingFaceBlocks(stages: string): KeyRule[] {
  const from = `${stages}.*.blocks.*`;
  const parts = ["query", "key", "value"];
  return [
    rename(`${from}.layernorm_before.*`, `${to}.norm1.*`),
    joinedAttention(parts.map((part) => `${from}.attention.self.${part}.*`)),
    rename(`${from}.attention.self.relative_position_bias_table`, table),
    // Older versions saved it.
    { kind: "drop", from: `${from}.attention.self.relative_position_index` },
    rename(`${from}.attention.output.dense.*`, `${attention}.proj.*`),
    rename(`${from}.layernorm_after.*`, `${to}.norm2.*`),
    rename(`${from}.intermediate.dense.*`, `${to}.ffn.layers.0.0.*`),
    rename(`${from}.output.dense.*`, `${to}.ffn.layers.1.*`),
    joinedAttention(["q", "k", "v"].map((part) => `${from}.attention.${part}_proj.*`)),
    rename(
      `${from}.attention.relative_position_bias.relative_position_bias_table`,
      table,
    ),
    rename(`${from}.attention.o_proj.*`, `${attention}.proj.*`),
    rename(`${from}.mlp.fc1.*`, `${to}.ffn.layers.0.0.*`),
    rename(`${from}.mlp.fc2.*`, `${to}.ffn.layers.1.*`),
  ];
}
