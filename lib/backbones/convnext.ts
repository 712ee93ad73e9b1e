/**
 * ConvNeXt (Liu et al. 2022): a ResNet brought up to date with what made transformers good. Under
 * openmixup's parameter names: `downsample_layers.i`, `stages.i.j`, `norm3`.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { depthwiseConvolution } from "../nn/depthwise_convolution.ts";
import { dropPath } from "../nn/drop_path.ts";
import { withInitialValues } from "../nn/initial_values.ts";
import { constant, type Initializer, truncatedNormal } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { hiddenWidth, mlp } from "../nn/mlp.ts";
import { patchEmbed } from "../nn/patch_embed.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import type { Between } from "./between.ts";
import {
  type ConvNextConfiguration,
  requireConvNextInputs,
} from "./convnext_configuration.ts";

export {
  type ConvNextConfiguration,
  convNextStride,
  type ConvNextVariant,
  convNextVariant,
} from "./convnext_configuration.ts";

/** A ConvNeXt's shape, and a look at what is inside. */
export interface ConvNextOptions extends ConvNextConfiguration {
  /** Layer k: the map after downsampling layer k, before stage k. */
  between?: Between;
}

/** What a ConvNeXt gives, by name. */
export interface ConvNextOutput {
  /** After each stage, before any norm: `(B, h, w, C)`. */
  stages: Tensor[];
  /** The last stage after the final norm, `(B, h, w, C)`, or its mean so, `(B, C)`. */
  latent: Tensor;
}

/** The filters of the paper's section 2.4. */
const filterSize = 7;

/** The original code starts every convolution and linear layer so, and only norms at one. */
function initialValue(name: string): Initializer | undefined {
  const isNorm = /(^downsample_layers\.(0\.1|[^0]\d*\.0)|norm\d*)\.weight$/.test(name);
  return name.endsWith(".weight") && !isNorm ? truncatedNormal(0.02) : undefined;
}

/** Downsampling: cuts a map into patches and embeds each, `(B, h, w, C)` → `(B, h/P, w/P, D)`. */
function embedded(scope: Scope, map: Tensor, patchSize: number, width: number): Tensor {
  const [batch, rows, columns] = map.shape as [number, number, number, number];
  return patchEmbed(scope, map, { patchSize, width })
    .reshape([batch, rows / patchSize, columns / patchSize, width]);
}

/** Before stage k: a 4×4 convolution and a norm for the first, a norm and a 2×2 one for others. */
function downsample(
  scope: Scope,
  map: Tensor,
  stage: number,
  { stemSize = 4, widths, epsilon = 1e-6 }: ConvNextConfiguration,
): Tensor {
  const width = widths[stage]!;
  return stage === 0
    ? layerNorm(scope.at(1), embedded(scope.at(0), map, stemSize, width), epsilon)
    : embedded(scope.at(1), layerNorm(scope.at(0), map, epsilon), 2, width);
}

/** x + gamma · mlp(norm(depthwise(x))): `(B, h, w, C)` → `(B, h, w, C)`. */
function block(
  scope: Scope,
  x: Tensor,
  dropPathRate: number,
  { epsilon = 1e-6, mlpRatio = 4, layerScale = 1e-6 }: ConvNextConfiguration,
): Tensor {
  const width = x.shape[3]!;
  const mixed = depthwiseConvolution(scope.at("depthwise_conv"), x, { size: filterSize });
  const branch = mlp(scope, layerNorm(scope.at("norm"), mixed, epsilon), {
    hidden: hiddenWidth(width, mlpRatio),
    names: ["pointwise_conv1", "pointwise_conv2"],
  });
  if (layerScale === 0) return x.add(dropPath(scope, branch, dropPathRate));
  const gamma = scope.parameter("gamma", [width], { initial: constant(layerScale) });
  return x.add(dropPath(scope, branch.mul(gamma), dropPathRate));
}

/**
 * Images to maps.
 *
 * On a CPU it is several times faster as a TensorFlow graph than under XLA, whose convolutions and
 * their gradients are slow there; `jit` chooses so by itself.
 *
 * @param images `(B, H, W, C)`, normalised; H and W multiples of 32.
 * @throws {Error} before anything is computed, when the images are of another size.
 *
 * @example
 * ```ts
 * import { convNext, convNextVariant } from "./convnext.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   convNext(scope, input({ shape: [1, 224, 224, 3] }), convNextVariant("T"))
 * );
 * console.log(specifications.get("stages.3.2.depthwise_conv.weight")!.shape); // [ 7, 7, 768, 1 ]
 * ```
 */
export function convNext(
  root: Scope,
  images: Tensor,
  options: ConvNextOptions,
): ConvNextOutput {
  requireConvNextInputs(images, options);
  const { depths, epsilon = 1e-6, dropPathRate = 0, between = (map) => map } = options;
  const scope = withInitialValues(root, initialValue);
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  const stages: Tensor[] = [];
  let map = images;
  let before = 0;
  for (const [stage, depth] of depths.entries()) {
    map = downsample(scope.at("downsample_layers").at(stage), map, stage, options);
    map = between(map, stage);
    for (let index = 0; index < depth; index++) {
      const rate = blocks > 1 ? dropPathRate * (before + index) / (blocks - 1) : 0;
      const own = scope.at("stages").at(stage).at(index);
      map = rematerializedBlock(
        own,
        map,
        (scope, map) => block(scope, map, rate, options),
      );
    }
    before += depth;
    stages.push(map);
  }
  const last = options.gapBeforeFinalNorm ? map.mean([1, 2]) : map;
  const latent = layerNorm(scope.at(`norm${depths.length - 1}`), last, epsilon);
  return { stages, latent };
}
