/**
 * Where the reference's networks are in a recipe.
 */
import type { Entry, Fact, Facts } from "./entry.ts";
import { type Rule, translated } from "./rule.ts";

/** A section. */
export type Named = Record<string, Fact>;

/** A section of an entry's model. */
export function part({ model }: Entry, name: string): Named {
  return ((model as Named | null)?.[name] ?? {}) as Named;
}

const vitSizes: Record<string, string> = {
  ...{ small: "S768", "deit-small": "S", base: "B", large: "L", huge: "H" },
  ...{ b: "B", l: "L", h: "H" },
};
const letters = { tiny: "T", small: "S", base: "B", B: "B" };

// Networks that the kit has not.
const missing: Record<string, string> = {
  MIMMogaNet: "MogaNet-S",
  BEiTVisionTransformer: "BEiT-B/16",
};

function hasManyHeads(entry: Entry): boolean {
  return part(entry, "head")["type"] === "MultiClsHead";
}

/** Whether a recipe only names the network. */
export function isMissing(entry: Entry): boolean {
  const backbone = part(entry, "backbone");
  return Object.hasOwn(missing, String(backbone["type"])) || hasManyHeads(entry);
}

function backboneKind(type: Fact, entry: Entry): Facts {
  const backbone = part(entry, "backbone");
  if (isMissing(entry)) {
    return {
      "model.backbone.kind": "missing",
      "model.backbone.variant": missing[String(type)] ??
        "ResNet-50 with 4 heads",
    };
  }
  const kind = /swin/i.test(String(type))
    ? "swin"
    : /mixmim/i.test(String(type))
    ? "mixmim"
    : /resnet/i.test(String(type))
    ? "resnet"
    : /convnext/i.test(String(type))
    ? "convnext"
    : "vit";
  const head: Facts = { "model.backbone.kind": kind };
  // A last norm of the patches is what SimMIM's and A2MIM's predict from.
  if (type === "SimMIMViT") head["model.backbone.finalNorm"] = true;
  if (kind === "resnet") head["model.backbone.variant"] = String(backbone["depth"]);
  if (type === "ResNet_CIFAR") head["model.backbone.stem"] = "full-size";
  return head;
}

function variant(arch: Fact, entry: Entry): Facts {
  const { type, patch_size } = part(entry, "backbone");
  if (isMissing(entry)) return {};
  if (/swin/i.test(String(type)) && arch === "large") {
    return { "resolved.backbone.width": 192 }; // as Swin-B, and 1.5 times as wide
  }
  if (/swin|convnext|mixmim/i.test(String(type))) {
    return { "model.backbone.variant": translated(letters, arch) };
  }
  const patch = patch_size ?? (arch === "huge" || arch === "h" ? 14 : 16);
  return { "model.backbone.variant": `${translated(vitSizes, arch)}/${patch}` };
}

/** Sizes are compared with what the recipe's backbone comes to. */
export function size(name: string): (value: Fact, entry: Entry) => Facts {
  return (value, entry) =>
    isMissing(entry) ? {} : { [`resolved.backbone.${name}`]: value };
}

function hidden(value: Fact, entry: Entry): Facts {
  const { embed_dim } = part(entry, "backbone");
  return isMissing(entry)
    ? {}
    : { "resolved.backbone.mlpRatio": Number(value) / Number(embed_dim) };
}

export function windows(value: Fact): Facts {
  return Array.isArray(value)
    ? { "resolved.backbone.windows": value }
    : { "resolved.backbone.window": value };
}

const methods = {
  MILAN: "milan",
  MAE: "mae",
  MixMIM: "mixmim",
  SimMIM: "simmim",
  A2MIM: "a2mim",
};

function modelKind(_: Fact, { method, phase }: Entry): Facts {
  if (phase === "pretrain") return { "model.kind": translated(methods, method) };
  return { "model.kind": phase === "linear" ? "linear-probe" : "classifier" };
}

function tokenRule(rule: Fact): Facts {
  return { "model.token.kind": String(rule).startsWith("replace") ? "replace" : "add" };
}

/** Why a value has no field. */
export const same = "what the kit's function of that name always does";

/** Where the values of networks are. */
export const backboneRules: Rule[] = [
  { from: ["method"], to: modelKind },
  { from: ["phase"], to: "task" },
  {
    from: ["model.type", "model.neck.type", "model.head.type"],
    reason: "said by the method and the phase",
  },
  // Backbones of mmpretrain and openmixup
  { from: ["model.backbone.type"], to: backboneKind },
  { from: ["model.backbone.arch"], to: variant },
  {
    from: ["model.backbone.depth"],
    to: (value, entry) =>
      /Vi/.test(String(part(entry, "backbone")["type"]))
        ? size("depth")(value, entry)
        : {},
  },
  { from: ["model.backbone.stage_blocks"], to: size("depths") },
  {
    from: ["model.backbone.block"],
    to: (block): Facts => block === "basic" ? { "resolved.backbone.block": "basic" } : {},
  },
  { from: ["model.backbone.channels"], to: size("widths") },
  { from: ["model.backbone.ffn_dim"], to: hidden },
  {
    from: ["model.backbone.init_values", "model.backbone.init_value"],
    to: (value, entry): Facts =>
      isMissing(entry) ? {} : { "model.backbone.layerScale": value },
  },
  {
    from: ["model.backbone.use_window"],
    to: (): Facts => ({ "model.backbone.relativePositions": true }),
  },
  {
    from: ["model.backbone.qkv_bias"], // true, the default, are biases of queries and values
    to: (value) => ({ "model.backbone.qkvBias": translated({ false: "off" }, value) }),
  },
  { from: ["model.backbone.pad_small_map"], to: "model.backbone.padSmallMaps" },
  {
    from: ["model.backbone.final_norm", "model.backbone.out_type"],
    to: (value, entry): Facts =>
      isMissing(entry) ? {} : {
        "model.pooling": value === true || value === "cls_token"
          ? "class-token"
          : "patches",
      },
  },
  {
    from: ["model.backbone.gap_before_final_norm"],
    reason: "true for classifiers and false for pretraining, as in the kit",
  },
  {
    from: ["model.backbone.frozen_stages", "model.backbone.norm_eval"],
    to: (value, { phase }): Facts => {
      const frozen = value === true || Number(value) > 0;
      if (frozen !== (phase === "linear")) throw new Error("Frozen while fine-tuning");
      return {};
    },
  },
  {
    from: [
      ...["model.backbone.arch_source", "model.backbone.init_cfg"],
      ...["model.backbone.init_cfg.**", "model.neck.init_cfg"],
    ],
    reason: "where the sizes come from; how weights start is the backbone's",
  },
  {
    from: [
      ...["model.backbone.style", "model.backbone.num_stages"],
      ...["model.backbone.drop_rate", "model.backbone.out_indices"],
      ...["model.backbone.finetune", "model.backbone.act_cfg.type"],
      ...["model.backbone.norm_cfg.type", "model.backbone.mix_repeat"],
      ...["model.backbone.*_norm_cfg.**", "model.backbone.conv_norm_cfg.**"],
      ...["model.backbone.stem_norm_cfg.**", "model.backbone.attn_force_fp32"],
      ...["model.backbone.use_abs_pos_emb", "model.backbone.use_rel_pos_bias"],
      "model.backbone.use_shared_rel_pos_bias",
    ],
    reason: same,
  },
  {
    from: ["model.backbone.mask_init", "model.masking.mask_init"],
    to: "model.token.scale",
  },
  {
    from: ["model.backbone.mask_layer", "model.masking.mask_layer"],
    to: "model.token.layer",
  },
  { from: ["model.mask_token_semantics.rule"], to: tokenRule },
  {
    from: ["model.backbone.replace", "model.masking.replace"],
    to: (value) => ({
      "model.token.kind": translated({ true: "replace", false: "add" }, value),
    }),
  },
  {
    from: [
      ...["model.backbone.mask_token", "model.masking.mask_token"],
      ...["model.mask_token_semantics.**", "model.loss_semantics.**"],
    ],
    reason: same,
  },
];
