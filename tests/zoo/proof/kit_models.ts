/**
 * The kit's models as the cases run them: the outputs have the names that the libraries' have here.
 *
 * @module
 */
import { clip } from "../../../lib/backbones/clip.ts";
import { clipEpsilon } from "../../../lib/backbones/clip_transformer.ts";
import type { ClipConfiguration } from "../../../lib/backbones/clip_variants.ts";
import {
  clipVision,
  type ClipVisionConfiguration,
} from "../../../lib/backbones/clip_vision.ts";
import type { Tensor } from "../../../lib/engine/mod.ts";
import { maskFromNoise } from "../../../lib/maskers/random.ts";
import {
  type ClassifierConfiguration,
  classify,
} from "../../../lib/methods/classification.ts";
import { mae, type MaeConfiguration } from "../../../lib/methods/mae.ts";
import { layerNorm } from "../../../lib/nn/layer_norm.ts";
import type { ProofCase } from "./case.ts";

type Forward = ProofCase["forward"];

/** A classifier: `features` before the head, and `logits`. */
export function classifierForward(
  backbone: ClassifierConfiguration["backbone"],
  classes: number,
): Forward {
  return (scope, { images }) => {
    const configuration = { backbone, classes, pooling: "class-token" } as const;
    const { feature, logits } = classify(scope, images!, configuration);
    return { features: feature, logits };
  };
}

/** A masked autoencoder with plain pixels as its target. */
export function maeForward(configuration: MaeConfiguration): Forward {
  return (scope, { images, noise }) => {
    const mask = maskFromNoise(noise!, 0.75);
    const { latent, prediction, loss } = mae(scope, images!, mask, {
      ...configuration,
      normalizePixels: false,
    });
    return { features: latent, prediction, loss };
  };
}

function unitLength(x: Tensor): Tensor {
  return x.div(x.square().sum(-1, true).sqrt());
}

/** CLIP; the embeddings are of length 1, as transformers gives them. */
export function clipForward(configuration: ClipConfiguration): Forward {
  return (scope, { images, ids }) => {
    const made = clip(scope, { images: images!, ids: ids! }, configuration);
    return {
      imageEmbeds: unitLength(made.vision.imageEmbeds),
      textEmbeds: unitLength(made.text.embeds),
      logits: made.logitsPerImage,
    };
  };
}

/** CLIP's image tower: `features` of the class token, and its projection as `logits`. */
export function clipVisionForward(configuration: ClipVisionConfiguration): Forward {
  return (scope, { images }) => {
    const tower = scope.at("visual");
    const { lastHiddenState, imageEmbeds } = clipVision(tower, images!, configuration);
    const [batch, , width] = lastHiddenState.shape as [number, number, number];
    const classToken = lastHiddenState.slice([0, 0], [-1, 1]).reshape([batch, width]);
    const features = layerNorm(tower.at("ln_post"), classToken, clipEpsilon);
    return { features, logits: imageEmbeds };
  };
}
