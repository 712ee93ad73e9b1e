/**
 * Layer-wise decay of every backbone: the kit's own parameters under each project's names, with the
 * rate and the decay that the project gives them.
 */
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
import {
  type Groups,
  type LayerPosition,
  mixmimLayer,
  mixmimLayerDecayGroups,
  type MmpretrainBackbone,
  mmpretrainLayer,
  mmpretrainLayerDecayGroups,
  type NameRule,
  type OpenmixupBackbone,
  openmixupLayerDecayGroups,
  type Specifications,
} from "../../../lib/trainers/parameter_groups/mod.ts";
import { mmpretrainMixmimNames } from "../../../lib/zoo/key_maps/mmpretrain_mixmim.ts";
import { mmpretrainVit } from "../../../lib/zoo/key_maps/mmpretrain_vit.ts";
import { openmixupVit } from "../../../lib/zoo/key_maps/openmixup_vit.ts";
import { referenceShape } from "../../../lib/zoo/layout.ts";
import type { TableValue } from "../compare.ts";
import { configOf, expectedOf, type GoldenCase } from "../golden_case.ts";
import type { Kinds, Table } from "../kind.ts";
import { referenceNames } from "../reference.ts";
import { convNextConfig, convNextOf } from "./convnext.ts";
import { openmixupVitConfig, openmixupVitOf } from "./openmixup_vit.ts";
import { resnetConfig, resnetOf } from "./resnet.ts";

const size = z.int().positive();
const rates = { layer_decay: z.number(), weight_decay: z.number() };
const mixmimSizes = { depths: z.array(size), num_heads: z.array(size) };
const mixmimImages = {
  img_size: size,
  window_size: z.array(size),
  patch_size: size.default(4),
  mlp_ratio: z.number().default(4),
  qkv_bias: z.boolean().default(true),
};
const vitConfig = openmixupVitConfig.extend({
  out_type: z.enum(["cls_token", "avg_featmap"]).default("cls_token"),
});
const mixmimConfig = z.object({
  ...mixmimImages,
  arch: z.object({ ...mixmimSizes, embed_dims: size }),
});

/** The names of a head's weights: the case says its classes by their shape alone. */
const heads = ["head.fc.weight", "head.weight"];

function classesOf(golden: GoldenCase): number {
  const shaped = z.looseObject({ shape: z.array(z.int()) });
  const { parameters } = expectedOf(
    golden,
    z.object({ parameters: z.record(z.string(), shaped) }),
  );
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

interface TableOptions {
  nameOf?: (name: string) => string;
  /** What the case lists besides rate and decay, by the project's name. */
  more?: (name: string) => Record<string, TableValue>;
}

/** The case's `expected`. */
function tableOf(
  specifications: Specifications,
  groups: Groups,
  { nameOf = (name) => name, more = () => ({}) }: TableOptions,
): Table {
  const parameters: Record<string, TableValue> = {};
  for (const [name, { learningRateScale, weightDecay }] of groups) {
    const { shape, layout } = specifications.get(name)!;
    parameters[nameOf(name)] = {
      ...more(nameOf(name)),
      lr_scale: learningRateScale,
      weight_decay: weightDecay,
      shape: referenceShape(shape, layout),
    };
  }
  return { table: { parameters } };
}

const mmpretrainRates = z.object({
  ...rates,
  no_decay_if_name_contains: z.array(z.string()),
});

function mmpretrain(
  golden: GoldenCase,
  specifications: Specifications,
  backbone: MmpretrainBackbone,
  nameOf: (name: string) => string = (name) => name,
): Table {
  const config = configOf(golden, mmpretrainRates);
  const options = {
    backbone,
    layerDecay: config.layer_decay,
    weightDecay: config.weight_decay,
    undecayed: config.no_decay_if_name_contains,
  };
  const groups = mmpretrainLayerDecayGroups(specifications, options, nameOf);
  const more = (name: string) => {
    const { layer, last }: LayerPosition = mmpretrainLayer(name, backbone);
    return { layer_id: layer, layers: last + 1 };
  };
  return tableOf(specifications, groups, { nameOf, more });
}

const openmixupRates = z.object({
  ...rates,
  paramwise_options: z.record(z.string(), z.object({ weight_decay: z.number() })),
});

function openmixup(
  golden: GoldenCase,
  specifications: Specifications,
  backbone: OpenmixupBackbone,
  nameOf: (name: string) => string = (name) => name,
): Table {
  const config = configOf(golden, openmixupRates);
  const rules = Object.entries(config.paramwise_options).map(
    ([pattern, { weight_decay: weightDecay }]): NameRule => ({
      pattern: new RegExp(pattern),
      weightDecay,
    }),
  );
  const { layer_decay: layerDecay, weight_decay: weightDecay } = config;
  const options = { backbone, layerDecay, weightDecay, rules };
  const groups = openmixupLayerDecayGroups(specifications, options, nameOf);
  return tableOf(specifications, groups, { nameOf });
}

function convNextClassifier(golden: GoldenCase) {
  const { backbone } = configOf(golden, z.object({ backbone: convNextConfig }));
  const configuration = convNextOf(backbone);
  const specifications = described(64, (scope, images) => {
    const { latent } = convNext(scope.at("backbone"), images, configuration);
    const feature = latent.shape.length === 4 ? latent.mean([1, 2]) : latent;
    return pooledClassifier(scope.at("head"), feature, classesOf(golden));
  });
  return { specifications, depths: configuration.depths };
}

function vitClassifier(golden: GoldenCase) {
  const { backbone } = configOf(golden, z.object({ backbone: vitConfig }));
  const { finalNorm, ...configuration } = openmixupVitOf(backbone);
  const patches = !finalNorm || backbone.out_type === "avg_featmap";
  const specifications = described(configuration.imageSize, (scope, images) => {
    const { tokens } = vit(scope, images, configuration);
    const feature = pool(scope, tokens, patches ? "patches" : "class-token");
    return classifier(scope, feature, classesOf(golden));
  });
  return { specifications, depth: configuration.depth };
}

const mixmimSettings = z.object({ ...mixmimImages, ...mixmimSizes });

function mixmimClassifier(
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

/** The kinds of cases about layer-wise decay. */
export const layerDecayKinds: Kinds = {
  "layer-decay-convnext-mmpretrain": (golden) => {
    const { specifications, depths } = convNextClassifier(golden);
    return mmpretrain(golden, specifications, { kind: "convnext", depths });
  },
  "layer-decay-convnext-openmixup": (golden) => {
    const { specifications, depths } = convNextClassifier(golden);
    return openmixup(golden, specifications, { kind: "convnext", depths });
  },
  "layer-decay-mixmim-mmpretrain": (golden) => {
    const { backbone } = configOf(golden, z.object({ backbone: mixmimConfig }));
    const { arch: { embed_dims: width, ...arch }, ...images } = backbone;
    const specifications = mixmimClassifier(golden, { ...images, ...arch }, width);
    const { depths } = arch;
    const nameOf = referenceNames(mmpretrainMixmimNames);
    return mmpretrain(golden, specifications, { kind: "mixmim", depths }, nameOf);
  },
  "layer-decay-mixmim-official": (golden) => {
    const config = configOf(golden, mixmimSettings.extend({ ...rates, embed_dim: size }));
    const { depths } = config;
    const specifications = mixmimClassifier(golden, config, config.embed_dim);
    const { layer_decay: layerDecay, weight_decay: weightDecay } = config;
    const options = { depths, layerDecay, weightDecay };
    const groups = mixmimLayerDecayGroups(specifications, options);
    const more = (name: string) => ({ layer_id: mixmimLayer(name, depths).layer });
    return tableOf(specifications, groups, { more });
  },
  "layer-decay-resnet-mmpretrain": (golden) => {
    const { backbone } = configOf(golden, z.object({ backbone: resnetConfig }));
    const configuration = resnetOf(backbone);
    const { depths } = configuration;
    const specifications = described(64, (scope, images) => {
      const { stages } = resnet(scope.at("backbone"), images, configuration);
      const pooled = stages.at(-1)!.mean<Tensor>([1, 2]);
      return pooledClassifier(scope.at("head"), pooled, classesOf(golden));
    });
    return mmpretrain(golden, specifications, { kind: "resnet", depths });
  },
  "layer-decay-vit-mmpretrain": (golden) => {
    const { specifications, depth } = vitClassifier(golden);
    const nameOf = referenceNames(mmpretrainVit("linear"));
    return mmpretrain(golden, specifications, { kind: "vit", depth }, nameOf);
  },
  "layer-decay-vit-openmixup": (golden) => {
    const { specifications, depth } = vitClassifier(golden);
    const nameOf = referenceNames(openmixupVit());
    return openmixup(golden, specifications, { kind: "vit", depth }, nameOf);
  },
};
