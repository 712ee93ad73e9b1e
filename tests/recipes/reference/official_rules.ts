/**
 * Where the networks of the authors' own repositories are in a recipe, which describe them in words.
 */
import { isMissing, type Named, same, size, windows } from "./backbone_rules.ts";
import type { Entry, Fact, Facts } from "./entry.ts";
import { type Rule, translated } from "./rule.ts";

/** The authors' own names. */
function officialVariant(arch: Fact, entry: Entry): Facts {
  const text = String(arch);
  const mixmim = /^mixmim(?:_|-)(base|large|huge|B|L|H)/i.exec(text)?.[1];
  if (mixmim !== undefined) {
    return {
      "model.backbone.kind": "mixmim",
      "model.backbone.variant": mixmim[0]!.toUpperCase(),
    };
  }
  const size = /^ViT-([BLH])/.exec(text)![1]!;
  const patch = (entry["model"] as Named)["patch"] ?? (size === "H" ? 14 : 16);
  return {
    "model.backbone.kind": "vit",
    "model.backbone.variant": `${size}/${patch}`,
  };
}

/** Of MAE, MILAN and MixMIM, whose maskers take nothing but a ratio. */
function maskRatio(ratio: Fact, { method }: Entry): Facts {
  const kinds = { MILAN: "semantic", MAE: "random", MixMIM: "mix" };
  return { "masker.kind": translated(kinds, method), "masker.ratio": ratio };
}

/** Deviation of a normal distribution in words, or in mmcv's list. */
export function headDeviation(value: Fact): Facts {
  const std = Array.isArray(value)
    ? (value as Named[]).find(({ layer }) => layer === "Linear")?.["std"]
    : /std (2e-5|0\.02)|trunc_normal (0\.01)|weight trunc_normal std (0\.01)/.exec(
      String(value),
    )?.slice(1).find((text) => text !== undefined);
  return { "model.headDeviation": Number(std) };
}

/** Where the values of networks are that their authors describe. */
export const officialRules: Rule[] = [
  // The authors' own repositories
  { from: ["model.arch"], to: officialVariant },
  { from: ["model.img_size", "model.backbone.img_size"], to: "data.imageSize" },
  {
    from: ["model.patch", "model.backbone.patch_size"],
    to: (value, entry) =>
      isMissing(entry) ? {} : { "resolved.backbone.patchSize": value },
  },
  { from: ["model.embed_dim", "model.backbone.embed_dim"], to: size("width") },
  { from: ["model.heads", "model.backbone.heads"], to: size("heads") },
  { from: ["model.depths", "model.backbone.depths"], to: size("depths") },
  { from: ["model.depth"], to: size("depth") },
  { from: ["model.mlp_ratio", "model.backbone.mlp_ratio"], to: size("mlpRatio") },
  {
    from: ["model.ln_eps"],
    to: (value) => ({ "resolved.backbone.epsilon": value }),
  },
  {
    from: ["model.window", "model.backbone.window_size"],
    to: (value) => windows(value),
  },
  {
    from: ["model.backbone.stage_cfgs.block_cfgs.window_size"],
    to: (value) => windows(value),
  },
  {
    from: ["model.drop_path", "model.backbone.drop_path_rate"],
    to: (rate) => ({ "resolved.dropPathRate": rate }),
  },
  { from: ["model.mask_ratio", "model.backbone.mask_ratio"], to: maskRatio },
  {
    from: ["model.decoder.dim", "model.decoder_defaults.decoder_embed_dim"],
    to: "model.decoder.width",
  },
  { from: ["model.neck.decoder_embed_dim"], to: "model.decoder.width" },
  {
    from: [
      ...["model.decoder.depth", "model.decoder_defaults.decoder_depth"],
      "model.neck.decoder_depth",
    ],
    to: "model.decoder.depth",
  },
  {
    from: [
      ...["model.decoder.heads", "model.decoder_defaults.decoder_num_heads"],
      "model.neck.decoder_num_heads",
    ],
    to: "model.decoder.heads",
  },
  {
    from: ["model.decoder.type"],
    to: (type) => ({
      "model.decoderKind": translated({ "prompting decoder": "prompting" }, type),
    }),
  },
  {
    from: [
      ...["model.pos_embed", "model.qkv_bias", "model.patch_norm", "model.rel_pos_bias"],
      ...["model.final_dim", "model.encoder_stride", "model.len_keep", "model.masking"],
      ...["model.init", "model.loss", "model.mask", "model.mix", "model.attention"],
      ...["model.loss.**", "model.drop_path_rule", "model.resize_on_load"],
      ...["model.decoder.mlp_ratio", "model.decoder.out", "model.decoder.out_dim"],
      ...["model.decoder.pos_embed", "model.decoder.rule"],
      ...["model.decoder_defaults.mlp_ratio", "model.decoder_defaults.ln_eps"],
      ...["model.decoder_defaults.num_patches", "model.decoder_defaults.source"],
      "model.decoder_defaults.predict_feature_dim",
    ],
    reason: same,
  },
  {
    from: ["model.range_mask_ratio"],
    to: (value): Facts => {
      if (value !== 0) throw new Error(`A range of mask ratios: ${value}`);
      return {};
    },
  },
  {
    from: ["model.decoder_defaults.embed_dim", "model.neck.embed_dim"],
    reason: "the width of what the encoder gives; the notes say where they differ",
  },
  {
    from: ["model.target"],
    to: (text, { method }) =>
      method === "MILAN"
        ? { "teacher.kind": "released", "teacher.variant": "B/16" }
        : { "model.normalizePixels": String(text).includes("normalised pixels") },
  },
  {
    from: ["model.target_generator.type", "model.target_generator.tokenizer_path"],
    to: (): Facts => ({ "teacher.kind": "released", "teacher.variant": "B/16" }),
  },
  {
    from: ["model.pool"],
    to: (text) => ({
      "model.pooling": String(text).startsWith("cls token") ? "class-token" : "patches",
    }),
  },
  { from: ["model.head_init"], to: headDeviation },
  {
    from: ["model.head"],
    to: (text) => ({
      ...headDeviation(text),
      "model.normalizeFeatures": String(text).includes("BatchNorm1d(affine=False"),
    }),
  },
];
