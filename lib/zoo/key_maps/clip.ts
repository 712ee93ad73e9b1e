/**
 * The names of CLIP's parameters in Hugging Face's `CLIPModel`, in mmpretrain and in timm, which has
 * the image tower, and in OpenAI's release, which the kit uses.
 *
 * @module
 */
import type { StoredTensor } from "../element_types.ts";
import { type KeyMap, type KeyRule, rename, reverseKeyMap } from "./key_rules.ts";
import { leadingAxes } from "./stored_values.ts";

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

/** The image tower, which `CLIPVisionModel` of transformers 5 has at its root. */
function huggingFaceVision(root: "vision_model." | ""): KeyRule[] {
  return [
    rename(`${root}embeddings.class_embedding`, "visual.class_embedding"),
    rename(`${root}embeddings.patch_embedding.weight`, "visual.conv1.weight"),
    rename(
      `${root}embeddings.position_embedding.weight`,
      "visual.positional_embedding",
    ),
    rename(`${root}pre_layrnorm.*`, "visual.ln_pre.*"), // spelled so there
    ...blocks(`${root}encoder.layers`, "visual.transformer.resblocks"),
    rename(`${root}post_layernorm.*`, "visual.ln_post.*"),
  ];
}

// Older versions saved the numbers 0, 1, 2 … beside each position embedding.
const positionIds: KeyRule[] = ["*.embeddings.position_ids", "embeddings.position_ids"]
  .map((from) => ({ kind: "drop", from }));

/** From Hugging Face's names (`vision_model.…`, `text_model.…`) to OpenAI's. */
export const huggingFaceClip: KeyMap = {
  from: "Hugging Face",
  to: "OpenAI",
  rules: [
    ...positionIds,
    rename("text_model.embeddings.token_embedding.weight", "token_embedding.weight"),
    rename("text_model.embeddings.position_embedding.weight", "positional_embedding"),
    ...blocks("text_model.encoder.layers", "transformer.resblocks"),
    rename("text_model.final_layer_norm.*", "ln_final.*"),
    { kind: "transpose", from: "text_projection.weight", to: "text_projection" },
    ...huggingFaceVision("vision_model."),
    { kind: "transpose", from: "visual_projection.weight", to: "visual.proj" },
  ],
};

/** From the names of Hugging Face's `CLIPVisionModel` to OpenAI's. */
export const huggingFaceClipVision: KeyMap = {
  from: "Hugging Face",
  to: "OpenAI",
  rules: [...positionIds, ...huggingFaceVision("")],
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

const tokenAxes = leadingAxes(2);
const tableAxes = leadingAxes(1);

/** Embeddings that mmpretrain and timm keep with axes of length 1 in front. */
function embeddings(prefix: string): KeyRule[] {
  const [token, table] = [`${prefix}cls_token`, `${prefix}pos_embed`];
  const { apply: withToken, undo: bareToken } = tokenAxes;
  const { apply: withTable, undo: bareTable } = tableAxes;
  return [
    {
      ...{ kind: "change", from: token, to: "visual.class_embedding" },
      ...{ apply: bareToken, undo: withToken },
    },
    {
      ...{ kind: "change", from: table, to: "visual.positional_embedding" },
      ...{ apply: bareTable, undo: withTable },
    },
  ];
}

/** mmpretrain's blocks. */
function mmpretrainBlocks(from: string): KeyRule[] {
  const to = "visual.transformer.resblocks";
  return [
    rename(`${from}.*.attn.qkv.*`, `${to}.*.attn.in_proj_*`),
    rename(`${from}.*.attn.proj.*`, `${to}.*.attn.out_proj.*`),
    rename(`${from}.*.ln1.*`, `${to}.*.ln_1.*`),
    rename(`${from}.*.ln2.*`, `${to}.*.ln_2.*`),
    rename(`${from}.*.ffn.layers.0.0.*`, `${to}.*.mlp.c_fc.*`),
    rename(`${from}.*.ffn.layers.1.*`, `${to}.*.mlp.c_proj.*`),
  ];
}

/** mmpretrain's `CLIP`, as its converter from OpenAI's release writes it. */
export const mmpretrainClip: KeyMap = {
  from: "mmpretrain",
  to: "OpenAI",
  rules: [
    rename("visual.patch_embed.projection.weight", "visual.conv1.weight"),
    ...embeddings("visual."),
    rename("visual.pre_norm.*", "visual.ln_pre.*"),
    ...mmpretrainBlocks("visual.layers"),
    rename("visual.ln1.*", "visual.ln_post.*"),
    rename("visual_proj.proj", "visual.proj"),
  ],
};

/** mmpretrain's image tower alone, as its converter from timm's writes it. */
export const mmpretrainClipVision: KeyMap = {
  from: "mmpretrain",
  to: "OpenAI",
  rules: [
    rename("backbone.patch_embed.projection.weight", "visual.conv1.weight"),
    ...embeddings("backbone."),
    rename("backbone.pre_norm.*", "visual.ln_pre.*"),
    ...mmpretrainBlocks("backbone.layers"),
    rename("backbone.ln1.*", "visual.ln_post.*"),
    { kind: "transpose", from: "head.layers.head.weight", to: "visual.proj" },
  ],
};

/** Of a width: timm's projection is a layer, whose bias is zero. */
function zeroBias([, width]: readonly number[]): StoredTensor {
  return { shape: [width!], dtype: "F32", data: new Float32Array(width!) };
}

/** The text tower and what goes with it. */
const textRules: readonly KeyRule[] = [
  "transformer.**",
  "token_embedding.weight",
  "positional_embedding",
  "ln_final.*",
  "text_projection",
  "logit_scale",
].map((from) => ({ kind: "drop", from }));

const timmRules: readonly KeyRule[] = [
  rename("patch_embed.proj.weight", "visual.conv1.weight"),
  ...embeddings(""),
  rename("norm_pre.*", "visual.ln_pre.*"),
  rename("blocks.*.attn.qkv.*", "visual.transformer.resblocks.*.attn.in_proj_*"),
  rename("blocks.*.attn.proj.*", "visual.transformer.resblocks.*.attn.out_proj.*"),
  rename("blocks.*.norm1.*", "visual.transformer.resblocks.*.ln_1.*"),
  rename("blocks.*.norm2.*", "visual.transformer.resblocks.*.ln_2.*"),
  rename("blocks.*.mlp.fc1.*", "visual.transformer.resblocks.*.mlp.c_fc.*"),
  rename("blocks.*.mlp.fc2.*", "visual.transformer.resblocks.*.mlp.c_proj.*"),
  rename("norm.*", "visual.ln_post.*"),
  { kind: "transpose", from: "head.weight", to: "visual.proj" },
  { kind: "derived", from: "head.bias", of: "visual.proj", make: zeroBias },
];

/** timm's image tower of CLIP. */
export const timmClip: KeyMap = { from: "timm", to: "OpenAI", rules: timmRules };

/** From OpenAI's names to the image tower that timm has. */
export const toTimmClip: KeyMap = {
  ...{ from: "OpenAI", to: "timm" },
  rules: [...textRules, ...reverseKeyMap(timmClip).rules],
};
