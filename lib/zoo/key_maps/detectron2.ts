/**
 * The names of a ResNet's parameters in detectron2, as A2MIM's converter writes them: `stem.conv1`,
 * `res2.0.conv1`, `res2.0.conv1.norm`, `res2.0.shortcut`. Its configuration must say
 * `STRIDE_IN_1X1: False`, for the stride is in the 3×3 convolution.
 *
 * @module
 */
import { type KeyRule, rename } from "./key_rules.ts";
import {
  countOf,
  literally,
  type Outline,
  prefixBefore,
  type Scheme,
  upTo,
} from "./scheme.ts";

// Stage k of the paper is "res(k + 1)": there is no stage 0.
const firstStage = 2;

/** The blocks of one stage. */
function stageRules(prefix: string, stage: number): KeyRule[] {
  const [from, to] = [
    `${prefix}res${stage + firstStage}.*`,
    `backbone.layer${stage + 1}.*`,
  ];
  return [
    rename(`${from}.shortcut.norm.*`, `${to}.downsample.1.*`),
    rename(`${from}.shortcut.*`, `${to}.downsample.0.*`),
    ...[1, 2, 3].flatMap((index) => [
      rename(`${from}.conv${index}.norm.*`, `${to}.bn${index}.*`),
      rename(`${from}.conv${index}.*`, `${to}.conv${index}.*`),
    ]),
  ];
}

/** detectron2's names of a ResNet. */
export const detectron2Resnet: Scheme<Outline> = {
  ...{ family: "resnet", project: "detectron2" },
  outline(entries) {
    const prefix = prefixBefore(entries, "res2.0.conv1.weight");
    if (prefix === undefined || !entries.has(`${prefix}stem.conv1.weight`)) {
      return undefined;
    }
    const stages = new RegExp(`^${literally(prefix)}res(\\d+)\\.`);
    return { prefix, stages: countOf(entries, stages) - firstStage };
  },
  outlineInKit: (entries) => ({
    prefix: "",
    stages: countOf(entries, /^backbone\.layer(\d+)\./) - 1,
  }),
  rules: ({ prefix, stages }) => [
    rename(`${prefix}stem.conv1.norm.*`, "backbone.bn1.*"),
    rename(`${prefix}stem.conv1.*`, "backbone.conv1.*"),
    ...upTo(stages).flatMap((stage) => stageRules(prefix, stage)),
    ...["mask_token", "mask_gamma"]
      .map((name) => rename(`${prefix}stem.${name}`, `backbone.${name}`)),
    rename(`${prefix}stem.fc.*`, "head.fc.*"),
    // The rest of a detector.
    ...prefix === "" ? [] : [{ kind: "drop", from: "**" } as const],
  ],
  // It takes backbones.
  lacks: ["head.**", "neck.**"],
};
