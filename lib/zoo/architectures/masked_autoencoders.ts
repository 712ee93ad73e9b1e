/**
 * MAE, MILAN and MILAN's teacher, CLIP, as their authors published them.
 *
 * @module
 */
import { clip } from "../../backbones/clip.ts";
import { type ClipVariant, clipVariant } from "../../backbones/clip_variants.ts";
import { clipVision } from "../../backbones/clip_vision.ts";
import {
  patchCount,
  vit,
  type VitConfiguration,
  type VitVariant,
  vitVariant,
} from "../../backbones/vit.ts";
import type { Placeholder, Tensor } from "../../engine/mod.ts";
import { pool } from "../../heads/classifier.ts";
import { linearProbe } from "../../heads/linear_probe.ts";
import { promptingDecoder } from "../../heads/prompting_decoder.ts";
import { type Mask, maskFromOrder } from "../../maskers/mask.ts";
import { mae } from "../../methods/mae.ts";
import { milan, type MilanConfiguration } from "../../methods/milan.ts";
import type { Scope } from "../../nn/scope.ts";
import { huggingFaceClip } from "../key_maps/clip.ts";
import type { KeyMap } from "../key_maps/key_map.ts";
import { mmpretrainVit } from "../key_maps/mmpretrain_vit.ts";
import {
  type Architecture,
  architectureAt,
  type Architectures,
  classes,
  classification,
  type Encoding,
  named,
} from "./architecture.ts";

const imageSize = 224;
const clipWidth = 512; // of CLIP ViT-B/16's embeddings, MILAN's target

/** The mask of an image in MAE and MILAN: three patches of four are removed. */
function maskOf(input: Placeholder, patches: number): Mask {
  return maskFromOrder(input({ shape: [1, patches], dtype: "int32" }), 0.75);
}

/** The class token, on which MAE and MILAN train linear probes. */
function classTokenOf(scope: Scope, images: Tensor, backbone: VitConfiguration): Tensor {
  const { tokens } = vit(scope, images, backbone);
  return pool(scope, tokens, "class-token", backbone.epsilon);
}

function maePretraining(variant: VitVariant): Architecture {
  return architectureAt(imageSize, (size) => {
    const backbone = vitVariant(variant, size);
    const mask = (input: Placeholder) => maskOf(input, patchCount(backbone));
    return {
      forward: (scope, images, input) =>
        mae(scope, images, mask(input), { backbone, decoder: {} }),
      encode: (scope, images) => ({ features: classTokenOf(scope, images, backbone) }),
    };
  });
}

function milanPretraining(
  variant: VitVariant,
  decoderKind: NonNullable<MilanConfiguration["decoderKind"]> = "prompting",
  targetWidth = clipWidth,
): Architecture {
  return architectureAt(imageSize, (size) => {
    const backbone = vitVariant(variant, size);
    const patches = patchCount(backbone);
    return {
      forward: (scope, images, input) => {
        const features = input({ shape: [1, 1 + patches, targetWidth] });
        const target = { kind: "features", features } as const;
        const configuration = { backbone, decoder: {}, decoderKind };
        milan(scope, images, maskOf(input, patches), target, configuration);
      },
      encode: (scope, images) => ({ features: classTokenOf(scope, images, backbone) }),
    };
  });
}

function finetuning(variant: VitVariant): Architecture {
  return classification(
    imageSize,
    (size) => ({ kind: "vit", ...vitVariant(variant, size) }),
  );
}

/** A scope in which nothing is trained. */
function frozen(scope: Scope): Scope {
  return {
    ...scope,
    at: (name) => frozen(scope.at(name)),
    parameter: (name, shape, options) =>
      scope.parameter(name, shape, { ...options, trainable: false }),
  };
}

function linearProbing(variant: VitVariant): Architecture {
  return architectureAt(imageSize, (size) => {
    const backbone = vitVariant(variant, size);
    const encode = (scope: Scope, images: Tensor): Encoding => {
      const features = classTokenOf(frozen(scope), images, backbone);
      return { features, logits: linearProbe(scope.at("head"), features, { classes }) };
    };
    return { forward: encode, encode };
  });
}

function clipTowers(variant: ClipVariant): Architecture {
  const towers = clipVariant(variant);
  return architectureAt(towers.vision.imageSize, () => ({
    forward: (scope, images, input) => {
      const ids = input({ shape: [1, towers.text.contextLength], dtype: "int32" });
      clip(scope, { images, ids }, towers);
    },
    encode: (scope, images) => ({
      features: clipVision(scope.at("visual"), images, towers.vision).imageEmbeds,
    }),
  }));
}

/** MILAN as OpenMMLab trains it, with its teacher inside. */
const withTargetGenerator: Architecture = {
  ...milanPretraining("B/16"),
  forward: (scope, images, input) => {
    const teacher = scope.at("target_generator").at("tokenizer");
    clipTowers("B/16").forward(teacher, images, input);
    milanPretraining("B/16").forward(scope, images, input);
  },
  note: "with the whole of CLIP, of whose text tower MILAN makes no use",
};

/** OpenMMLab's configuration to the letter: a decoder for an encoder of another width. */
const literalConfiguration: Architecture = {
  ...milanPretraining("B/16"),
  forward: (scope, images, input) => {
    const backbone = { ...vitVariant("B/16", imageSize), positions: "fixed" as const };
    const mask = maskOf(input, patchCount(backbone));
    const { tokens } = vit(scope, images, backbone, mask.visible);
    pool(scope, tokens, "class-token");
    const latent = input({ shape: [1, tokens.shape[1]!, 1024] });
    promptingDecoder(scope, latent, mask, { outputs: clipWidth });
  },
  broken:
    "OpenMMLab's configuration leaves the decoder's embed_dim at its default of 1024, which " +
    "its 768-wide encoder does not fit: decoder_embed has 1024×512 weights instead of " +
    "768×512, and the forward pass fails",
};

const mmpretrain = mmpretrainVit("linear");
const mmpretrainTraining: KeyMap = {
  ...mmpretrain,
  rules: mmpretrain.rules.filter(({ kind }) => kind !== "drop"),
};

/** Of MAE. */
export const maeArchitectures: Architectures = {
  "mae-official-pretrain-vit-base-p16": maePretraining("B/16"),
  "mae-official-pretrain-vit-large-p16": maePretraining("L/16"),
  "mae-official-pretrain-vit-huge-p14": maePretraining("H/14"),
  "mae-official-finetune-vit-huge-p14": finetuning("H/14"),
};

/** Of MILAN; its classifiers are also MAE's. */
export const milanArchitectures: Architectures = {
  "milan-official-pretrain-vit-base-p16": milanPretraining("B/16"),
  "milan-official-pretrain-vit-large-p16": milanPretraining("L/16"),
  "milan-official-pretrain-plain-decoder-vit-base-p16": milanPretraining(
    ...["B/16", "plain", 768] as const,
  ),
  "milan-official-finetune-vit-base-p16": finetuning("B/16"),
  "milan-official-finetune-vit-large-p16": finetuning("L/16"),
  "milan-official-linprobe-vit-base-p16": linearProbing("B/16"),
  "milan-official-linprobe-vit-large-p16": linearProbing("L/16"),
  "milan-mmpretrain-pretrain-vit-base-p16": named(milanPretraining("B/16"), mmpretrain),
  "milan-mmpretrain-pretrain-vit-base-p16-with-target-generator": named(
    withTargetGenerator,
    mmpretrainTraining,
  ),
  "milan-mmpretrain-pretrain-vit-base-p16-literal-config": named(
    literalConfiguration,
    mmpretrain,
  ),
  "milan-mmpretrain-finetune-vit-base-p16": named(finetuning("B/16"), mmpretrain),
  "milan-mmpretrain-linprobe-vit-base-p16": named(
    linearProbing("B/16"),
    mmpretrainVit("linear-probe"),
  ),
};

/** Of CLIP, both towers. */
export const clipArchitectures: Architectures = {
  "clip-openai-vit-b-32": clipTowers("B/32"),
  "clip-openai-vit-b-16": clipTowers("B/16"),
  "clip-openai-vit-l-14": clipTowers("L/14"),
  "clip-hf-vit-base-patch16": named(clipTowers("B/16"), huggingFaceClip),
};
