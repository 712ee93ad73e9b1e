/**
 * The names of a ViT's parameters in timm. Those of its `VisionTransformer` are the kit's; its `Beit`
 * is the network of openmixup's ViTs, with BEiT's own names for the scale of a branch.
 *
 * @module
 */
import { windowIndexWithClass } from "./derived_buffers.ts";
import { type KeyMap, type KeyRule, rename } from "./key_rules.ts";
import type { VitForm } from "./vit_form.ts";

/**
 * From timm's `Beit` (and the authors' BEiT) to the kit.
 *
 * @example
 * ```ts
 * import { renameBy } from "./key_map.ts";
 * import { timmBeit } from "./timm_vit.ts";
 * console.log(renameBy(timmBeit)("blocks.3.gamma_1")); // "blocks.3.ls1.gamma"
 * ```
 */
export const timmBeit: KeyMap = {
  from: "timm",
  to: "the kit",
  rules: [
    // timm computes it, the authors' files hold it.
    windowIndexWithClass("blocks.*.attn", "blocks.*.attn"),
    rename("blocks.*.gamma_1", "blocks.*.ls1.gamma"),
    rename("blocks.*.gamma_2", "blocks.*.ls2.gamma"),
  ],
};

/** What only masked image modelling has, in the kit's names. */
export function pretrainingRules({ root }: VitForm): KeyRule[] {
  const names = root === ""
    ? ["mask_token", "decoder_**"]
    : ["backbone.mask_token", "backbone.mask_gamma", "neck.**"];
  return names.map((from) => ({ kind: "drop", from }));
}

/**
 * From the kit to timm, of which no model has a decoder.
 *
 * @throws {Error} when timm has no such network.
 */
export function toTimmVit(form: VitForm): KeyMap | undefined {
  if (form.head === "linear-probe" || form.head === "hidden") {
    const what = form.head === "hidden"
      ? "a hidden layer in its head"
      : "a batch norm before its head";
    throw new Error(
      `timm has no ViT with ${what}, which this one has: convert to official or mmpretrain, or ` +
        "the backbone only",
    );
  }
  const rules: KeyRule[] = form.decoder === "none" ? [] : pretrainingRules(form);
  const { root } = form;
  if (form.beit) {
    rules.push(
      rename(`${root}blocks.*.ls1.gamma`, "blocks.*.gamma_1"),
      rename(`${root}blocks.*.ls2.gamma`, "blocks.*.gamma_2"),
    );
  }
  if (root !== "") rules.push(rename(`${root}**`, "**"));
  return rules.length === 0 ? undefined : { from: "the kit", to: "timm", rules };
}
