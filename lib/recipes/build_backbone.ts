/**
 * From the backbone of a recipe to the configuration that the library takes.
 *
 * @module
 */
import { convNextVariant } from "../backbones/convnext.ts";
import { mixmimVariant } from "../backbones/mixmim_variants.ts";
import { type ResnetVariant, resnetVariant } from "../backbones/resnet.ts";
import { swinVariant } from "../backbones/swin.ts";
import { type VitVariant, vitVariant } from "../backbones/vit.ts";
import type { ClassifierBackbone } from "../methods/classification.ts";
import type { QkvBias } from "../nn/attention.ts";
import type { BackboneSection } from "./model.ts";

/** An object without its undefined fields. */
export type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Leaves out what is undefined, so that the library's defaults hold. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}

function qkvBiasOf(which: "all" | "off" | "query-value"): QkvBias {
  switch (which) {
    case "all":
      return true;
    case "off":
      return false;
    case "query-value":
      return "query-value";
  }
}

/**
 * The configuration of a recipe's backbone.
 *
 * @param input the images' side in pixels and their channels, 3 by default.
 * @throws {Error} for a network that the kit cannot build, and for sizes that do not go together.
 *
 * @example
 * ```ts
 * import { backboneOf } from "./build_backbone.ts";
 * const backbone = backboneOf({ kind: "swin", variant: "B" }, { imageSize: 192 });
 * console.log(backbone.kind === "swin" && backbone.window); // 6
 * ```
 */
export function backboneOf(
  section: BackboneSection,
  { imageSize, channels = 3 }: { imageSize: number; channels?: number },
): ClassifierBackbone {
  switch (section.kind) {
    case "vit": {
      const { kind, variant, qkvBias, rematerialize: _, ...changes } = section;
      return {
        kind,
        ...vitVariant(variant as VitVariant, imageSize),
        ...channels === 3 ? {} : { channels },
        ...qkvBias === undefined ? {} : { qkvBias: qkvBiasOf(qkvBias) },
        ...defined(changes),
      };
    }
    case "mixmim": {
      const { kind, variant, rematerialize: _, ...changes } = section;
      if (changes.patchSize === undefined) {
        return { kind, ...mixmimVariant(variant, imageSize), ...defined(changes) };
      }
      // A patch size of one's own comes with stages of one's own; the usual ones are only for 4.
      const { width = 128, depths = [], heads = [], windows = [], ...rest } = changes;
      return { kind, imageSize, width, depths, heads, windows, ...defined(rest) };
    }
    case "resnet": {
      const { kind, variant, rematerialize: _, ...changes } = section;
      const shape = resnetVariant(Number(variant) as ResnetVariant);
      return { kind, ...shape, ...defined(changes) };
    }
    case "convnext": {
      const { kind, variant, rematerialize: _, ...changes } = section;
      return { kind, ...convNextVariant(variant), ...defined(changes) };
    }
    case "swin": {
      const { kind, variant, patchSize, rematerialize: _, ...changes } = section;
      // A variant is for images of whole stages; with a patch of one's own that is another size.
      const usual = patchSize === undefined ? imageSize : 32;
      const shape = swinVariant(variant, usual);
      return {
        kind,
        ...shape,
        ...defined({ patchSize }),
        ...defined(changes),
      };
    }
    case "missing":
      throw new Error(
        `The kit has no ${section.variant}: this recipe can be read, not run; choose another ` +
          "network with --model.backbone.kind",
      );
  }
}
