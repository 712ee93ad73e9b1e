/**
 * The projects whose names for a ViT the kit knows. Its own are MAE's, MILAN's and timm's; of SimMIM and
 * A2MIM the same below `backbone`.
 *
 * @module
 */
import {
  fromHuggingFaceVit,
  isHuggingFaceVit,
  toHuggingFaceVit,
} from "./hugging_face_vit.ts";
import type { Entries } from "./key_map.ts";
import { type KeyMap, type KeyRule, rename, reverseKeyMap } from "./key_rules.ts";
import {
  mmpretrainHeadOf,
  mmpretrainNeckRules,
  mmpretrainVit,
} from "./mmpretrain_vit.ts";
import { type Naming, someName } from "./naming.ts";
import { openmixupVit } from "./openmixup_vit.ts";
import { pretrainingRules, timmBeit, toTimmVit } from "./timm_vit.ts";
import { type VitForm, vitForm } from "./vit_form.ts";

/** A map for the backbone that was taken out of a checkpoint, without `backbone.` before its names. */
function extracted(map: KeyMap): KeyMap {
  const cut = (name: string): string => name.replace(/^backbone\./, "");
  const rules = map.rules.map((rule): KeyRule =>
    rule.kind === "rename" || rule.kind === "derived"
      ? { ...rule, from: cut(rule.from) }
      : rule
  );
  return { ...map, rules };
}

const openmmlabBlock = /^(backbone\.)?layers\.\d+\.ln1\.weight$/;

/** What openmixup's ViTs have and mmpretrain's have not. */
const openmixupSigns =
  /(^|\.)(gamma_[12]|q_bias|relative_position_bias_table|fc_norm\.weight)$|^backbone\.mask_(token|gamma)$|^neck\.decoder(_pred)?\.0\./;

function isOpenmixup(entries: Entries): boolean {
  return someName(entries, openmmlabBlock) && someName(entries, openmixupSigns);
}

function isExtracted(entries: Entries): boolean {
  return !someName(entries, /^backbone\./);
}

/** openmixup's names; mmpretrain calls BEiT's norm of the mean ln2, and else everything the same. */
function openmixupFor(root: VitForm["root"]): KeyMap {
  const map = openmixupVit({ under: root === "" ? "" : "backbone" });
  return { ...map, rules: [...map.rules, rename("backbone.ln2.*", `${root}fc_norm.*`)] };
}

/** Where the kit has a ViT of openmixup: at the root, unless something reconstructs from it. */
function rootOf(entries: Entries): VitForm["root"] {
  return someName(entries, /^(backbone\.)?mask_token$|^neck\./) ? "backbone." : "";
}

const official: Naming = {
  family: "vit",
  project: "official",
  recognizes: (entries) =>
    someName(entries, /^(backbone\.)?blocks\.\d+\.norm1\.weight$/) &&
    !someName(entries, /^norm_pre\.|^blocks\.\d+\.gamma_1$/),
  toKit: () => undefined,
  // A2MIM's own repository is openmixup.
  fromKit: (entries) =>
    vitForm(entries).root === "" ? undefined : openmixup.fromKit(entries),
};

const mmpretrain: Naming = {
  family: "vit",
  project: "mmpretrain",
  recognizes: (entries) =>
    someName(entries, openmmlabBlock) && !someName(entries, /^backbone\.pre_norm\./),
  toKit(entries) {
    const map = mmpretrainVit(mmpretrainHeadOf(entries.keys()));
    return isExtracted(entries) ? extracted(map) : map;
  },
  fromKit(entries) {
    const form = vitForm(entries);
    if (form.beit || form.root !== "") {
      const { from, rules } = openmixupFor(form.root);
      const beit = rules.filter((rule) =>
        rule.kind !== "rename" || rule.from !== "backbone.fc_norm.*"
      );
      const reversed = reverseKeyMap({ from, to: "the kit", rules: beit });
      return {
        ...{ from: "the kit", to: "mmpretrain" },
        rules: [...pretrainingRules(form), ...reversed.rules],
      };
    }
    const head = {
      "none": "linear",
      "linear": "linear",
      "hidden": "vision-transformer",
      "linear-probe": "linear-probe",
    } as const;
    return reverseKeyMap(mmpretrainVit(head[form.head]));
  },
};

const openmixup: Naming = {
  family: "vit",
  project: "openmixup",
  recognizes: isOpenmixup,
  toKit(entries) {
    const map = openmixupFor(rootOf(entries));
    return isExtracted(entries) ? extracted(map) : map;
  },
  fromKit(entries) {
    const form = vitForm(entries);
    const isKnown = form.decoder !== "prompting" &&
      (form.head === "none" || form.head === "linear");
    if (!isKnown) {
      const what = form.decoder === "prompting"
        ? "MILAN's decoder"
        : "such a head: a linear layer alone";
      throw new Error(
        `openmixup has no ViT with ${what}; convert to official or mmpretrain`,
      );
    }
    const { from, rules } = openmixupVit({ under: form.root === "" ? "" : "backbone" });
    const all = form.decoder === "plain" ? [...mmpretrainNeckRules, ...rules] : rules;
    return reverseKeyMap({ from, to: "the kit", rules: all });
  },
};

const timm: Naming = {
  family: "vit",
  project: "timm",
  recognizes: (entries) => someName(entries, /^blocks\.\d+\.gamma_1$/),
  toKit: () => timmBeit,
  fromKit: (entries) => toTimmVit(vitForm(entries)),
};

const huggingFace: Naming = {
  family: "vit",
  project: "hf",
  recognizes: isHuggingFaceVit,
  toKit: fromHuggingFaceVit,
  fromKit: (entries) => toHuggingFaceVit(vitForm(entries)),
};

/** A ViT's namings; openmixup's signs are looked for before mmpretrain's, which both have. */
export const vitNamings: readonly Naming[] = [
  official,
  openmixup,
  mmpretrain,
  timm,
  huggingFace,
];
