/**
 * The projects whose names for a CLIP the kit knows. Its own are OpenAI's.
 *
 * @module
 */
import {
  huggingFaceClip,
  huggingFaceClipVision,
  mmpretrainClip,
  mmpretrainClipVision,
  mmpretrainTargetGenerator,
  openaiClip,
  timmClip,
  toTimmClip,
} from "./clip.ts";
import type { Entries } from "./key_map.ts";
import { type KeyMap, reverseKeyMap } from "./key_rules.ts";
import { type Naming, someName } from "./naming.ts";

const openai: Naming = {
  family: "clip",
  project: "openai",
  recognizes: (entries) => entries.has("visual.class_embedding"),
  toKit: () => openaiClip,
  fromKit: () => undefined,
};

const huggingFace: Naming = {
  family: "clip",
  project: "hf",
  recognizes: (entries) =>
    someName(entries, /^(vision_model\.)?embeddings\.class_embedding$/),
  toKit: (entries) =>
    entries.has("embeddings.class_embedding") ? huggingFaceClipVision : huggingFaceClip,
  fromKit: () => reverseKeyMap(huggingFaceClip),
};

function mmpretrainMap(entries: Entries): KeyMap {
  if (entries.has("visual.cls_token")) return mmpretrainClip;
  return entries.has("backbone.pre_norm.weight")
    ? mmpretrainClipVision
    : mmpretrainTargetGenerator;
}

const mmpretrain: Naming = {
  family: "clip",
  project: "mmpretrain",
  recognizes: (entries) =>
    ["visual.cls_token", "backbone.pre_norm.weight"].some((name) => entries.has(name)) ||
    entries.has("target_generator.tokenizer.visual.class_embedding"),
  toKit: mmpretrainMap,
  fromKit: () => reverseKeyMap(mmpretrainClip),
};

// Of ImageNet-1k, and of timm's and Google's choices of ImageNet-21k.
const classCounts = [1000, 11_821, 21_841, 21_843];

/** A classifier's bias means something; that of CLIP's projection is zero. */
function timmMap(entries: Entries): KeyMap {
  const [outputs = 0] = entries.get("head.weight")?.shape ?? [];
  if (!classCounts.includes(outputs)) return timmClip;
  const rules = timmClip.rules.filter(({ kind }) => kind !== "derived");
  return { ...timmClip, rules };
}

const timm: Naming = {
  family: "clip",
  project: "timm",
  recognizes: (entries) =>
    entries.has("norm_pre.weight") && entries.has("blocks.0.norm1.weight"),
  toKit: timmMap,
  fromKit: () => toTimmClip,
};

/** A CLIP's namings; the authors' repository is OpenAI's. */
export const clipNamings: readonly Naming[] = [
  openai,
  { ...openai, project: "official" },
  huggingFace,
  mmpretrain,
  timm,
];
