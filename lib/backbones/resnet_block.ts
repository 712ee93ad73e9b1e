/**
 * The blocks of ResNets: bottlenecks and, in ResNet-18 and 34, pairs of 3×3 convolutions.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { batchNorm, type BatchNormOptions } from "../nn/batch_norm.ts";
import { convolution, type ConvolutionOptions } from "../nn/convolution.ts";
import { dropPath } from "../nn/drop_path.ts";
import { zeros } from "../nn/initializers.ts";
import type { Scope } from "../nn/scope.ts";
import type { ResnetConfiguration } from "./resnet_configuration.ts";

/** One block's part in a ResNet. */
export interface ResnetBlock {
  /** Channels of the middle convolution. */
  width: number;
  outputs: number;
  stride: number;
  dropPathRate: number;
}

/** What a ResNet asks of its batch norms. */
export function resnetNorm(
  { norm, frozenStatistics = false }: ResnetConfiguration,
): BatchNormOptions {
  return { ...norm, ...frozenStatistics ? { training: false } : {} };
}

/** The convolutions of a block, in order. */
function convolutionsOf(
  { width, outputs, stride }: ResnetBlock,
  { block = "bottleneck", strideAt = "conv2" }: ResnetConfiguration,
): ConvolutionOptions[] {
  const wide = { kernel: 3, padding: 1, bias: false };
  if (block === "basic") {
    return [{ ...wide, filters: width, stride }, { ...wide, filters: outputs }];
  }
  const strideOf = (name: "conv1" | "conv2"): number => name === strideAt ? stride : 1;
  return [
    { filters: width, kernel: 1, stride: strideOf("conv1"), bias: false },
    { ...wide, filters: width, stride: strideOf("conv2") },
    { filters: outputs, kernel: 1, bias: false },
  ];
}

/** x + (its convolutions), then ReLU; where the shapes differ, x passes a 1×1 convolution too. */
export function resnetBlock(
  scope: Scope,
  x: Tensor,
  shape: ResnetBlock,
  configuration: ResnetConfiguration,
): Tensor {
  const { outputs, stride, dropPathRate } = shape;
  const { zeroInitialResidual = true } = configuration;
  const norm = resnetNorm(configuration);
  const convolutions = convolutionsOf(shape, configuration);

  let y = x;
  for (const [index, options] of convolutions.entries()) {
    const last = index === convolutions.length - 1;
    y = convolution(scope.at(`conv${index + 1}`), y, options);
    y = batchNorm(scope.at(`bn${index + 1}`), y, {
      ...norm,
      ...last && zeroInitialResidual ? { initial: zeros } : {},
    });
    if (!last) y = y.relu();
  }

  let identity = x;
  if (stride !== 1 || x.shape[3] !== outputs) {
    const downsample = scope.at("downsample");
    const projection = { filters: outputs, kernel: 1, stride, bias: false };
    identity = convolution(downsample.at(0), x, projection);
    identity = batchNorm(downsample.at(1), identity, norm);
  }
  y = dropPath(scope.at("drop_path"), y, dropPathRate);
  return y.add(identity).relu();
}
