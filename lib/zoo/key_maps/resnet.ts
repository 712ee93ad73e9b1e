/**
 * The names of a ResNet's parameters in other projects, and in openmixup (A2MIM), which the kit uses:
 * `backbone.layer1.0.conv1.weight`, `head.fc.weight`, in pretraining `backbone.mask_token` and `neck`.
 *
 * All of them are the same network where it has its stride in the 3×3 convolution, as the kit has by
 * default, torchvision and timm always, and Hugging Face unless `downsample_in_bottleneck` is set.
 *
 * @module
 */
import type { Naming } from "./naming.ts";
import type { StoredTensor } from "../element_types.ts";
import { detectron2Resnet } from "./detectron2.ts";
import { type Entries, renameBy } from "./key_map.ts";
import { type KeyMap, type KeyRule, rename } from "./key_rules.ts";
import { pretrainingNames, trainingState } from "./openmixup_pretraining.ts";
import {
  countOf,
  literally,
  type Outline,
  prefixBefore,
  type Scheme,
  schemeNaming,
  upTo,
} from "./scheme.ts";

/** Convolutions of the deeper kind of block. */
const convolutions = 3;

/** The names that self-supervised methods give the network that they train. */
const encoders = /^((?:backbone|encoder|encoder_q|base_encoder|timm_model)\.)+(?:0\.)?$/;

function numbered(prefix: string): RegExp {
  return new RegExp(`^${literally(prefix)}layer([1-9]\\d*)\\.`);
}

/** A ResNet in torchvision's names, which has something or nothing before them. */
function torchvisionOutline(
  entries: Entries,
  accepts: (prefix: string) => boolean,
): Outline | undefined {
  const prefix = prefixBefore(entries, "layer1.0.conv1.weight");
  if (prefix === undefined || !accepts(prefix)) return undefined;
  if (entries.get(`${prefix}conv1.weight`)?.shape.length !== 4) return undefined;
  return { prefix, stages: countOf(entries, numbered(prefix)) - 1 };
}

function kitOutline(prefix: string): (entries: Entries) => Outline {
  return (entries) => ({ prefix, stages: countOf(entries, numbered("backbone.")) - 1 });
}

/** The backbone, which all projects but two name as torchvision does. */
function backboneRules(prefix: string): KeyRule[] {
  return ["conv1.*", "bn1.*", "layer*.**", "mask_token", "mask_gamma"]
    .map((name) => rename(`${prefix}${name}`, `backbone.${name}`));
}

const noCount = (): StoredTensor => ({
  ...{ shape: [], dtype: "I64" },
  data: new BigInt64Array(1),
});

/** PyTorch before 0.4.1 did not count the batches that a batch norm has seen; frozen ones never do. */
function withCounts(map: KeyMap, entries: Entries): KeyMap {
  const counted = [...entries.keys()].some((name) =>
    name.endsWith(".num_batches_tracked")
  );
  if (counted) return map;
  const renamed = renameBy(map);
  const rules = [...entries.keys()].flatMap((of): KeyRule[] => {
    const to = of.endsWith(".running_var") ? renamed(of) : undefined;
    if (to === undefined) return [];
    const count = to.replace(/running_var$/, "num_batches_tracked");
    return [{ kind: "make", of, to: count, make: noCount }];
  });
  return { ...map, rules: [...map.rules, ...rules] };
}

const openmixup: Scheme<Outline> = {
  ...{ family: "resnet", project: "openmixup" },
  outline: (entries) => torchvisionOutline(entries, (prefix) => encoders.test(prefix)),
  outlineInKit: kitOutline("backbone."),
  rules: ({ prefix }) => [
    ...trainingState,
    // What a contrastive method has besides its encoder is of no use without it.
    ...prefix === "backbone." ? [] : backboneRules(prefix),
    ...prefix === "backbone." ? [] : [{ kind: "drop", from: "**" } as const],
  ],
  completed: withCounts,
};

const mmpretrain: Scheme<Outline> = {
  ...openmixup,
  project: "mmpretrain",
  lacks: pretrainingNames,
};

const timm: Scheme<Outline> = {
  ...{ family: "resnet", project: "timm" },
  outline: (entries) => torchvisionOutline(entries, (prefix) => prefix === ""),
  outlineInKit: kitOutline(""),
  rules: ({ prefix }) => [...backboneRules(prefix), rename("fc.*", "head.fc.*")],
  lacks: pretrainingNames,
  completed: withCounts,
};

/** The blocks of one of Hugging Face's stages. */
function huggingFaceStage(prefix: string, stage: number): KeyRule[] {
  const [from, to] = [
    `${prefix}encoder.stages.${stage}.layers.*`,
    `backbone.layer${stage + 1}.*`,
  ];
  return [
    rename(`${from}.shortcut.convolution.*`, `${to}.downsample.0.*`),
    rename(`${from}.shortcut.normalization.*`, `${to}.downsample.1.*`),
    ...upTo(convolutions).flatMap((index) => [
      rename(`${from}.layer.${index}.convolution.*`, `${to}.conv${index + 1}.*`),
      rename(`${from}.layer.${index}.normalization.*`, `${to}.bn${index + 1}.*`),
    ]),
  ];
}

const huggingFace: Scheme<Outline> = {
  ...{ family: "resnet", project: "hf" },
  outline(entries) {
    const prefix = prefixBefore(entries, "embedder.embedder.convolution.weight");
    if (prefix === undefined) return undefined;
    const stages = new RegExp(`^${literally(prefix)}encoder\\.stages\\.(\\d+)\\.`);
    return { prefix, stages: countOf(entries, stages) };
  },
  outlineInKit: (entries) =>
    kitOutline(entries.has("head.fc.weight") ? "resnet." : "")(entries),
  rules: ({ prefix, stages }) => [
    rename(`${prefix}embedder.embedder.convolution.*`, "backbone.conv1.*"),
    rename(`${prefix}embedder.embedder.normalization.*`, "backbone.bn1.*"),
    ...upTo(stages).flatMap((stage) => huggingFaceStage(prefix, stage)),
    rename("classifier.1.*", "head.fc.*"),
  ],
  lacks: pretrainingNames,
  completed: withCounts,
};

const detectron2: Scheme<Outline> = { ...detectron2Resnet, completed: withCounts };

/** All of them. A file that several would take is the first one's: the others name it alike. */
export const resnetNamings: readonly Naming[] = [
  openmixup,
  mmpretrain,
  timm,
  { ...timm, project: "official" } as const, // torchvision's
  huggingFace,
  detectron2,
].map(schemeNaming);
