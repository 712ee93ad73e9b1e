/**
 * Layer-wise decay of every backbone: the kit's own parameters under each project's names, with the
 * rate and the decay that the project gives them.
 */
import { z } from "zod";
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
import {
  mmpretrainHeadOf,
  mmpretrainVit,
} from "../../../lib/zoo/key_maps/mmpretrain_vit.ts";
import { openmixupVit } from "../../../lib/zoo/key_maps/openmixup_vit.ts";
import { referenceShape } from "../../../lib/zoo/layout.ts";
import type { TableValue } from "../compare.ts";
import { configOf, expectedOf, type GoldenCase } from "../golden_case.ts";
import type { Kinds, Table } from "../kind.ts";
import { referenceNames } from "../reference.ts";
import {
  convNextClassifier,
  expectedTable,
  mixmimClassifier,
  mixmimConfig,
  mixmimSettings,
  mmpretrainVitClassifier,
  openmixupVitClassifier,
  resnetClassifier,
} from "./layer_decay_models.ts";

const rates = { layer_decay: z.number(), weight_decay: z.number() };

interface TableOptions {
  nameOf?: (name: string) => string;
  /** What the case lists besides rate and decay, by the project's name. */
  more?: (name: string) => Record<string, TableValue>;
}

/** What a group says, by the names of the case's arrays. */
type Row = Record<"lr_scale" | "weight_decay", number>;

/** The case's `expected`, and the arrays, which have the order of its rows. */
function tableOf(
  golden: GoldenCase,
  specifications: Specifications,
  groups: Groups,
  { nameOf = (name) => name, more = () => ({}) }: TableOptions,
): Table {
  const parameters: Record<string, Row & Record<string, TableValue>> = {};
  for (const [name, { learningRateScale, weightDecay }] of groups) {
    const { shape, layout } = specifications.get(name)!;
    parameters[nameOf(name)] = {
      ...more(nameOf(name)),
      lr_scale: learningRateScale,
      weight_decay: weightDecay,
      shape: referenceShape(shape, layout),
    };
  }
  const names = Object.keys(expectedOf(golden, expectedTable).parameters);
  const array = (column: keyof Row) => ({
    shape: [names.length],
    values: names.map((name) => parameters[name]?.[column] ?? NaN),
  });
  const arrays = {
    "out/lr_scale": array("lr_scale"),
    "out/weight_decay": array("weight_decay"),
  };
  return { table: { parameters }, arrays };
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
  return tableOf(golden, specifications, groups, { nameOf, more });
}

const paramwiseOption = z.strictObject({
  weight_decay: z.number(),
  weight_decay_mult: z.number(),
  lr_mult: z.number(),
}).partial();
const openmixupRates = z.object({
  ...rates,
  paramwise_options: z.record(z.string(), paramwiseOption),
});

function ruleOf(
  pattern: string,
  option: z.infer<typeof paramwiseOption>,
  base: number,
): NameRule {
  const { weight_decay_mult: share, lr_mult: learningRateScale } = option;
  const weightDecay = share === undefined ? option.weight_decay : share * base;
  return {
    pattern: new RegExp(pattern),
    ...(weightDecay === undefined ? {} : { weightDecay }),
    ...(learningRateScale === undefined ? {} : { learningRateScale }),
  };
}

function openmixup(
  golden: GoldenCase,
  specifications: Specifications,
  backbone: OpenmixupBackbone,
  nameOf: (name: string) => string = (name) => name,
): Table {
  const config = configOf(golden, openmixupRates);
  const { layer_decay: layerDecay, weight_decay: weightDecay } = config;
  const rules = Object.entries(config.paramwise_options)
    .map(([pattern, option]) => ruleOf(pattern, option, weightDecay));
  const options = { backbone, layerDecay, weightDecay, rules };
  const groups = openmixupLayerDecayGroups(specifications, options, nameOf);
  return tableOf(golden, specifications, groups, { nameOf });
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
    const config = configOf(
      golden,
      mixmimSettings.extend({ ...rates, embed_dim: z.int().positive() }),
    );
    const { depths } = config;
    const specifications = mixmimClassifier(golden, config, config.embed_dim);
    const { layer_decay: layerDecay, weight_decay: weightDecay } = config;
    const options = { depths, layerDecay, weightDecay };
    const groups = mixmimLayerDecayGroups(specifications, options);
    const more = (name: string) => ({ layer_id: mixmimLayer(name, depths).layer });
    return tableOf(golden, specifications, groups, { more });
  },
  "layer-decay-resnet-mmpretrain": (golden) => {
    const { specifications, depths } = resnetClassifier(golden);
    return mmpretrain(golden, specifications, { kind: "resnet", depths });
  },
  "layer-decay-vit-mmpretrain": (golden) => {
    const { specifications, depth } = mmpretrainVitClassifier(golden);
    const listed = Object.keys(expectedOf(golden, expectedTable).parameters);
    const nameOf = referenceNames(mmpretrainVit(mmpretrainHeadOf(listed)));
    return mmpretrain(golden, specifications, { kind: "vit", depth }, nameOf);
  },
  "layer-decay-vit-openmixup": (golden) => {
    const { specifications, depth } = openmixupVitClassifier(golden);
    const nameOf = referenceNames(openmixupVit());
    return openmixup(golden, specifications, { kind: "vit", depth }, nameOf);
  },
};
