/**
 * The Swin Transformer (Liu et al. 2021) as SimMIM and A2MIM use it, under openmixup's parameter
 * names: `patch_embed`, `stages.s.blocks.b`, `stages.s.downsample`, `norm3`.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { dropPath } from "../nn/drop_path.ts";
import { withInitialValues } from "../nn/initial_values.ts";
import {
  type Initializer,
  truncatedNormal,
  uniformByInputs,
} from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { hiddenWidth, mlp } from "../nn/mlp.ts";
import { patchEmbed } from "../nn/patch_embed.ts";
import { patchMerging } from "../nn/patch_merging.ts";
import { rematerializedBlock } from "../nn/rematerialized_block.ts";
import type { Scope } from "../nn/scope.ts";
import { shiftedWindowAttention } from "../nn/shifted_window_attention.ts";
import type { Between } from "./between.ts";

/** The shape of a Swin Transformer. */
export interface SwinConfiguration {
  /** Default: 4. */
  patchSize?: number;
  /** C, the width of the first stage; each later one is twice as wide. */
  width: number;
  /** Blocks of each stage. */
  depths: readonly number[];
  /** Of each stage. */
  heads: readonly number[];
  /** Tokens of a window's side. */
  window: number;
  /** Hidden width of the MLPs over the stage's width. Default: 4. */
  mlpRatio?: number;
  /** Of the layer norms. Default: 1e-5. */
  epsilon?: number;
  /** Of the last block; it grows linearly from 0 at the first. Default: 0. */
  dropPathRate?: number;
  /** Takes maps that are smaller than a window, as detectors do. Default: false. */
  padSmallMaps?: boolean;
}

/** Liu et al. 2021, section 3.3. */
const sizes = {
  T: { width: 96, depths: [2, 2, 6, 2], heads: [3, 6, 12, 24] },
  S: { width: 96, depths: [2, 2, 18, 2], heads: [3, 6, 12, 24] },
  B: { width: 128, depths: [2, 2, 18, 2], heads: [4, 8, 16, 32] },
  L: { width: 192, depths: [2, 2, 18, 2], heads: [6, 12, 24, 48] },
} as const;

/** Swin-T, Swin-S, Swin-B or Swin-L. */
export type SwinVariant = keyof typeof sizes;

/**
 * The configuration of a variant. Its windows are as large as the last stage's map, as published:
 * 7 at 224 pixels, 12 at 384 (Swin), 6 at 192 (SimMIM).
 *
 * @param imageSize pixels of a side of the square images.
 * @throws {Error} on an unknown name, with the known ones, and on an image size that is not a
 *   multiple of 32.
 *
 * @example
 * ```ts
 * import { swinVariant } from "./swin.ts";
 * console.log(swinVariant("T", 192).window); // 6
 * ```
 */
export function swinVariant(variant: SwinVariant, imageSize: number): SwinConfiguration {
  if (!Object.hasOwn(sizes, variant)) {
    const known = Object.keys(sizes).join(", ");
    throw new Error(`Unknown Swin "${variant}": the known ones are ${known}`);
  }
  const size = sizes[variant];
  requireWholeStages(imageSize, imageSize, size);
  return { ...size, window: imageSize / swinStride(size) };
}

type Pyramid = Pick<SwinConfiguration, "patchSize" | "depths">;

/** Pixels from one token of the last stage to the next: patch size × 2 for each merging. */
export function swinStride({ patchSize = 4, depths }: Pyramid): number {
  return patchSize * 2 ** (depths.length - 1);
}

function requireWholeStages(height: number, width: number, pyramid: Pyramid): void {
  const stride = swinStride(pyramid);
  const fits = [height, width].every((side) => side > 0 && side % stride === 0);
  if (fits) return;
  throw new Error(
    `A Swin of ${pyramid.depths.length} stages cannot halve an image of ${height}×${width} ` +
      `that often: use a size that is a multiple of ${stride}`,
  );
}

function requireWholeHeads({ width, depths, heads }: SwinConfiguration): void {
  const whole = (value: number): boolean => Number.isInteger(value) && value > 0;
  if (depths.length === 0 || depths.length !== heads.length || !depths.every(whole)) {
    throw new Error(
      `A Swin needs a number of blocks and of heads for each stage, ` +
        `got depths [${depths}] and heads [${heads}]`,
    );
  }
  heads.forEach((count, stage) => {
    const stageWidth = width * 2 ** stage;
    if (whole(count) && stageWidth % count === 0) return;
    throw new Error(
      `Stage ${stage} of the Swin is ${stageWidth} wide: ${count} heads do not divide that`,
    );
  });
}

/** What a Swin gives, by name. */
export interface SwinOutput {
  /** After the blocks of each stage, before any merging or norm, `(B, h, w, C · 2^stage)`. */
  stages: Tensor[];
  /** The last stage after its norm, `(B, h, w, C · 2^(stages - 1))`. */
  latent: Tensor;
}

/** A Swin's shape, and a look at what is inside. */
export interface SwinOptions extends SwinConfiguration {
  /** Called at layer 0, after the patch embedding, and k = 1, 2, …, before the k-th stage. */
  between?: Between;
}

// openmixup draws all linear weights from a truncated normal, and leaves the patch embedding, a
// convolution, as PyTorch starts it.
function initialValues(patchValues: number): (name: string) => Initializer | undefined {
  return (name) => {
    if (name.startsWith("patch_embed.projection.")) return uniformByInputs(patchValues);
    const linears = /\.(qkv|proj|layers\.0\.0|layers\.1|reduction)\.weight$/;
    return linears.test(name) ? truncatedNormal(0.02) : undefined;
  };
}

/** x + attention(norm(x)), then x + mlp(norm(x)), on a map `(B, h, w, C)`. */
function swinBlock(
  scope: Scope,
  map: Tensor,
  configuration: SwinConfiguration,
  place: { heads: number; shifted: boolean; dropPathRate: number },
): Tensor {
  const { window, mlpRatio = 4, epsilon = 1e-5, padSmallMaps = false } = configuration;
  const { heads, shifted, dropPathRate } = place;
  const attended = shiftedWindowAttention(
    scope.at("attn"),
    layerNorm(scope.at("norm1"), map, epsilon),
    { heads, window, shifted, padSmallMaps },
  );
  map = map.add(dropPath(scope.at("attn.drop"), attended, dropPathRate));
  const transformed = mlp(
    scope.at("ffn"),
    layerNorm(scope.at("norm2"), map, epsilon),
    {
      hidden: hiddenWidth(map.shape.at(-1)!, mlpRatio),
      names: ["layers.0.0", "layers.1"],
    },
  );
  return map.add(dropPath(scope.at("ffn.dropout_layer"), transformed, dropPathRate));
}

/**
 * Images to feature maps.
 *
 * @param images `(B, H, W, 3)`, normalised; H and W multiples of {@linkcode swinStride}.
 * @throws {Error} when the image does not divide into the stages, a map is smaller than a window, or
 *   a stage's width is not a multiple of its heads.
 *
 * @example
 * ```ts
 * import { swin, swinVariant } from "./swin.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const configuration = swinVariant("T", 192);
 * const specifications = describeParameters((scope, input) =>
 *   swin(scope, input({ shape: [1, 192, 192, 3] }), configuration)
 * );
 * console.log(specifications.get("stages.0.downsample.reduction.weight")!.shape); // [ 384, 192 ]
 * ```
 */
export function swin(
  scope: Scope,
  images: Tensor,
  options: SwinOptions,
): SwinOutput {
  const { between = (map) => map, ...configuration } = options;
  const { patchSize = 4, width, depths, heads, epsilon = 1e-5, dropPathRate = 0 } =
    configuration;
  const [batch, rows, columns, channels] = images.shape as [
    number,
    number,
    number,
    number,
  ];
  requireWholeHeads(configuration);
  requireWholeStages(rows, columns, configuration);
  const model = withInitialValues(scope, initialValues(patchSize ** 2 * channels));

  const embed = model.at("patch_embed");
  const patches = patchEmbed(embed.at("projection"), images, { patchSize, width });
  let map = layerNorm(embed.at("norm"), patches, epsilon)
    .reshape([batch, rows / patchSize, columns / patchSize, width]);
  map = between(map, 0);

  const last = depths.length - 1;
  const blocks = depths.reduce((sum, depth) => sum + depth, 0);
  const stages: Tensor[] = [];
  let before = 0;
  depths.forEach((depth, stage) => {
    const at = model.at("stages").at(stage);
    map = between(map, stage + 1);
    for (let block = 0; block < depth; block++) {
      const shape = {
        heads: heads[stage]!,
        shifted: block % 2 === 1,
        dropPathRate: blocks > 1 ? dropPathRate * (before + block) / (blocks - 1) : 0,
      };
      map = rematerializedBlock(
        at.at("blocks").at(block),
        map,
        (scope, map) => swinBlock(scope, map, configuration, shape),
      );
    }
    before += depth;
    stages.push(map);
    if (stage < last) {
      map = patchMerging(at.at("downsample"), map, { order: "mmcv", epsilon });
    }
  });
  return { stages, latent: layerNorm(model.at(`norm${last}`), map, epsilon) };
}
