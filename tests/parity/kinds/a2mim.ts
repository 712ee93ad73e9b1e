/** Pretraining steps of SimMIM and A2MIM on every backbone, as openmixup has them. */
import { z } from "zod";
import { type MapBackbone, strideOf } from "../../../lib/backbones/feature_map.ts";
import { randomKey, type Tensor, tf } from "../../../lib/engine/mod.ts";
import { maskFromCells } from "../../../lib/maskers/cells.ts";
import type { Mask } from "../../../lib/maskers/mask.ts";
import { a2mim, type A2mimConfiguration } from "../../../lib/methods/a2mim.ts";
import type { MapMethodOutput } from "../../../lib/methods/map_output.ts";
import type { MaskToken } from "../../../lib/methods/mask_token.ts";
import { simmim } from "../../../lib/methods/simmim.ts";
import {
  describeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../../lib/nn/scope.ts";
import { withoutDerivedBuffers } from "../../../lib/zoo/key_maps/derived_buffers.ts";
import type { KeyMap } from "../../../lib/zoo/key_maps/key_map.ts";
import { openmixupVit } from "../../../lib/zoo/key_maps/openmixup_vit.ts";
import {
  configOf,
  DamagedCaseError,
  type GoldenCase,
  images,
  input,
} from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";
import {
  afterTraining,
  parametersOf,
  referenceGradients,
  referenceNames,
  withGradients,
} from "../reference.ts";
import { a2mimHeadConfig, lossOptionsOf } from "./a2mim_losses.ts";
import { convNextConfig, convNextOf } from "./convnext.ts";
import { openmixupVitConfig, openmixupVitOf } from "./openmixup_vit.ts";
import { resnetConfig, resnetOf } from "./resnet.ts";
import { swinConfig, swinOf } from "./swin.ts";

const size = z.int().positive();

/** How openmixup's backbones take a mask token. */
const tokenConfig = z.looseObject({
  type: z.string(),
  mask_layer: z.int().default(0),
  // How it starts, and whether it is trained; the value itself is among the weights.
  mask_token: z.enum(["learnable", "randn", "zero"]).default("learnable"),
  mask_init: z.number().default(0),
  replace: z.boolean().default(true),
  detach: z.boolean().default(false),
});

const pretrainConfig = z.object({
  model: z.object({
    type: z.enum(["SimMIM", "A2MIM"]),
    backbone: tokenConfig,
    neck: z.object({
      type: z.enum(["SimMIMNeck", "NonLinearMIMNeck"]),
      in_chans: z.literal(3).default(3),
      encoder_stride: size,
      kernel_size: z.literal(1).default(1),
      decoder_cfg: z.null().optional(),
      act_cfg: z.null().optional(),
    }),
    head: z.looseObject({ type: z.enum(["SimMIMHead", "A2MIMHead"]) }),
    residual: z.boolean().default(false),
  }),
});
type PretrainConfig = z.infer<typeof pretrainConfig>;

function backboneOf(golden: GoldenCase, type: string): MapBackbone {
  const path = ["model", "backbone"];
  if (type.includes("ViT")) {
    return { kind: "vit", ...openmixupVitOf(configOf(golden, openmixupVitConfig, path)) };
  }
  if (type.includes("ResNet")) {
    return { kind: "resnet", ...resnetOf(configOf(golden, resnetConfig, path)) };
  }
  if (type.includes("ConvNeXt")) {
    const { gapBeforeFinalNorm, ...configuration } = convNextOf(
      configOf(golden, convNextConfig, path),
    );
    if (gapBeforeFinalNorm) throw new DamagedCaseError("Pretraining needs a map");
    return { kind: "convnext", ...configuration };
  }
  if (type.includes("Swin")) {
    return { kind: "swin", ...swinOf(configOf(golden, swinConfig, path)) };
  }
  throw new DamagedCaseError(`There is no backbone for the type ${type}`);
}

function tokenOf(config: z.infer<typeof tokenConfig>): MaskToken {
  const { mask_layer: layer, replace, mask_init: scale, detach } = config;
  return replace
    ? { kind: "replace", layer }
    : { kind: "add", layer, detach, ...(scale > 0 ? { scale } : {}) };
}

/** Channels first for CNNs, tokens for transformers. */
function referenceMap(map: Tensor, { kind }: MapBackbone): Tensor {
  const [batch, , , width] = map.shape as [number, number, number, number];
  return kind === "resnet" || kind === "convnext"
    ? map.transpose([0, 3, 1, 2])
    : map.reshape([batch, -1, width]);
}

type Model = (scope: Scope, images: Tensor, mask: Mask) => MapMethodOutput;

/** The method, its backbone and where the token is. */
function modelOf(
  golden: GoldenCase,
  { model }: PretrainConfig,
  filled: boolean,
): { backbone: MapBackbone; token: MaskToken; head: string; forward: Model } {
  const backbone = backboneOf(golden, model.backbone.type);
  const token = tokenOf(model.backbone);
  const { encoder_stride } = model.neck;
  if (encoder_stride !== strideOf(backbone)) {
    throw new DamagedCaseError(
      `The neck's encoder_stride ${encoder_stride} is not the backbone's ${
        strideOf(backbone)
      }`,
    );
  }
  if (model.head.type === "SimMIMHead" && token.kind === "replace" && !filled) {
    const { layer } = token;
    return {
      backbone,
      token,
      head: "neck.decoder",
      forward: (scope, images, mask) => simmim(scope, images, mask, { backbone, layer }),
    };
  }
  const head = model.head.type === "A2MIMHead"
    ? configOf(golden, a2mimHeadConfig, ["model", "head"])
    : a2mimHeadConfig.parse({});
  const configuration: A2mimConfiguration = {
    backbone,
    token,
    fill: filled,
    residual: model.residual,
    ...lossOptionsOf(head),
  };
  return {
    backbone,
    token,
    head: "neck.decoder_pred",
    forward: (scope, images, mask) => a2mim(scope, images, mask, configuration),
  };
}

/** From the case's names to the kit's: either neck may go with either method. */
function namesOf({ model }: PretrainConfig, { kind }: MapBackbone, head: string): KeyMap {
  const neck = model.neck.type === "SimMIMNeck" ? "neck.decoder" : "neck.decoder_pred";
  return {
    from: "openmixup",
    to: "mimkit",
    rules: [
      ...(kind === "vit" ? openmixupVit({ under: "backbone" }).rules : []),
      { kind: "rename", from: `${neck}.**`, to: `${head}.**` },
    ],
  };
}

/** The reference's features around its mask token, class token included where it has one. */
function tokenSight(
  { token, stages }: MapMethodOutput,
  { layer }: MaskToken,
  backbone: MapBackbone,
  parameters: Parameters,
): Record<string, Tensor> {
  const whole = (map: Tensor): Tensor => {
    const tokens = referenceMap(map, backbone);
    if (backbone.kind !== "vit" || layer === 0) return tokens;
    const first = layer === 1
      ? parameters["backbone.cls_token"]!
        .add(parameters["backbone.pos_embed"]!.slice([0, 0], [1, 1]))
        .tile([tokens.shape[0]!, 1, 1])
      : stages[layer - 2]!.slice([0, 0], [-1, 1]);
    return tf.concat([first, tokens], 1);
  };
  return {
    "out/before_mask_token": whole(token.before),
    "out/after_mask_token": whole(token.after),
  };
}

function namedLosses(output: MapMethodOutput): Record<string, Tensor> {
  if (!("losses" in output)) return {};
  const { spatial, fourier } = output.losses as { spatial: Tensor; fourier?: Tensor };
  return {
    "out/loss_spatial": spatial,
    ...(fourier === undefined ? {} : { "out/loss_fft": fourier }),
  };
}

function pretraining(golden: GoldenCase) {
  const config = configOf(golden, pretrainConfig);
  const filled = golden.tensors.has("in/filled");
  const { backbone, token, head, forward } = modelOf(golden, config, filled);
  const given = { images: images(golden), flags: input(golden, "mask") };
  const [batch, rows, columns] = given.flags.shape as [number, number, number];
  const removed = Math.round(given.flags.sum().dataSync()[0]! / batch);
  const maskOf = (flags: Tensor): Mask =>
    maskFromCells(flags.reshape([batch, rows * columns]), removed);

  const specifications = describeParameters((scope, placeholder) =>
    forward(
      scope,
      placeholder({ shape: given.images.shape }),
      maskOf(placeholder({ shape: given.flags.shape, dtype: "int32" })),
    )
  );
  const keyMap = namesOf(config, backbone, head);
  const parameters = parametersOf(golden, specifications, {
    keyMap,
    // What the model has not declared may be a table that it makes itself.
    rename: (name) => specifications.has(name) ? name : withoutDerivedBuffers(name),
  });
  const trained = (name: string): boolean => specifications.get(name)!.trainable;
  const training = golden.tensors.has("out/loss_train_mode");

  return computation({ ...given, parameters }, ({ images, flags, parameters }) => {
    const mask = maskOf(flags);
    const evaluate = (parameters: Parameters) => {
      const output = forward(scope(parameters), images, mask);
      return {
        ...tokenSight(output, token, backbone, parameters),
        "out/latent": output.latent.transpose([0, 3, 1, 2]),
        "out/prediction": output.prediction.transpose([0, 3, 1, 2]),
        ...namedLosses(output),
        "out/loss": output.loss,
      };
    };
    const train = (parameters: Parameters) => {
      const updates: Parameters = {};
      const output = forward(scope(parameters, randomKey(0), updates), images, mask);
      return {
        "out/loss_train_mode": output.loss,
        ...afterTraining(specifications, parameters, updates),
      };
    };
    const { named, gradients } = training
      ? withGradients(parameters, train, "out/loss_train_mode", trained)
      : withGradients(parameters, evaluate, "out/loss", trained);
    return {
      ...(training ? evaluate(parameters) : {}),
      ...named,
      ...referenceGradients(gradients, specifications, referenceNames(keyMap)),
    };
  });
}

/** Pretraining of SimMIM and A2MIM. */
export const a2mimKinds: Kinds = {
  "a2mim-pretrain": pretraining,
  "simmim-pretrain": pretraining,
};
