/**
 * ResNet (He et al. 2016) with bottleneck blocks and the stride in the 3×3 convolution (called v1.5),
 * under torchvision's parameter names: `conv1`, `bn1`, `layer1.0.conv1`, `layer1.0.downsample.0`.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { batchNorm, type BatchNormOptions } from "../nn/batch_norm.ts";
import { convolution } from "../nn/convolution.ts";
import { dropPath } from "../nn/drop_path.ts";
import { zeros } from "../nn/initializers.ts";
import { globalAveragePool, maxPool } from "../nn/pooling.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import type { Between } from "./between.ts";

/** The shape of a ResNet. */
export interface ResnetConfiguration {
  /** Blocks of each stage. */
  depths: readonly number[];
  /** Channels after the first convolution. Default: 64. */
  stemChannels?: number;
  /** Of the middle convolutions of the first stage; they double with each stage. Default: 64. */
  baseChannels?: number;
  /** A block's channels over those of its middle convolution. Default: 4. */
  expansion?: number;
  /** Of the last block; it grows linearly from 0 at the first. Default: 0. */
  dropPathRate?: number;
  /** Where a stage's stride is: `conv2` (v1.5), or `conv1` as in the paper. Default: `conv2`. */
  strideAt?: "conv1" | "conv2";
  /** Start every block as the identity, as openmixup does and torchvision does not. Default: true. */
  zeroInitialResidual?: boolean;
  /** Of the batch norms; the defaults are PyTorch's. */
  norm?: Pick<BatchNormOptions, "epsilon" | "momentum">;
  /** Normalise by the running statistics in training too, and leave them. Default: false. */
  frozenStatistics?: boolean;
}

/** Blocks of each stage; 200 is not in the paper (its depths are timm's and openmixup's). */
const depths = {
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
  200: [3, 24, 36, 3],
} as const;

/** The number of layers that names a ResNet. */
export type ResnetVariant = keyof typeof depths;

/**
 * The configuration of a variant.
 *
 * @throws {Error} on an unknown one, with the known ones.
 *
 * @example
 * ```ts
 * import { resnetVariant } from "./resnet.ts";
 * console.log(resnetVariant(50).depths); // [ 3, 4, 6, 3 ]
 * ```
 */
export function resnetVariant(variant: ResnetVariant): ResnetConfiguration {
  if (!Object.hasOwn(depths, variant)) {
    const known = Object.keys(depths).join(", ");
    throw new Error(`Unknown ResNet ${JSON.stringify(variant)}: there are ${known}`);
  }
  return { depths: depths[variant] };
}

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

/** Pixels of the image to one of the last stage's map: 4 in the stem, then 2 for each stage. */
export function resnetStride({ depths }: ResnetConfiguration): number {
  return 2 ** (depths.length + 1);
}

function requireWhole(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`A ResNet's ${name} must be a whole number from 1, got ${value}`);
  }
}

function requireConfiguration(
  images: Tensor,
  configuration: ResnetConfiguration,
  masked: boolean,
): void {
  const { stemChannels = 64, baseChannels = 64, expansion = 4 } = configuration;
  const { depths, dropPathRate = 0 } = configuration;
  if (depths.length === 0) throw new Error("A ResNet needs a stage: its depths are []");
  depths.forEach((depth, stage) => requireWhole(`depth of stage ${stage}`, depth));
  Object.entries({ stemChannels, baseChannels, expansion })
    .forEach(([name, value]) => requireWhole(name, value));
  if (!(dropPathRate >= 0 && dropPathRate < 1)) {
    throw new Error(`The drop path rate must be in [0, 1), got ${dropPathRate}`);
  }
  if (images.rank !== 4) {
    throw new Error(`A ResNet takes images (B, H, W, C), got [${images.shape}]`);
  }
  const [, height, width] = images.shape as [number, number, number, number];
  const stride = resnetStride(configuration);
  // Any size can be classified; a mask's cells must be whole pixels of the maps.
  if (masked && (height % stride !== 0 || width % stride !== 0)) {
    throw new Error(
      `An image of ${height}×${width} cannot be masked in a ResNet of ${depths.length} stages: ` +
        `use a size that is a multiple of ${stride}`,
    );
  }
}

function normOptions(
  { norm, frozenStatistics = false }: ResnetConfiguration,
): BatchNormOptions {
  return { ...norm, ...frozenStatistics ? { training: false } : {} };
}

/** Convolution, norm, ReLU: `(B, H, W, C)` → `(B, H / 2, W / 2, stemChannels)`. */
export function resnetStem(
  scope: Scope,
  images: Tensor,
  configuration: ResnetConfiguration,
): Tensor {
  const { stemChannels = 64 } = configuration;
  const shape = { filters: stemChannels, kernel: 7, stride: 2, padding: 3, bias: false };
  const y = convolution(scope.at("conv1"), images, shape);
  return batchNorm(scope.at("bn1"), y, normOptions(configuration)).relu();
}

interface BlockOptions {
  /** Channels of the middle convolution. */
  width: number;
  outputs: number;
  stride: number;
  dropPathRate: number;
}

/** x + (1×1, 3×3, 1×1 convolutions), then ReLU; where the shapes differ, x passes a 1×1 one too. */
function bottleneck(
  scope: Scope,
  x: Tensor,
  { width, outputs, stride, dropPathRate }: BlockOptions,
  configuration: ResnetConfiguration,
): Tensor {
  const { strideAt = "conv2", zeroInitialResidual = true } = configuration;
  const norm = normOptions(configuration);
  const strideOf = (name: "conv1" | "conv2"): number => name === strideAt ? stride : 1;

  let y = convolution(scope.at("conv1"), x, {
    ...{ filters: width, kernel: 1, stride: strideOf("conv1"), bias: false },
  });
  y = batchNorm(scope.at("bn1"), y, norm).relu();
  y = convolution(scope.at("conv2"), y, {
    ...{ filters: width, kernel: 3, stride: strideOf("conv2"), padding: 1, bias: false },
  });
  y = batchNorm(scope.at("bn2"), y, norm).relu();
  y = convolution(scope.at("conv3"), y, { filters: outputs, kernel: 1, bias: false });
  y = batchNorm(scope.at("bn3"), y, {
    ...norm,
    ...zeroInitialResidual ? { initial: zeros } : {},
  });

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
  requireConfiguration(images, configuration, between !== undefined);
  const { baseChannels = 64, expansion = 4, dropPathRate = 0 } = configuration;
  const blockCount = configuration.depths.reduce((sum, depth) => sum + depth, 0);
  let block = 0;

  const pooling = { kernel: 3, stride: 2, padding: 1 };
  const stem = maxPool(resnetStem(scope, images, configuration), pooling);
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
        (scope, x) => bottleneck(scope, x, shape, configuration),
      );
    }
    stages.push(x);
  }
  return { stem, stages, pooled: globalAveragePool(x) };
}
