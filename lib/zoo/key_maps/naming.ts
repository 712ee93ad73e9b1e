/**
 * What a naming is: one project's names for the networks of one family.
 *
 * @module
 */
import type { Entries } from "./key_map.ts";
import type { KeyMap } from "./key_rules.ts";

/** Projects whose names the kit knows; `official` is the authors' repository. */
export type Project =
  | "official"
  | "mmpretrain"
  | "openmixup"
  | "timm"
  | "hf"
  | "openai"
  | "detectron2";

/** Networks that share their names. */
export type Family = "vit" | "mixmim" | "resnet" | "convnext" | "swin" | "clip";

/** A family's name in a sentence. */
export const familyNames: Readonly<Record<Family, string>> = {
  vit: "A ViT",
  mixmim: "A MixMIM",
  resnet: "A ResNet",
  convnext: "A ConvNeXt",
  swin: "A Swin",
  clip: "A CLIP",
};

/** One project's names for the networks of one family. */
export interface Naming {
  family: Family;
  project: Project;
  /** Whether names and shapes are this project's. */
  recognizes(entries: Entries): boolean;
  /** From its names to the kit's; undefined where they are the same. */
  toKit(entries: Entries): KeyMap | undefined;
  /**
   * From the kit's names to its own; undefined where they are the same.
   *
   * @param entries under the kit's names.
   * @throws {Error} when the project has no such network.
   */
  fromKit(entries: Entries): KeyMap | undefined;
}

/** Whether any of the names is of a form. */
export function someName(entries: Entries, form: RegExp): boolean {
  for (const name of entries.keys()) if (form.test(name)) return true;
  return false;
}
