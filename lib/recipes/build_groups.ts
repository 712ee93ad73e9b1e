/**
 * From a recipe to the weight decay and the learning-rate scale of every parameter.
 *
 * @module
 */
import type { ClassifierBackbone } from "../methods/classification.ts";
import {
  type Groups,
  layerDecayGroups,
  mixmimLayerDecayGroups,
  type MmpretrainBackbone,
  mmpretrainLayerDecayGroups,
  mmpretrainWeightDecayGroups,
  type NameInProject,
  type NameRule,
  type OpenmixupBackbone,
  openmixupGroups,
  openmixupLayerDecayGroups,
  type Specifications,
  weightDecayGroups,
} from "../trainers/parameter_groups/mod.ts";
import { type KeyMap, renameBy, reverseKeyMap } from "../zoo/key_maps/key_map.ts";
import { mmpretrainMixmimNames } from "../zoo/key_maps/mmpretrain_mixmim.ts";
import { mmpretrainVit } from "../zoo/key_maps/mmpretrain_vit.ts";
import { openmixupVit } from "../zoo/key_maps/openmixup_vit.ts";
import type { GroupsSection } from "./optimization.ts";
import type { Recipe } from "./recipe.ts";

/** What the groups are of. */
export interface GroupsInput {
  specifications: Specifications;
  backbone?: ClassifierBackbone;
}

function namesOf(map: KeyMap): NameInProject {
  const rename = renameBy(reverseKeyMap(map));
  return (name) => rename(name) ?? name;
}

/** The names that a project's rules look at. Convolutional networks have openmixup's own. */
function projectNames(
  kind: "mmpretrain" | "openmixup",
  { specifications, backbone }: GroupsInput,
): NameInProject {
  const nested = [...specifications.keys()].some((name) => name.startsWith("backbone."));
  if (backbone?.kind === "mixmim") return namesOf(mmpretrainMixmimNames);
  if (backbone?.kind !== "vit") return (name) => name;
  if (kind === "mmpretrain") return namesOf(mmpretrainVit("linear"));
  return namesOf(openmixupVit({ under: nested ? "backbone" : "" }));
}

function missingBackbone(recipe: Recipe): Error {
  return new Error(
    `Layer-wise rates of ${recipe.name} (groups.layerDecay) need the backbone whose layers they ` +
      "count",
  );
}

function maeGroups(
  recipe: Recipe,
  section: GroupsSection,
  { specifications, backbone }: GroupsInput,
): Groups {
  const { weightDecay } = recipe.optimizer;
  const { layerDecay } = section;
  if (layerDecay === undefined) return weightDecayGroups(specifications, weightDecay);
  if (backbone === undefined) throw missingBackbone(recipe);
  switch (backbone.kind) {
    case "vit": {
      const { depth } = backbone;
      return layerDecayGroups(specifications, { depth, layerDecay, weightDecay });
    }
    case "mixmim": {
      const { depths } = backbone;
      return mixmimLayerDecayGroups(specifications, { depths, layerDecay, weightDecay });
    }
    default:
      return mmpretrainLayerDecayGroups(specifications, {
        ...{ backbone, layerDecay, weightDecay },
        undecayed: [".bias"],
      });
  }
}

/** Vectors decay no more: mmpretrain's `norm_decay_mult`, `bias_decay_mult`, `flat_decay_mult`. */
function withoutVectors(groups: Groups, specifications: Specifications): Groups {
  return new Map(
    [...groups].map(([name, group]) => [
      name,
      specifications.get(name)!.shape.length === 1 ? { ...group, weightDecay: 0 } : group,
    ]),
  );
}

function mmpretrainGroups(
  recipe: Recipe,
  section: GroupsSection & { kind: "mmpretrain" },
  input: GroupsInput,
): Groups {
  const { specifications, backbone } = input;
  const { undecayed, layerDecay } = section;
  const { weightDecay } = recipe.optimizer;
  const nameOf = projectNames("mmpretrain", input);
  const options = { weightDecay, undecayed };
  if (layerDecay !== undefined && backbone === undefined) throw missingBackbone(recipe);
  const groups = layerDecay === undefined
    ? mmpretrainWeightDecayGroups(specifications, options, nameOf)
    : mmpretrainLayerDecayGroups(
      specifications,
      { ...options, layerDecay, backbone: backbone as MmpretrainBackbone },
      nameOf,
    );
  return section.undecayedVectors ? withoutVectors(groups, specifications) : groups;
}

function openmixupRecipeGroups(
  recipe: Recipe,
  section: GroupsSection & { kind: "openmixup" },
  input: GroupsInput,
): Groups {
  const { specifications, backbone } = input;
  const { weightDecay } = recipe.optimizer;
  const { layerDecay } = section;
  const nameOf = projectNames("openmixup", input);
  const rules: NameRule[] = [
    ...section.undecayed.map((text) => ({ pattern: new RegExp(text), weightDecay: 0 })),
    ...section.slowed.map((text) => ({
      pattern: new RegExp(text),
      learningRateScale: 0.1, // lr_mult of A2MIM's mask tokens
    })),
  ];
  if (layerDecay === undefined) {
    return openmixupGroups(specifications, { weightDecay, rules }, nameOf);
  }
  if (backbone === undefined) throw missingBackbone(recipe);
  if (backbone.kind === "resnet" || backbone.kind === "mixmim") {
    throw new Error(
      `openmixup has no layer-wise rates for a ${backbone.kind}: add --groups.layerDecay none`,
    );
  }
  return openmixupLayerDecayGroups(
    specifications,
    { backbone: backbone as OpenmixupBackbone, layerDecay, weightDecay, rules },
    nameOf,
  );
}

/**
 * The groups of a recipe's parameters, under the kit's names.
 *
 * @throws {Error} when there are layer-wise rates and no backbone, or none of that kind.
 */
export function groupsOfRecipe(recipe: Recipe, input: GroupsInput): Groups {
  const { groups: section } = recipe;
  switch (section.kind) {
    case "mae":
    case "mixmim":
      return maeGroups(recipe, section, input);
    case "mmpretrain":
      return mmpretrainGroups(recipe, section, input);
    case "openmixup":
      return openmixupRecipeGroups(recipe, section, input);
  }
}
