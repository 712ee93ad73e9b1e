/**
 * MixMIM as its authors and OpenMMLab published it.
 *
 * @module
 */
import { mixmimTransformer } from "../../backbones/mixmim.ts";
import {
  mixmimCells,
  type MixmimTransformerConfiguration,
  type MixmimVariant,
  mixmimVariant,
} from "../../backbones/mixmim_variants.ts";
import { mixMaskFromNoise } from "../../maskers/mix.ts";
import { mixmim } from "../../methods/mixmim.ts";
import { mmpretrainMixmimNames } from "../key_maps/mmpretrain_mixmim.ts";
import {
  type Architecture,
  architectureAt,
  type Architectures,
  classification,
  named,
} from "./architecture.ts";

type Rewrite = NonNullable<MixmimTransformerConfiguration["rewrite"]>;

function backboneAt(
  variant: MixmimVariant,
  imageSize: number,
  rewrite: Rewrite | undefined,
): MixmimTransformerConfiguration {
  return { ...mixmimVariant(variant, imageSize), ...(rewrite && { rewrite }) };
}

function pretraining(variant: MixmimVariant, rewrite?: Rewrite): Architecture {
  return architectureAt(224, (size) => {
    const backbone = backboneAt(variant, size, rewrite);
    return {
      forward: (scope, images, input) => {
        const noise = input({ shape: [1, mixmimCells(backbone)] });
        const mask = mixMaskFromNoise(noise, { maskRatio: 0.5 });
        mixmim(scope, images, mask, { backbone, decoder: {} });
      },
      encode: (scope, images) => ({
        features: mixmimTransformer(scope, images, backbone).feature,
      }),
    };
  });
}

function classifier(
  variant: MixmimVariant,
  imageSize = 224,
  rewrite?: Rewrite,
): Architecture {
  return classification(
    imageSize,
    (size) => ({ kind: "mixmim", ...backboneAt(variant, size, rewrite) }),
  );
}

function rewritten(variant: MixmimVariant): Architecture {
  return named(classifier(variant, 224, "mmpretrain"), mmpretrainMixmimNames);
}

/** Of MixMIM. */
export const mixmimArchitectures: Architectures = {
  "mixmim-base-pretrain": pretraining("B"),
  "mixmim-large-pretrain": pretraining("L"),
  "mixmim-huge-pretrain": pretraining("H"),
  "mixmim-base-classifier": classifier("B"),
  "mixmim-large-classifier": classifier("L"),
  "mixmim-huge-classifier": classifier("H"),
  "mixmim-base-384-classifier": classifier("B", 384),
  "mixmim-large-384-classifier": classifier("L", 384),
  "mmpretrain-mixmim-base-pretrain": named(
    pretraining("B", "mmpretrain"),
    mmpretrainMixmimNames,
  ),
  "mmpretrain-mixmim-base_3rdparty_in1k": rewritten("B"),
  "mmpretrain-mixmim-base-classifier": rewritten("B"),
  "mmpretrain-mixmim-large-classifier": rewritten("L"),
  "mmpretrain-mixmim-huge-classifier": rewritten("H"),
};
