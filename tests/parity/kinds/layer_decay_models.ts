/** The classifiers of cases about layer-wise decay, as far as their parameters go. */
import { z } from "zod";
import { convNext } from "../../../lib/backbones/convnext.ts";
import { mixmimTransformer } from "../../../lib/backbones/mixmim.ts";
import type { MixmimTransformerConfiguration } from "../../../lib/backbones/mixmim_variants.ts";
import { resnet } from "../../../lib/backbones/resnet.ts";
import { vit } from "../../../lib/backbones/vit.ts";
import type { Tensor } from "../../../lib/engine/mod.ts";
import { classifier, pool } from "../../../lib/heads/classifier.ts";
import { pooledClassifier } from "../../../lib/heads/pooled_classifier.ts";
import { describeParameters, type Scope } from "../../../lib/nn/scope.ts";
import type { Specifications } from "../../../lib/trainers/parameter_groups/mod.ts";
import { configOf, expectedOf, type GoldenCase } from "../golden_case.ts";
import {
  convNextArchitectures,
  mixmimArchitectures,
  orName,
  vitArchitectures,
} from "./architectures.ts";
import { convNextConfig, convNextOf } from "./convnext.ts";
import { mmpretrainVitConfig, mmpretrainVitOutputs } from "./mmpretrain.ts";
import { openmixupVitConfig, openmixupVitOf } from "./openmixup_vit.ts";
import { resnetConfig, resnetOf } from "./resnet.ts";

const size = z.int().positive();
const mixmimSizes = { depths: z.array(size), num_heads: z.array(size) };
const mixmimImages = {
  img_size: size.default(224),
  window_size: z.array(size).default([14, 14, 14, 7]),
  patch_size: size.default(4),
  mlp_ratio: z.number().default(4),
  qkv_bias: z.boolean().default(true),
};
/** mmpretrain's MixMIM. */
export const mixmimConfig = z.object({
  ...mixmimImages,
  arch: orName(z.object({ ...mixmimSizes, embed_dims: size }), mixmimArchitectures),
});
const namedConvNextConfig = convNextConfig.extend({
  arch: orName(convNextConfig.shape.arch, convNextArchitectures),
});
const namedOpenmixupVitConfig = openmixupVitConfig.extend({
  arch: orName(openmixupVitConfig.shape.arch, vitArchitectures),
});

/** The names of a head's weights: the case says its classes by their shape alone. */
const heads = ["head.fc.weight", "head.layers.head.weight", "head.weight"];

/** The case's `expected`, as far as it says sizes. */
export const expectedTable = z.object({
  parameters: z.record(z.string(), z.looseObject({ shape: z.array(z.int()) })),
});

function classesOf(golden: GoldenCase): number {
  const { parameters } = expectedOf(golden, expectedTable);
  return heads.flatMap((name) => parameters[name]?.shape.slice(0, 1) ?? [])[0] ?? 10;
}

/** A model's parameters, from one image. */
function described(
  imageSize: number,
  model: (scope: Scope, images: Tensor) => unknown,
): Specifications {
  return describeParameters((scope, placeholder) =>
    model(scope, placeholder({ shape: [1, imageSize, imageSize, 3] }))
  );
}

/** ConvNeXt of mmpretrain and of openmixup. */
export function convNextClassifier(golden: GoldenCase) {
  const { backbone } = configOf(golden, z.object({ backbone: namedConvNextConfig }));
  const configuration = convNextOf(backbone);
  const specifications = described(64, (scope, images) => {
    const { latent } = convNext(scope.at("backbone"), images, configuration);
    const feature = latent.shape.length === 4 ? latent.mean([1, 2]) : latent;
    return pooledClassifier(scope.at("head"), feature, classesOf(golden));
  });
  return { specifications, depths: configuration.depths };
}

/** openmixup's ViT of the MIM family. */
export function openmixupVitClassifier(golden: GoldenCase) {
  const { backbone } = configOf(golden, z.object({ backbone: namedOpenmixupVitConfig }));
  const { finalNorm, ...configuration } = openmixupVitOf(backbone);
  const specifications = described(configuration.imageSize, (scope, images) => {
    const { tokens } = vit(scope, images, configuration);
    const feature = pool(scope, tokens, finalNorm ? "class-token" : "patches");
    return classifier(scope, feature, classesOf(golden));
  });
  return { specifications, depth: configuration.depth };
}

/** MixMIM's own, without the width, which has another name there. */
export const mixmimSettings = z.object({ ...mixmimImages, ...mixmimSizes });

/** MixMIM's transformer under its own names. */
export function mixmimClassifier(
  golden: GoldenCase,
  config: z.infer<typeof mixmimSettings>,
  width: number,
): Specifications {
  const sizes: MixmimTransformerConfiguration = {
    imageSize: config.img_size,
    windows: config.window_size,
    patchSize: config.patch_size,
    mlpRatio: config.mlp_ratio,
    qkvBias: config.qkv_bias,
    depths: config.depths,
    heads: config.num_heads,
    width,
  };
  return described(
    config.img_size,
    (scope, images) =>
      classifier(
        scope,
        mixmimTransformer(scope, images, sizes).feature,
        classesOf(golden),
      ),
  );
}

/** mmpretrain's ResNet. */
export function resnetClassifier(golden: GoldenCase) {
  const { backbone } = configOf(golden, z.object({ backbone: resnetConfig }));
  const configuration = resnetOf(backbone);
  const specifications = described(64, (scope, images) => {
    const { stages } = resnet(scope.at("backbone"), images, configuration);
    const pooled = stages.at(-1)!.mean<Tensor>([1, 2]);
    return pooledClassifier(scope.at("head"), pooled, classesOf(golden));
  });
  return { specifications, depths: configuration.depths };
}

/** mmpretrain's ViT, with the norms that its output needs. */
export function mmpretrainVitClassifier(golden: GoldenCase) {
  const { backbone } = configOf(golden, z.object({ backbone: mmpretrainVitConfig }));
  const head = { num_classes: classesOf(golden) };
  const specifications = described(
    backbone.img_size,
    (scope, images) => mmpretrainVitOutputs(scope, images, { backbone, head }),
  );
  return { specifications, depth: backbone.arch.num_layers };
}
