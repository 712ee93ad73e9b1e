/** ResNets as openmixup has them: classifiers, and what training moves. */
import { z } from "zod";
import {
  resnet,
  type ResnetConfiguration,
  resnetStem,
  type ResnetVariant,
  resnetVariant,
} from "../../../lib/backbones/resnet.ts";
import { randomKey, type Tensor } from "../../../lib/engine/mod.ts";
import { pooledClassifier } from "../../../lib/heads/pooled_classifier.ts";
import {
  describeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../../lib/nn/scope.ts";
import { configOf, DamagedCaseError, type GoldenCase, images } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";
import {
  afterTraining,
  parametersOf,
  referenceGradients,
  withGradients,
} from "../reference.ts";

/** What openmixup's ResNet takes; its options that no released model uses may only be off. */
export const resnetConfig = z.object({
  type: z.string(),
  depth: z.int(),
  stem_channels: z.int().default(64),
  base_channels: z.int().default(64),
  expansion: z.int().nullish(),
  num_stages: z.int().default(4),
  out_indices: z.array(z.int()).default([0, 1, 2, 3]),
  style: z.enum(["pytorch", "caffe"]).default("pytorch"),
  drop_path_rate: z.number().default(0),
  norm_eval: z.boolean().default(false),
  norm_cfg: z.object({ eps: z.number().default(1e-5), momentum: z.number().default(0.1) })
    .prefault({}),
  zero_init_residual: z.boolean().default(true),
  strides: z.array(z.int()).optional().refine(
    (strides) =>
      strides?.every((stride, stage) => stride === (stage === 0 ? 1 : 2)) ?? true,
    "Only the strides 1, 2, 2, 2 are built",
  ),
  dilations: z.array(z.literal(1)).optional(),
  deep_stem: z.literal(false).optional(),
  avg_down: z.literal(false).optional(),
});

/** The kit's configuration. A type such as SmallResNet1121 says the depths itself. */
export function resnetOf(config: z.infer<typeof resnetConfig>): ResnetConfiguration {
  const digits = /^Small\D*(\d+)$/.exec(config.type)?.[1];
  const depths = digits === undefined
    ? resnetVariant(config.depth as ResnetVariant).depths
    : [...digits].map(Number);
  return {
    depths: depths.slice(0, config.num_stages),
    stemChannels: config.stem_channels,
    baseChannels: config.base_channels,
    expansion: config.expansion ?? 4,
    dropPathRate: config.drop_path_rate,
    strideAt: config.style === "pytorch" ? "conv2" : "conv1",
    zeroInitialResidual: config.zero_init_residual,
    norm: { epsilon: config.norm_cfg.eps, momentum: config.norm_cfg.momentum },
    frozenStatistics: config.norm_eval,
  };
}

const classifierConfig = z.object({
  backbone: resnetConfig,
  head: z.object({ num_classes: z.int() }),
});

/** The kit's `(B, H, W, C)` as PyTorch has it. */
function channelsFirst(map: Tensor): Tensor {
  return map.transpose([0, 3, 1, 2]);
}

function classifierOf(golden: GoldenCase) {
  const config = configOf(golden, classifierConfig);
  const configuration = resnetOf(config.backbone);
  const model = (scope: Scope, images: Tensor) => {
    const { stem, stages } = resnet(scope.at("backbone"), images, configuration);
    const features = config.backbone.out_indices.map((index) =>
      index === -1 ? stem : stages[index]!
    );
    const [first] = features;
    if (first === undefined) {
      throw new DamagedCaseError(`${golden.name}: out_indices names no stage`);
    }
    // openmixup's head takes the first of the given maps.
    const pooled = first.mean([1, 2]);
    return {
      features,
      logits: pooledClassifier(scope.at("head"), pooled, config.head.num_classes),
    };
  };
  const pictures = images(golden);
  const specifications = describeParameters((scope, placeholder) =>
    model(scope, placeholder({ shape: pictures.shape }))
  );
  const parameters = parametersOf(golden, specifications);
  return {
    configuration,
    model,
    given: { images: pictures, parameters },
    specifications,
  };
}

function classifier(golden: GoldenCase) {
  const { model, given } = classifierOf(golden);
  return computation(given, ({ images, parameters }) => {
    const { features, logits } = model(scope(parameters), images);
    const named = features.map((map, index) =>
      [`out/feature${index}`, channelsFirst(map)] as const
    );
    return { ...Object.fromEntries(named), "out/logits": logits };
  });
}

function trainingForward(golden: GoldenCase) {
  const { configuration, model, given, specifications } = classifierOf(golden);
  const trained = (name: string): boolean => specifications.get(name)!.trainable;
  return computation(given, ({ images, parameters }) => {
    const evaluated = model(scope(parameters), images);
    const key = randomKey(0); // for drop path, whose rate is 0 in what has one answer
    const afterStem: Parameters = {};
    const alone = scope(parameters, key, afterStem).at("backbone");
    const stem = resnetStem(alone, images, configuration);
    const moved = { ...parameters, ...afterStem };
    const { named, gradients } = withGradients(
      moved,
      (parameters) => {
        const updates: Parameters = {};
        const { logits } = model(scope(parameters, key, updates), images);
        return {
          "out/logits_train": logits,
          "out/loss": logits.square().mean(),
          ...afterTraining(specifications, parameters, updates),
        };
      },
      "out/loss",
      trained,
    );
    return {
      "out/logits_eval": evaluated.logits,
      "out/stem_train": channelsFirst(stem),
      "out/stem_running_mean_1": moved["backbone.bn1.running_mean"]!,
      "out/stem_running_var_1": moved["backbone.bn1.running_var"]!,
      ...named,
      ...referenceGradients(gradients, specifications),
    };
  });
}

/** ResNets. */
export const resnetKinds: Kinds = {
  "resnet-classifier": classifier,
  "resnet-training-forward": trainingForward,
};
