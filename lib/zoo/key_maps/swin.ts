/**
 * The names of a Swin Transformer's parameters in other projects, and in openmixup, which the kit uses:
 * `backbone.stages.0.blocks.0.attn.w_msa.qkv.weight`, `head.fc.weight`, in SimMIM's pretraining
 * `backbone.mask_token` and `neck.decoder.0`. mmpretrain has the same names.
 *
 * Its authors, timm and Hugging Face order the values that patch merging reads otherwise. timm 0.9 and
 * later have each merging at the start of a stage, all others at the end of the one before.
 *
 * @module
 */
import type { Naming } from "./naming.ts";
import type { Entries } from "./key_map.ts";
import { type KeyRule, rename, reverseKeyMap } from "./key_rules.ts";
import { patchMerging } from "./patch_merging.ts";
import { pretrainingNames, trainingState } from "./openmixup_pretraining.ts";
import {
  countOf,
  literally,
  type Outline,
  prefixBefore,
  type Scheme,
  schemeNaming,
  upTo,
} from "./scheme.ts";
import { huggingFaceBlocks, officialBlocks, windowIndices } from "./swin_blocks.ts";
import { type Depths, windowMasks } from "./swin_buffers.ts";

/** What a Swin's names depend on. */
interface SwinOutline extends Outline {
  /** Blocks of each stage. */
  depths: Depths;
}

/** The depths of the stages under `stages.0.blocks.0`, `layers.0.blocks.0` … */
function depthsOf(entries: Entries, stageNames: string): Depths {
  const start = literally(stageNames);
  const stages = countOf(entries, new RegExp(`^${start}\\.(\\d+)\\.blocks\\.`));
  return upTo(stages).map((stage) =>
    countOf(entries, new RegExp(`^${start}\\.${stage}\\.blocks\\.(\\d+)\\.`))
  );
}

function outlineAt(entries: Entries, prefix: string, stages: string): SwinOutline {
  const depths = depthsOf(entries, stages);
  return { prefix, depths, stages: depths.length };
}

/** An outline by a name in the first block. */
function outlineBy(
  entries: Entries,
  stages: string,
  ending: string,
): SwinOutline | undefined {
  const prefix = prefixBefore(entries, `${stages}.0.blocks.0.${ending}`);
  return prefix === undefined
    ? undefined
    : outlineAt(entries, prefix, `${prefix}${stages}`);
}

function kitOutline(prefix: string): (entries: Entries) => SwinOutline {
  return (entries) => outlineAt(entries, prefix, "backbone.stages");
}

/** What A2MIM has and SimMIM has not. */
const a2mimNames = ["backbone.mask_gamma", "neck.decoder_pred.**"];

const kitStage = (stage: number): string => `backbone.stages.${stage}`;

/** Patch merging from the authors' order to mmcv's, which the kit's Swin has. */
function mergingRules(from: string, stage: number): KeyRule[] {
  const rules = patchMerging(`${kitStage(stage)}.downsample`, from);
  return [...reverseKeyMap({ from: "", to: "", rules }).rules];
}

const openmixup: Scheme<SwinOutline> = {
  ...{ family: "swin", project: "openmixup" },
  outline(entries) {
    const found = outlineBy(entries, "stages", "attn.w_msa.qkv.weight");
    return found && ["", "backbone."].includes(found.prefix) ? found : undefined;
  },
  outlineInKit: kitOutline("backbone."),
  rules: ({ prefix }) => [
    ...trainingState,
    windowIndices(`${prefix}stages.*.blocks.*.attn.w_msa`),
    ...prefix === "backbone." ? [] : [
      ...["patch_embed.**", "stages.**", "norm*.*", "mask_token"]
        .map((name) => rename(`${prefix}${name}`, `backbone.${name}`)),
    ],
  ],
};

const mmpretrain: Scheme<SwinOutline> = { ...openmixup, project: "mmpretrain" };

/** What is outside the stages in the authors' files and in timm. */
function outerRules(prefix: string, stages: number): KeyRule[] {
  return [
    rename(`${prefix}patch_embed.proj.*`, "backbone.patch_embed.projection.*"),
    rename(`${prefix}patch_embed.norm.*`, "backbone.patch_embed.norm.*"),
    rename(`${prefix}norm.*`, `backbone.norm${stages - 1}.*`),
    rename(`${prefix}mask_token`, "backbone.mask_token"),
  ];
}

/** A Swin in the names of its authors, of which MixMIM has some too. */
function officialOutline(entries: Entries): SwinOutline | undefined {
  const table = "attn.relative_position_bias_table";
  const found = outlineBy(entries, "layers", table);
  if (found === undefined || entries.has(`${found.prefix}absolute_pos_embed`)) {
    return undefined;
  }
  return entries.has(`${found.prefix}patch_embed.proj.weight`) ? found : undefined;
}

/** Whether each merging stands with the stage that it leads to. */
function mergesFirst(entries: Entries, { prefix }: SwinOutline): boolean {
  return !entries.has(`${prefix}layers.0.downsample.reduction.weight`) &&
    entries.has(`${prefix}layers.1.downsample.reduction.weight`);
}

/** The authors', microsoft/Swin-Transformer, and those of SimMIM, which have an `encoder`. */
const official: Scheme<SwinOutline> = {
  ...{ family: "swin", project: "official" },
  outline(entries) {
    const found = officialOutline(entries);
    return found && !mergesFirst(entries, found) ? found : undefined;
  },
  outlineInKit: (entries) =>
    kitOutline(entries.has("neck.decoder.0.weight") ? "encoder." : "")(entries),
  rules: ({ prefix, stages, depths }) => [
    ...windowMasks(`${prefix}layers`, "backbone.stages", depths),
    { kind: "drop", from: `${prefix}layers.*.blocks.*.attn_mask` },
    windowIndices(`${prefix}layers.*.blocks.*.attn`),
    ...outerRules(prefix, stages),
    ...officialBlocks(`${prefix}layers`),
    ...upTo(stages - 1).flatMap((stage) =>
      mergingRules(`${prefix}layers.${stage}.downsample`, stage)
    ),
    rename("decoder.0.*", "neck.decoder.0.*"),
    rename("head.*", "head.fc.*"),
  ],
  lacks: a2mimNames,
};

const timm: Scheme<SwinOutline> = {
  ...{ family: "swin", project: "timm" },
  outline(entries) {
    const found = officialOutline(entries);
    return found && mergesFirst(entries, found) ? found : undefined;
  },
  outlineInKit: kitOutline(""),
  rules: ({ prefix, stages }) => [
    ...outerRules(prefix, stages),
    { kind: "drop", from: `${prefix}layers.*.blocks.*.attn_mask` },
    { kind: "drop", from: `${prefix}layers.*.blocks.*.attn.relative_position_index` },
    ...officialBlocks(`${prefix}layers`),
    ...upTo(stages - 1).flatMap((stage) =>
      mergingRules(`${prefix}layers.${stage + 1}.downsample`, stage)
    ),
    rename("head.fc.*", "head.fc.*"),
  ],
  lacks: pretrainingNames,
};

const huggingFace: Scheme<SwinOutline> = {
  ...{ family: "swin", project: "hf" },
  outline: (entries) =>
    // The first of these is in the files, the other in the models of transformers 5.
    outlineBy(entries, "encoder.layers", "attention.self.query.weight") ??
      outlineBy(entries, "encoder.layers", "attention.q_proj.weight"),
  outlineInKit(entries) {
    const bare = !entries.has("head.fc.weight") && !entries.has("neck.decoder.0.weight");
    return kitOutline(bare ? "" : "swin.")(entries);
  },
  rules: ({ prefix, stages }) => [
    rename(
      `${prefix}embeddings.patch_embeddings.projection.*`,
      "backbone.patch_embed.projection.*",
    ),
    rename(`${prefix}embeddings.norm.*`, "backbone.patch_embed.norm.*"),
    rename(`${prefix}embeddings.mask_token`, "backbone.mask_token"),
    ...huggingFaceBlocks(`${prefix}encoder.layers`),
    ...upTo(stages - 1).flatMap((stage) =>
      mergingRules(`${prefix}encoder.layers.${stage}.downsample`, stage)
    ),
    rename(`${prefix}layernorm.*`, `backbone.norm${stages - 1}.*`),
    rename("decoder.0.*", "neck.decoder.0.*"),
    rename("classifier.*", "head.fc.*"),
  ],
  lacks: a2mimNames,
};

/** All of them. A file that several would take is the first one's: the others name it alike. */
export const swinNamings: readonly Naming[] = [
  openmixup,
  mmpretrain,
  official,
  timm,
  huggingFace,
].map(schemeNaming);
