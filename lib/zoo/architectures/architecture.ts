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

/** A model of full size. */
export interface Architecture {
  /** Pixels of a side of its images. */
  imageSize: number;
  /**
   * One forward pass, at evaluation.
   *
   * @param images `(B, imageSize, imageSize, 3)`
   * @param input makes what else the model takes, such as the order of a mask.
   */
  forward: (scope: Scope, images: Tensor, input: Placeholder) => unknown;
  /** From the names that this entry is about to the kit's; without one they are the same. */
  keyMap?: KeyMap;
  /** What somebody who looks at its numbers should know. */
  note?: string;
  /** Why its forward pass, and so its FLOPs, mean nothing. */
  broken?: string;
}

/** The same model under another project's names. */
export function named(architecture: Architecture, keyMap: KeyMap): Architecture {
  return { ...architecture, keyMap };
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
  backbone: ClassifierBackbone,
  imageSize: number,
): Architecture {
  return {
    imageSize,
    forward: (scope, images) => classify(scope, images, { backbone, classes }),
  };
}
