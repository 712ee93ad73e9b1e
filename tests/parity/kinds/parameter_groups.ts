/** Weight decay and learning-rate scale of every parameter; names and shapes are the kit's own. */
import { z } from "zod";
import { vit, type VitConfiguration } from "../../../lib/backbones/vit.ts";
import { classifier, pool } from "../../../lib/heads/classifier.ts";
import { maskFromOrder } from "../../../lib/maskers/mask.ts";
import { milan } from "../../../lib/methods/milan.ts";
import { describeParameters } from "../../../lib/nn/scope.ts";
import {
  type Groups,
  layerDecayGroups,
  mmpretrainLayerDecayGroups,
  mmpretrainWeightDecayGroups,
  type Specifications,
  weightDecayGroups,
} from "../../../lib/trainers/parameter_groups/mod.ts";
import { mmpretrainVit } from "../../../lib/zoo/key_maps/mmpretrain_vit.ts";
import { referenceShape } from "../../../lib/zoo/layout.ts";
import type { TableValue } from "../compare.ts";
import { configOf } from "../golden_case.ts";
import type { Kinds } from "../kind.ts";
import { referenceNames } from "../reference.ts";

// The cases of these kinds say only what the groups depend on; the sizes are those of the tiny
// models that the tables were taken from, unless a case gives them.
const sizes = {
  img_size: z.int().default(16),
  patch_size: z.int().default(8),
  in_chans: z.int().default(3),
  embed_dim: z.int().default(8),
  depth: z.int().positive(),
  num_heads: z.int().default(2),
  mlp_ratio: z.number().default(2),
  weight_decay: z.number(),
};
const finetuneConfig = z.object({
  ...sizes,
  layer_decay: z.number(),
  global_pool: z.boolean().default(true),
  num_classes: z.int().default(3),
});
const pretrainConfig = z.object({
  ...sizes,
  decoder_embed_dim: z.int().default(8),
  decoder_depth: z.int().default(1),
  decoder_num_heads: z.int().default(2),
  target_dim: z.int().default(512),
});

function backboneOf(config: z.infer<typeof pretrainConfig | typeof finetuneConfig>) {
  return {
    imageSize: config.img_size,
    patchSize: config.patch_size,
    channels: config.in_chans,
    width: config.embed_dim,
    depth: config.depth,
    heads: config.num_heads,
    mlpRatio: config.mlp_ratio,
  } satisfies VitConfiguration;
}

function imageShape({ imageSize, channels }: { imageSize: number; channels: number }) {
  return { shape: [1, imageSize, imageSize, channels] };
}

function finetuned(config: z.infer<typeof finetuneConfig>): Specifications {
  const backbone = backboneOf(config);
  return describeParameters((scope, input) => {
    const { tokens } = vit(scope, input(imageShape(backbone)), backbone);
    const features = pool(scope, tokens, config.global_pool ? "patches" : "class-token");
    classifier(scope, features, config.num_classes);
  });
}

function pretrained(config: z.infer<typeof pretrainConfig>): Specifications {
  const backbone = backboneOf(config);
  const length = (config.img_size / config.patch_size) ** 2;
  const decoder = {
    width: config.decoder_embed_dim,
    depth: config.decoder_depth,
    heads: config.decoder_num_heads,
    mlpRatio: config.mlp_ratio,
  };
  return describeParameters((scope, input) => {
    const mask = maskFromOrder(input({ shape: [1, length], dtype: "int32" }), 0.75);
    const features = input({ shape: [1, 1 + length, config.target_dim] });
    const target = { kind: "features", features } as const;
    milan(scope, input(imageShape(backbone)), mask, target, { backbone, decoder });
  });
}

/** Rows by the reference's names; parameters in no group are frozen, and listed on request. */
function tableOf(
  specifications: Specifications,
  groups: Groups,
  { nameOf = (name) => name, listFrozen = false }: {
    nameOf?: (name: string) => string;
    listFrozen?: boolean;
  } = {},
): TableValue {
  const table: Record<string, TableValue> = {};
  for (const [name, { shape, layout }] of specifications) {
    const group = groups.get(name);
    const reference = { shape: referenceShape(shape, layout) };
    if (group !== undefined) {
      const { learningRateScale: lr_scale, weightDecay: weight_decay } = group;
      table[nameOf(name)] = { lr_scale, weight_decay, ...reference };
    } else if (listFrozen) {
      table[nameOf(name)] = { frozen: true, ...reference };
    }
  }
  return table;
}

/** The kinds of cases about parameter groups. */
export const parameterGroups: Kinds = {
  "param-groups-pretrain": (golden) => {
    const config = configOf(golden, pretrainConfig);
    const specifications = pretrained(config);
    const groups = weightDecayGroups(specifications, config.weight_decay);
    return { table: tableOf(specifications, groups, { listFrozen: true }) };
  },
  "param-groups-finetune": (golden) => {
    const config = configOf(golden, finetuneConfig);
    const specifications = finetuned(config);
    const { depth, layer_decay: layerDecay, weight_decay: weightDecay } = config;
    const groups = layerDecayGroups(specifications, { depth, layerDecay, weightDecay });
    return { table: tableOf(specifications, groups) };
  },
  "param-groups-mmpretrain-pretrain": (golden) => {
    const config = configOf(golden, pretrainConfig);
    const specifications = pretrained(config);
    const nameOf = referenceNames(mmpretrainVit("linear"));
    const options = { weightDecay: config.weight_decay };
    const groups = mmpretrainWeightDecayGroups(specifications, options, nameOf);
    return { table: tableOf(specifications, groups, { nameOf }) };
  },
  "param-groups-mmpretrain-finetune": (golden) => {
    const config = configOf(golden, finetuneConfig);
    const specifications = finetuned(config);
    const nameOf = referenceNames(mmpretrainVit("linear"));
    const { depth, layer_decay: layerDecay, weight_decay: weightDecay } = config;
    const options = {
      backbone: { kind: "vit", depth },
      layerDecay,
      weightDecay,
    } as const;
    const groups = mmpretrainLayerDecayGroups(specifications, options, nameOf);
    return { table: tableOf(specifications, groups, { nameOf }) };
  },
};
