/**
 * The names of a ViT's parameters in openmixup (SimMIM, A2MIM and their classifiers) and in timm and
 * BEiT, which the kit uses.
 *
 * @module
 */
import { windowIndexWithClass } from "./derived_buffers.ts";
import type { KeyMap, KeyRule } from "./key_rules.ts";

/** Options of {@linkcode openmixupVit}. */
export interface OpenmixupVitOptions {
  /**
   * Where the kit's model has its ViT: at its root, as a classifier has, or under `backbone`, as a
   * method for any architecture has. Default: the root.
   */
  under?: "" | "backbone";
}

/**
 * From openmixup's names (`backbone.layers.0.ln1.weight`, `backbone.layers.0.gamma_1` …) to timm's
 * (`blocks.0.norm1.weight`, `blocks.0.ls1.gamma` …). The index into the table of relative positions
 * follows from the grid.
 *
 * @example
 * ```ts
 * import { openmixupVit } from "./openmixup_vit.ts";
 * import { renameBy } from "./key_map.ts";
 * const rename = renameBy(openmixupVit());
 * console.log(rename("backbone.layers.3.ffn.layers.0.0.bias")); // "blocks.3.mlp.fc1.bias"
 * ```
 */
export function openmixupVit({ under = "" }: OpenmixupVitOptions = {}): KeyMap {
  const root = under === "" ? "" : `${under}.`;
  const rename = (from: string, to: string): KeyRule => ({
    kind: "rename",
    from: `backbone.${from}`,
    to: `${root}${to}`,
  });
  return {
    from: "openmixup",
    to: "timm",
    rules: [
      windowIndexWithClass("backbone.layers.*.attn", `${root}blocks.*.attn`),
      rename("layers.*.gamma_1", "blocks.*.ls1.gamma"),
      rename("layers.*.gamma_2", "blocks.*.ls2.gamma"),
      rename("layers.*.ln1.*", "blocks.*.norm1.*"),
      rename("layers.*.ln2.*", "blocks.*.norm2.*"),
      rename("layers.*.ffn.layers.0.0.*", "blocks.*.mlp.fc1.*"),
      rename("layers.*.ffn.layers.1.*", "blocks.*.mlp.fc2.*"),
      rename("layers.*.attn.*.*", "blocks.*.attn.*.*"),
      rename("layers.*.attn.*", "blocks.*.attn.*"),
      rename("patch_embed.projection.*", "patch_embed.proj.*"),
      rename("ln1.*", "norm.*"),
      ...["cls_token", "pos_embed", "mask_token", "mask_gamma", "fc_norm.*"]
        .map((name) => rename(name, name)),
      { kind: "rename", from: "head.fc.*", to: "head.*" },
    ],
  };
}
