/**
 * The names of a ConvNeXt's parameters in other projects, and in openmixup (A2MIM), which the kit
 * uses: `backbone.stages.0.0.depthwise_conv.weight`, `backbone.norm3.weight`, `head.fc.weight`, in
 * pretraining `backbone.mask_token` and `neck`.
 *
 * All are the same network but for the last norm's epsilon, which Hugging Face's configuration has at
 * 1e-12 and all others at 1e-6.
 *
 * @module
 */
import type { Naming } from "./naming.ts";
import type { Entries } from "./key_map.ts";
import { type KeyRule, rename } from "./key_rules.ts";
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
import { pointwiseAxes } from "./stored_axes.ts";

/** What a ConvNeXt's names depend on. */
interface ConvNextOutline extends Outline {
  /** Whether the products over the channels are convolutions of 1×1, `[out, in, 1, 1]`. */
  pointwise: boolean;
}

function stageCount(entries: Entries, prefix: string): number {
  return countOf(entries, new RegExp(`^${literally(prefix)}stages\\.(\\d+)\\.`));
}

function kitOutline(prefix: string): (entries: Entries) => ConvNextOutline {
  return (entries) => {
    const stages = stageCount(entries, "backbone.");
    return { prefix, stages, pointwise: false };
  };
}

/** An outline by the name of the first product over the channels. */
function outlineBy(
  entries: Entries,
  first: string,
  stagesAt = "",
): ConvNextOutline | undefined {
  const prefix = prefixBefore(entries, first);
  if (prefix === undefined) return undefined;
  return {
    prefix,
    stages: stageCount(entries, `${prefix}${stagesAt}`),
    pointwise: entries.get(`${prefix}${first}`)!.shape.length === 4,
  };
}

/** How a block's parts are called, in openmixup's order. */
type BlockNames = readonly [
  depthwise: string,
  norm: string,
  wide: string,
  narrow: string,
  gamma: string,
];

function blockRules(
  from: string,
  [depthwise, norm, wide, narrow, gamma]: BlockNames,
  pointwise: boolean,
): KeyRule[] {
  const to = "backbone.stages.*.*";
  const products = [[wide, "pointwise_conv1"], [narrow, "pointwise_conv2"]] as const;
  return [
    rename(`${from}.${depthwise}.*`, `${to}.depthwise_conv.*`),
    rename(`${from}.${norm}.*`, `${to}.norm.*`),
    ...products.flatMap(([name, ours]): KeyRule[] => [
      pointwise
        ? pointwiseAxes(`${from}.${name}.weight`, `${to}.${ours}.weight`)
        : rename(`${from}.${name}.weight`, `${to}.${ours}.weight`),
      rename(`${from}.${name}.bias`, `${to}.${ours}.bias`),
    ]),
    rename(`${from}.${gamma}`, `${to}.gamma`),
  ];
}

const openmixupNames = [
  ...["depthwise_conv", "norm", "pointwise_conv1", "pointwise_conv2", "gamma"],
] as unknown as BlockNames;

const openmixup: Scheme<ConvNextOutline> = {
  ...{ family: "convnext", project: "openmixup" },
  outline(entries) {
    const found = outlineBy(entries, "stages.0.0.pointwise_conv1.weight");
    return found && ["", "backbone."].includes(found.prefix) ? found : undefined;
  },
  outlineInKit: kitOutline("backbone."),
  rules({ prefix, pointwise }) {
    if (prefix === "backbone." && !pointwise) return [...trainingState];
    return [
      ...trainingState,
      ...blockRules(`${prefix}stages.*.*`, openmixupNames, pointwise),
      ...["downsample_layers.**", "norm*.*", "mask_token", "mask_gamma"]
        .map((name) => rename(`${prefix}${name}`, `backbone.${name}`)),
    ];
  },
};

const mmpretrain: Scheme<ConvNextOutline> = {
  ...openmixup,
  project: "mmpretrain",
  lacks: pretrainingNames,
};

/** The authors', facebookresearch/ConvNeXt. */
const official: Scheme<ConvNextOutline> = {
  ...{ family: "convnext", project: "official" },
  outline: (entries) => outlineBy(entries, "stages.0.0.pwconv1.weight"),
  outlineInKit: kitOutline(""),
  rules: ({ prefix, stages, pointwise }) => [
    rename(`${prefix}downsample_layers.**`, "backbone.downsample_layers.**"),
    ...blockRules(
      `${prefix}stages.*.*`,
      ["dwconv", "norm", "pwconv1", "pwconv2", "gamma"],
      pointwise,
    ),
    rename(`${prefix}norm.*`, `backbone.norm${stages - 1}.*`),
    rename(`${prefix}head.*`, "head.fc.*"),
  ],
  lacks: pretrainingNames,
};

/** Downsampling that stands with the stage that it leads to; the first is elsewhere. */
function downsamplingRules(from: (stage: number) => string, stages: number): KeyRule[] {
  return upTo(stages).slice(1).map((stage) =>
    rename(`${from(stage)}.*.*`, `backbone.downsample_layers.${stage}.*.*`)
  );
}

const timm: Scheme<ConvNextOutline> = {
  ...{ family: "convnext", project: "timm" },
  outline(entries) {
    const found = outlineBy(entries, "stages.0.blocks.0.mlp.fc1.weight");
    return entries.has(`${found?.prefix}stem.0.weight`) ? found : undefined;
  },
  outlineInKit: kitOutline(""),
  rules: ({ prefix, stages, pointwise }) => [
    rename(`${prefix}stem.*.*`, "backbone.downsample_layers.0.*.*"),
    ...downsamplingRules((stage) => `${prefix}stages.${stage}.downsample`, stages),
    ...blockRules(
      `${prefix}stages.*.blocks.*`,
      ["conv_dw", "norm", "mlp.fc1", "mlp.fc2", "gamma"],
      pointwise,
    ),
    rename(`${prefix}head.norm.*`, `backbone.norm${stages - 1}.*`),
    rename(`${prefix}head.fc.*`, "head.fc.*"),
  ],
  lacks: pretrainingNames,
};

const huggingFace: Scheme<ConvNextOutline> = {
  ...{ family: "convnext", project: "hf" },
  outline: (entries) =>
    outlineBy(entries, "encoder.stages.0.layers.0.pwconv1.weight", "encoder."),
  outlineInKit: (entries) =>
    kitOutline(entries.has("head.fc.weight") ? "convnext." : "")(entries),
  rules: ({ prefix, stages, pointwise }) => [
    rename(`${prefix}embeddings.patch_embeddings.*`, "backbone.downsample_layers.0.0.*"),
    rename(`${prefix}embeddings.layernorm.*`, "backbone.downsample_layers.0.1.*"),
    ...downsamplingRules(
      (stage) => `${prefix}encoder.stages.${stage}.downsampling_layer`,
      stages,
    ),
    ...blockRules(
      `${prefix}encoder.stages.*.layers.*`,
      ["dwconv", "layernorm", "pwconv1", "pwconv2", "layer_scale_parameter"],
      pointwise,
    ),
    rename(`${prefix}layernorm.*`, `backbone.norm${stages - 1}.*`),
    rename("classifier.*", "head.fc.*"),
  ],
  lacks: pretrainingNames,
};

/** All of them. A file that several would take is the first one's: the others name it alike. */
export const convNextNamings: readonly Naming[] = [
  openmixup,
  mmpretrain,
  official,
  timm,
  huggingFace,
].map(schemeNaming);
