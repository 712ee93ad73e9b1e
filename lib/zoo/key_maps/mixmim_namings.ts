/**
 * The projects whose names for a MixMIM the kit knows. Its own are the authors'.
 *
 * @module
 */
import { windowIndex } from "./derived_buffers.ts";
import { type KeyMap, type KeyRule, reverseKeyMap } from "./key_rules.ts";
import { mmpretrainMixmim } from "./mmpretrain_mixmim.ts";
import { type Naming, someName } from "./naming.ts";

/** The buffers of Swin's attention, which the kit computes. */
const authors: KeyMap = {
  from: "official",
  to: "the kit",
  rules: [
    windowIndex("layers.*.blocks.*.attn", "layers.*.blocks.*.attn"),
    { kind: "drop", from: "layers.*.blocks.*.attn_mask" },
  ],
};

const official: Naming = {
  family: "mixmim",
  project: "official",
  // Position embeddings tell it from a Swin.
  recognizes: (entries) =>
    entries.has("absolute_pos_embed") &&
    someName(entries, /^layers\.\d+\.blocks\.\d+\.norm1\.weight$/),
  toKit: () => authors,
  fromKit: () => reverseKeyMap(authors),
};

const mmpretrain: Naming = {
  family: "mixmim",
  project: "mmpretrain",
  recognizes: (entries) =>
    entries.has("backbone.absolute_pos_embed") &&
    someName(entries, /^backbone\.layers\.\d+\.blocks\.\d+\.ln1\.weight$/),
  toKit: () => ({
    ...mmpretrainMixmim,
    rules: [
      { kind: "drop", from: "backbone.layers.*.blocks.*.attn_mask" } satisfies KeyRule,
      ...mmpretrainMixmim.rules,
    ],
  }),
  fromKit: () => reverseKeyMap(mmpretrainMixmim),
};

/** A MixMIM's namings. */
export const mixmimNamings: readonly Naming[] = [official, mmpretrain];
