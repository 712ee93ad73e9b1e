/**
 * ResNet (He et al. 2016) with basic blocks, or with bottlenecks and the stride in the 3×3
 * convolution (called v1.5), under torchvision's parameter names: `conv1`, `bn1`, `layer1.0.conv1`,
 * `layer1.0.downsample.0`.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { batchNorm } from "../nn/batch_norm.ts";
import { convolution } from "../nn/convolution.ts";
import { globalAveragePool, maxPool } from "../nn/pooling.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import type { Between } from "./between.ts";
import { resnetBlock, resnetNorm } from "./resnet_block.ts";
import {
  requireResnet,
  type ResnetConfiguration,
  resnetExpansion,
} from "./resnet_configuration.ts";

export {
  type ResnetConfiguration,
  resnetStride,
  type ResnetVariant,
  resnetVariant,
} from "./resnet_configuration.ts";

/** What a ResNet gives, by name. */
export interface ResnetOutput {
  /** After the stem and its pooling, `(B, H / 4, W / 4, stemChannels)`. */
  stem: Tensor;
  /** After each stage k, `(B, H / 2^(k + 2), W / 2^(k + 2), C)`. */
  stages: Tensor[];
  /** The mean over the last stage's pixels, `(B, C)`. */
  pooled: Tensor;
}

/** A ResNet's shape, and a look at what is inside. */
export interface ResnetOptions extends ResnetConfiguration {
  /** Called before each stage k, from 0 on, with the map that enters it. */
  between?: Between;
}

/**
 * Convolution, norm, ReLU: `(B, H, W, C)` → `(B, H / 2, W / 2, stemChannels)`, of the full size in a
 * full-size stem.
 */
export function resnetStem(
  scope: Scope,
  images: Tensor,
  configuration: ResnetConfiguration,
): Tensor {
  const { stemChannels = 64, stem = "strided" } = configuration;
  const shape = stem === "strided"
    ? { kernel: 7, stride: 2, padding: 3 }
    : { kernel: 3, padding: 1 };
  const y = convolution(scope.at("conv1"), images, {
    ...shape,
    ...{ filters: stemChannels, bias: false },
  });
  return batchNorm(scope.at("bn1"), y, resnetNorm(configuration)).relu();
}

/**
 * Images to feature maps.
 *
 * @param scope holds `conv1`, `bn1` and `layer1`, `layer2`, …
 * @param images `(B, H, W, C)`, normalised.
 * @throws {Error} when the configuration makes no ResNet, or (with `between`) the image's sides are no
 *   multiples of {@linkcode resnetStride}.
 *
 * @example
 * ```ts
 * import { resnet, resnetVariant } from "./resnet.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * describeParameters((scope, input) => {
 *   const { pooled } = resnet(scope, input({ shape: [1, 224, 224, 3] }), resnetVariant(50));
 *   console.log(pooled.shape); // [ 1, 2048 ]
 * });
 * ```
 */
export function resnet(
  scope: Scope,
  images: Tensor,
  options: ResnetOptions,
): ResnetOutput {
  const { between, ...configuration } = options;
  requireResnet(images, configuration, between !== undefined);
  const { baseChannels = 64, dropPathRate = 0, stem: kind = "strided" } = configuration;
  const expansion = resnetExpansion(configuration);
  const blockCount = configuration.depths.reduce((sum, depth) => sum + depth, 0);
  let block = 0;

  const entry = resnetStem(scope, images, configuration);
  const stem = kind === "strided"
    ? maxPool(entry, { kernel: 3, stride: 2, padding: 1 })
    : entry;
  let x = stem;
  const stages: Tensor[] = [];
  for (const [stage, depth] of configuration.depths.entries()) {
    if (between !== undefined) x = between(x, stage);
    const width = baseChannels * 2 ** stage;
    const layer = scope.at(`layer${stage + 1}`);
    for (let index = 0; index < depth; index++) {
      const shape = {
        width,
        outputs: width * expansion,
        stride: stage > 0 && index === 0 ? 2 : 1,
        dropPathRate: blockCount > 1 ? dropPathRate * block++ / (blockCount - 1) : 0,
      };
      x = rematerializedBlock(
        layer.at(index),
        x,
        (scope, x) => resnetBlock(scope, x, shape, configuration),
      );
    }
    stages.push(x);
  }
  return { stem, stages, pooled: globalAveragePool(x) };
}
