/**
 * The names of CLIP's parameters in Hugging Face's `CLIPModel` and in OpenAI's release, which the
 * kit uses.
 *
 * @module
 */
import { type KeyMap, type KeyRule, rename } from "./key_map.ts";

/** A tower's blocks. */
function blocks(from: string, to: string): KeyRule[] {
  return [
    {
      kind: "join",
      from: ["q", "k", "v"].map((part) => `${from}.*.self_attn.${part}_proj.*`),
      to: `${to}.*.attn.in_proj_*`,
    },
    rename(`${from}.*.self_attn.out_proj.*`, `${to}.*.attn.out_proj.*`),
    rename(`${from}.*.layer_norm1.*`, `${to}.*.ln_1.*`),
    rename(`${from}.*.layer_norm2.*`, `${to}.*.ln_2.*`),
    rename(`${from}.*.mlp.fc1.*`, `${to}.*.mlp.c_fc.*`),
    rename(`${from}.*.mlp.fc2.*`, `${to}.*.mlp.c_proj.*`),
  ];
}

/** From Hugging Face's names (`vision_model.…`, `text_model.…`) to OpenAI's. */
export const huggingFaceClip: KeyMap = {
  from: "Hugging Face",
  to: "OpenAI",
  rules: [
    // Older versions saved the numbers 0, 1, 2 … beside each position embedding.
    { kind: "drop", from: "*.embeddings.position_ids" },
    rename("text_model.embeddings.token_embedding.weight", "token_embedding.weight"),
    rename("text_model.embeddings.position_embedding.weight", "positional_embedding"),
    ...blocks("text_model.encoder.layers", "transformer.resblocks"),
    rename("text_model.final_layer_norm.*", "ln_final.*"),
    { kind: "transpose", from: "text_projection.weight", to: "text_projection" },
    rename("vision_model.embeddings.class_embedding", "visual.class_embedding"),
    rename("vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"),
    rename(
      "vision_model.embeddings.position_embedding.weight",
      "visual.positional_embedding",
    ),
    rename("vision_model.pre_layrnorm.*", "visual.ln_pre.*"), // spelled so there
    ...blocks("vision_model.encoder.layers", "visual.transformer.resblocks"),
    rename("vision_model.post_layernorm.*", "visual.ln_post.*"),
    { kind: "transpose", from: "visual_projection.weight", to: "visual.proj" },
  ],
};

/**
 * OpenAI's names without what is no parameter: the released files also hold three numbers.
 */
export const openaiClip: KeyMap = {
  from: "OpenAI",
  to: "OpenAI",
  rules: ["input_resolution", "context_length", "vocab_size"].map((from) => ({
    kind: "drop",
    from,
  })),
};

/** The CLIP inside a MILAN checkpoint of mmpretrain, its frozen target generator. */
export const mmpretrainTargetGenerator: KeyMap = {
  from: "mmpretrain",
  to: "OpenAI",
  rules: [
    rename("target_generator.tokenizer.**", "**"),
    { kind: "drop", from: "backbone.**" },
    { kind: "drop", from: "neck.**" },
  ],
};
