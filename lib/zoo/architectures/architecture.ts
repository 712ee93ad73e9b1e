/**
 * What an architecture of the zoo is: a model of full size that can be run on shapes.
 *
 * @module
 */
import type { Placeholder, Tensor } from "../../engine/mod.ts";
import { type ClassifierBackbone, classify } from "../../methods/classification.ts";
import type { Scope } from "../../nn/scope.ts";
import type { KeyMap } from "../key_maps/key_map.ts";

/** Of ImageNet-1k, on which all classifiers here are. */
export const classes = 1000;

/** What a model makes of images when it is used. */
export interface Encoding {
  /** One of each image, `(B, D)`: what a linear probe of the method is trained on. */
  features: Tensor;
  /** Of a classifier, `(B, classes)`. */
  logits?: Tensor;
}

/** A model at one size of images. */
interface SizedModel {
  /**
   * One forward pass, at evaluation.
   *
   * @param images `(B, imageSize, imageSize, 3)`
   * @param input makes what else the model takes, such as the order of a mask.
   */
  forward: (scope: Scope, images: Tensor, input: Placeholder) => unknown;
  /**
   * What it makes of normalised images `(B, imageSize, imageSize, 3)`; of a pretrained model the
   * encoder alone, which sees whole images.
   */
  encode: (scope: Scope, images: Tensor) => Encoding;
}

/** A model of full size. */
export interface Architecture extends SizedModel {
  /** Pixels of a side of its images. */
  imageSize: number;
  /** The same model for images of another size. */
  atSize: (imageSize: number) => Architecture;
  /** From the names that this entry is about to the kit's; without one they are the same. */
  keyMap?: KeyMap;
  /** What somebody who looks at its numbers should know. */
  note?: string;
  /** Why its forward pass, and so its FLOPs, mean nothing. */
  broken?: string;
}

/** A model for images of a size, and of any other. */
export function architectureAt(
  imageSize: number,
  build: (imageSize: number) => SizedModel,
): Architecture {
  return {
    imageSize,
    ...build(imageSize),
    atSize: (size) => architectureAt(size, build),
  };
}

/** The same model under another project's names. */
export function named(architecture: Architecture, keyMap: KeyMap): Architecture {
  const atSize = (size: number) => named(architecture.atSize(size), keyMap);
  return { ...architecture, keyMap, atSize };
}

/** Architectures by name. */
export type Architectures = Readonly<Record<string, Architecture>>;

/**
 * A forward pass on one image that `describeParameters` and `complexity` can run.
 *
 * @example
 * ```ts
 * import { architecture, forwardOf } from "./mod.ts";
 * import { describeParameters } from "../../nn/scope.ts";
 * const { size } = describeParameters(forwardOf(architecture("clip-openai-vit-b-16")));
 * console.log(size); // 302
 * ```
 */
export function forwardOf(
  { imageSize, forward }: Architecture,
): (scope: Scope, input: Placeholder) => unknown {
  return (scope, input) =>
    forward(scope, input({ shape: [1, imageSize, imageSize, 3] }), input);
}

/** A backbone with a head for ImageNet's classes. */
export function classification(
  imageSize: number,
  backboneAt: (imageSize: number) => ClassifierBackbone,
): Architecture {
  return architectureAt(imageSize, (size) => {
    const model = { backbone: backboneAt(size), classes };
    const encode = (scope: Scope, images: Tensor): Encoding => {
      const { feature, logits } = classify(scope, images, model);
      return { features: feature, logits };
    };
    return { forward: encode, encode };
  });
}
