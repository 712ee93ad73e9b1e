/** Pretraining steps of MAE and MILAN, with the authors' own masks. */
import { z } from "zod";
import type { Tensor } from "../../../lib/engine/mod.ts";
import { type Mask, maskFromOrder } from "../../../lib/maskers/mask.ts";
import { maskFromNoise } from "../../../lib/maskers/random.ts";
import { mae } from "../../../lib/methods/mae.ts";
import type { AutoencoderOutput } from "../../../lib/methods/method.ts";
import {
  milan,
  type MilanConfiguration,
  type MilanTarget,
} from "../../../lib/methods/milan.ts";
import { describeParameters, type Scope, scope } from "../../../lib/nn/scope.ts";
import { configOf, type GoldenCase, images, input } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";
import { parametersOf, referenceGradients, withGradients } from "../reference.ts";
import { namedBlocks, vitOf } from "./vit.ts";

/** Sizes and options of a pretraining case. */
export const pretrainConfig = z.object({
  batch: z.int(),
  img_size: z.int(),
  patch_size: z.int(),
  in_chans: z.int().default(3),
  embed_dim: z.int(),
  depth: z.int(),
  num_heads: z.int(),
  decoder_embed_dim: z.int(),
  decoder_depth: z.int(),
  decoder_num_heads: z.int(),
  mlp_ratio: z.number(),
  norm_eps: z.number(),
  mask_ratio: z.number(),
  norm_pix_loss: z.boolean().default(false),
  use_clip: z.boolean().default(false),
});
type PretrainConfig = z.infer<typeof pretrainConfig>;

/** The two parts of a masked autoencoder's configuration. */
export function modelOf(config: PretrainConfig) {
  return {
    backbone: vitOf({ ...config, qkv_bias: true }),
    decoder: {
      width: config.decoder_embed_dim,
      depth: config.decoder_depth,
      heads: config.decoder_num_heads,
      mlpRatio: config.mlp_ratio,
      epsilon: config.norm_eps,
    },
  };
}

/** What a case gives a method besides its images, as far as it has it. */
function givenOf(golden: GoldenCase) {
  const optional = (name: string): { [name: string]: Tensor } =>
    golden.tensors.has(`in/${name}`) ? { [name]: input(golden, name) } : {};
  return {
    images: images(golden, "image"),
    ...optional("noise"),
    ...optional("ids_shuffle"),
    ...optional("teacher"),
    ...optional("attention"),
  } as { images: Tensor } & Partial<Record<string, Tensor>>;
}

type Given = ReturnType<typeof givenOf>;

function maskOf(given: Given, maskRatio: number): Mask {
  return given.ids_shuffle === undefined
    ? maskFromNoise(given.noise!, maskRatio)
    : maskFromOrder(given.ids_shuffle, maskRatio);
}

function named(output: AutoencoderOutput, given: Given): Record<string, Tensor> {
  const { attention } = given;
  const importance = attention === undefined ? {} : {
    "out/importance": attention.slice([0, 0, 1], [-1, 1, -1]).squeeze([1]),
  };
  return {
    "out/ids_keep": output.mask.visible,
    "out/ids_dump": output.mask.removed,
    "out/ids_restore": output.mask.restore,
    "out/mask": output.mask.mask,
    ...importance,
    ...namedBlocks("block", output.encoderBlocks),
    "out/latent": output.latent,
    ...namedBlocks("decoder_block", output.decoderBlocks),
    "out/pred": output.prediction,
    "out/target": output.target,
    "out/loss": output.loss,
  };
}

/** A case whose model is one forward function. */
export function pretraining(
  golden: GoldenCase,
  forward: (scope: Scope, given: Given, mask: Mask) => AutoencoderOutput,
  { maskRatio }: { maskRatio: number },
) {
  const given = givenOf(golden);
  const specifications = describeParameters((scope, placeholder) => {
    const symbolic = Object.fromEntries(
      Object.entries(given).map(([name, tensor]) => [
        name,
        placeholder({
          shape: tensor!.shape,
          dtype: tensor!.dtype as "float32" | "int32",
        }),
      ]),
    ) as Given;
    forward(scope, symbolic, maskOf(symbolic, maskRatio));
  });
  const parameters = parametersOf(golden, specifications);
  const trainable = (name: string): boolean => specifications.get(name)!.trainable;
  return computation({ given, parameters }, ({ given, parameters }) => {
    const { named: outputs, gradients } = withGradients(
      parameters,
      (parameters) =>
        named(forward(scope(parameters), given, maskOf(given, maskRatio)), given),
      "out/loss",
      trainable,
    );
    return { ...outputs, ...referenceGradients(gradients, specifications) };
  });
}

function maePretraining(golden: GoldenCase) {
  const config = configOf(golden, pretrainConfig);
  const configuration = { ...modelOf(config), normalizePixels: config.norm_pix_loss };
  return pretraining(
    golden,
    (scope, { images }, mask) => mae(scope, images, mask, configuration),
    { maskRatio: config.mask_ratio },
  );
}

function milanPretraining(decoderKind: NonNullable<MilanConfiguration["decoderKind"]>) {
  return (golden: GoldenCase) => {
    const config = configOf(golden, pretrainConfig);
    const configuration = { ...modelOf(config), decoderKind };
    const target = ({ teacher }: Given): MilanTarget =>
      config.use_clip
        ? { kind: "features", features: teacher! }
        : { kind: "pixels", normalize: config.norm_pix_loss };
    return pretraining(
      golden,
      (scope, given, mask) =>
        milan(scope, given.images, mask, target(given), configuration),
      { maskRatio: config.mask_ratio },
    );
  };
}

/** Pretraining, official names. */
export const pretrainingKinds: Kinds = {
  "mae-pretrain": maePretraining,
  "milan-pretrain": milanPretraining("prompting"),
  "milan-plain-decoder-pretrain": milanPretraining("plain"),
};
