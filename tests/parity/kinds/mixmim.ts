/** MixMIM: the authors' code and OpenMMLab's rewrite, classifier and pretraining. */
import { z } from "zod";
import {
  mixmimTransformer,
  type MixmimTransformerOutput,
} from "../../../lib/backbones/mixmim.ts";
import type { MixmimTransformerConfiguration } from "../../../lib/backbones/mixmim_variants.ts";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { classifier } from "../../../lib/heads/classifier.ts";
import { mixMaskFromNoise } from "../../../lib/maskers/mix.ts";
import {
  mixmim,
  type MixmimConfiguration,
  type MixmimOutput,
} from "../../../lib/methods/mixmim.ts";
import { patchify } from "../../../lib/nn/patch_embed.ts";
import { describeParameters, type Scope, scope } from "../../../lib/nn/scope.ts";
import { withoutDerivedBuffers } from "../../../lib/zoo/key_maps/derived_buffers.ts";
import type { KeyMap } from "../../../lib/zoo/key_maps/key_map.ts";
import { mmpretrainMixmimNames } from "../../../lib/zoo/key_maps/mmpretrain_mixmim.ts";
import {
  configOf,
  DamagedCaseError,
  type GoldenCase,
  images,
  input,
  numbersOf,
  stored,
} from "../golden_case.ts";
import { type Computation, computation, type Kinds } from "../kind.ts";
import {
  parametersOf,
  referenceGradients,
  referenceNames,
  withGradients,
} from "../reference.ts";

const size = z.int().positive();
const shared = {
  img_size: size,
  patch_size: size.default(4),
  window_size: z.array(size),
  mlp_ratio: z.number().default(4),
  qkv_bias: z.boolean().default(true),
};
const officialConfig = z.object({
  ...shared,
  embed_dim: size,
  depths: z.array(size),
  num_heads: z.array(size),
});
const rewriteConfig = z.object({
  ...shared,
  arch: z.object({
    embed_dims: size,
    depths: z.array(size),
    num_heads: z.array(size),
  }),
});
const classifierConfig = z.object({ num_classes: size });
const decoderConfig = z.object({
  decoder_dim: size.optional(),
  decoder_embed_dim: size.optional(),
  decoder_depth: size,
  decoder_num_heads: size,
  mlp_ratio: z.number().default(4),
  decoder_mlp_ratio: z.number().optional(),
  mask_ratio: z.number(),
  norm_pix_loss: z.boolean().optional(),
  norm_pix: z.boolean().optional(),
});

/** Whose code a case was made with: what to read, and under which names. */
interface Project {
  backboneOf(golden: GoldenCase): MixmimTransformerConfiguration;
  keyMap?: KeyMap;
  /** The decoder's, where the backbone's has no say in it. */
  decoderMlpRatio?: number;
}

function backboneOf(
  config: z.infer<typeof officialConfig>,
): MixmimTransformerConfiguration {
  return {
    imageSize: config.img_size,
    patchSize: config.patch_size,
    width: config.embed_dim,
    depths: config.depths,
    heads: config.num_heads,
    windows: config.window_size,
    mlpRatio: config.mlp_ratio,
    qkvBias: config.qkv_bias,
  };
}

const official: Project = {
  backboneOf: (golden) => backboneOf(configOf(golden, officialConfig)),
};

const mmpretrain: Project = {
  backboneOf: (golden) => {
    const { arch, ...config } = configOf(golden, rewriteConfig);
    const { embed_dims: embed_dim, depths, num_heads } = arch;
    return {
      ...backboneOf({ ...config, embed_dim, depths, num_heads }),
      rewrite: "mmpretrain",
    };
  },
  keyMap: mmpretrainMixmimNames,
  decoderMlpRatio: 4, // the default of MixMIMPretrainDecoder, which has an argument of its own
};

/** The case's weights without the tables that the kit computes. */
function weightsOf(
  golden: GoldenCase,
  specifications: ReturnType<typeof describeParameters>,
  { keyMap }: Project,
) {
  const options = { rename: withoutDerivedBuffers };
  return parametersOf(
    golden,
    specifications,
    keyMap === undefined ? options : { ...options, keyMap },
  );
}

/** `(B, h, w, C)` as the token lists that cases store. */
function tokensOf(map: Tensor): Tensor {
  const [batch, rows, columns, channels] = map.shape as [number, number, number, number];
  return map.reshape([batch, rows * columns, channels]);
}

function encoderOutputs(
  { embedded, mixed, stages, tokens }: MixmimTransformerOutput,
): Record<string, Tensor> {
  return {
    "out/patch_embed": tokensOf(embedded),
    "out/mixed": tokensOf(mixed),
    ...Object.fromEntries(
      stages.map((stage, index) => [`out/stage${index}`, tokensOf(stage)]),
    ),
    "out/norm": tokens,
    "out/encoder": tokens,
  };
}

function backbone(project: Project) {
  return (golden: GoldenCase): Computation => {
    const configuration = project.backboneOf(golden);
    const { num_classes: classes } = configOf(golden, classifierConfig);
    const pixels = images(golden);
    const model = (scope: Scope, images: Tensor): Record<string, Tensor> => {
      const output = mixmimTransformer(scope, images, configuration);
      return {
        ...encoderOutputs(output),
        "out/pooled": output.feature,
        "out/feature": output.feature,
        "out/logits": classifier(scope, output.feature, classes),
      };
    };
    const specifications = describeParameters((scope, placeholder) =>
      model(scope, placeholder({ shape: pixels.shape }))
    );
    const parameters = weightsOf(golden, specifications, project);
    return computation(
      { images: pixels, parameters },
      ({ images, parameters }) => model(scope(parameters), images),
    );
  };
}

/** The noise `(1, N)`, and a check that it gives the mask that the case stores. */
function noiseOf(golden: GoldenCase, maskRatio: number): Tensor {
  const noise = tf.tidy(() => input(golden, "noise").reshape([1, -1]));
  const expected = Array.from(numbersOf(stored(golden, "in/mask")));
  const drawn = tf.tidy(() => mixMaskFromNoise(noise, { maskRatio }).mask.dataSync());
  if (Array.from(drawn).join() !== expected.join()) {
    throw new DamagedCaseError(
      `${golden.name}: in/noise gives the mask [${drawn}], in/mask is [${expected}]`,
    );
  }
  return noise;
}

function pretrainOf(golden: GoldenCase, project: Project): MixmimConfiguration {
  const config = configOf(golden, decoderConfig);
  const width = config.decoder_dim ?? config.decoder_embed_dim;
  return {
    backbone: project.backboneOf(golden),
    decoder: {
      ...(width === undefined ? {} : { width }),
      depth: config.decoder_depth,
      heads: config.decoder_num_heads,
      mlpRatio: config.decoder_mlp_ratio ?? project.decoderMlpRatio ?? config.mlp_ratio,
    },
    normalizePixels: config.norm_pix_loss ?? config.norm_pix ?? true,
  };
}

function pretrainOutputs(
  output: MixmimOutput,
  images: Tensor,
  stride: number,
): Record<string, Tensor> {
  const ofPixels = output.prediction.sub(patchify(images, stride)).square().mean();
  return {
    "out/mask": output.mask.mask,
    ...encoderOutputs(output.encoder),
    "out/prediction": output.decoded,
    "out/loss": output.loss,
    "out/loss_plain_pixels": ofPixels,
  };
}

function pretraining(project: Project) {
  return (golden: GoldenCase): Computation => {
    const configuration = pretrainOf(golden, project);
    const { mask_ratio: maskRatio } = configOf(golden, decoderConfig);
    const given = { images: images(golden), noise: noiseOf(golden, maskRatio) };
    const forward = (scope: Scope, images: Tensor, noise: Tensor): MixmimOutput =>
      mixmim(scope, images, mixMaskFromNoise(noise, { maskRatio }), configuration);
    const specifications = describeParameters((scope, placeholder) => {
      const [images, noise] = [given.images, given.noise]
        .map(({ shape }) => placeholder({ shape })) as [Tensor, Tensor];
      forward(scope, images, noise);
    });
    const parameters = weightsOf(golden, specifications, project);
    const { backbone } = configuration;
    const stride = backbone.patchSize! * 2 ** (backbone.depths.length - 1);
    const nameOf = project.keyMap && referenceNames(project.keyMap);
    return computation({ ...given, parameters }, ({ images, noise, parameters }) => {
      const { named, gradients } = withGradients(
        parameters,
        (parameters) =>
          pretrainOutputs(forward(scope(parameters), images, noise), images, stride),
        "out/loss",
        (name) => specifications.get(name)!.trainable,
      );
      return { ...named, ...referenceGradients(gradients, specifications, nameOf) };
    });
  };
}

/** Cases of MixMIM. */
export const mixmimKinds: Kinds = {
  "mixmim-backbone": backbone(official),
  "mixmim-backbone-mmpretrain": backbone(mmpretrain),
  "mixmim-pretrain": pretraining(official),
  "mixmim-pretrain-mmpretrain": pretraining(mmpretrain),
};
