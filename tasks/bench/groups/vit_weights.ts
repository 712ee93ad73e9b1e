/**
 * The ViT-B/16 classifier of the groups `load` and `inference`, with drawn weights, as a file that
 * both sides read.
 *
 * @module
 */
import { classify } from "../../../lib/methods/classification.ts";
import { vitVariant } from "../../../lib/backbones/vit.ts";
import { foldIn, random, randomKey, type Tensor, tf } from "../../../lib/engine/mod.ts";
import {
  describeParameters,
  type ParameterSpecification,
  type Scope,
} from "../../../lib/nn/scope.ts";
import { referenceAxes, referenceShape } from "../../../lib/zoo/layout.ts";
import type { Elements } from "../../../lib/zoo/mod.ts";
import type { StreamedTensor } from "../../../lib/zoo/written_tensors.ts";

/** Pixels of a side of its images. */
export const imageSize = 224;

const backbone = { kind: "vit", ...vitVariant("B/16", imageSize) } as const;

/** Normalised images `(B, 224, 224, 3)` to logits `(B, 1000)`. */
export function logitsOf(scope: Scope, images: Tensor): Tensor {
  return classify(scope, images, { backbone, classes: 1000 }).logits;
}

/** Its parameters. */
export function vitSpecifications(): Map<string, ParameterSpecification> {
  return describeParameters((scope, input) =>
    logitsOf(scope, input({ shape: [1, imageSize, imageSize, 3] }))
  );
}

/** Of the size of trained ones: norms about 1, and weights that keep activations in bounds. */
function drawn(name: string, { shape }: ParameterSpecification): Tensor {
  const normal = random.normal(foldIn(randomKey(0), name), shape);
  if (/norm.*\.weight$/.test(name)) return normal.mul(0.1).add(1);
  return normal.mul(shape.length < 2 ? 0.1 : 0.03);
}

/** What is in the file, in PyTorch's layout; each tensor is drawn when it is written. */
export function vitTensors(): [string, StreamedTensor][] {
  return [...vitSpecifications()].map(([name, specification]) => {
    const { shape, layout } = specification;
    const read = (): Elements =>
      tf.tidy(() => {
        const tensor = drawn(name, specification);
        const axes = referenceAxes(layout, shape.length);
        const moved = axes === undefined ? tensor : tf.transpose(tensor, axes);
        return moved.dataSync() as Float32Array<ArrayBuffer>;
      });
    return [name, { shape: referenceShape(shape, layout), dtype: "F32", read }];
  });
}
