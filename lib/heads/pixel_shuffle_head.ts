/**
 * The head of SimMIM (Xie et al. 2022, section 3.3) and A2MIM: one linear layer per cell of the last
 * map predicts all of the cell's pixels.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { truncatedNormal, zeros } from "../nn/initializers.ts";
import { product } from "../nn/linear.ts";
import { unpatchify } from "../nn/patch_embed.ts";
import type { Scope } from "../nn/scope.ts";

/** Options of {@linkcode pixelShuffleHead}. */
export interface PixelShuffleOptions {
  /** Pixels of a cell's side: the backbone's stride. */
  stride: number;
  /** Colour channels. Default: 3. */
  channels?: number;
}

/**
 * A map to images, `(B, h, w, D)` → `(B, h·stride, w·stride, C)`.
 *
 * @param scope of a 1 × 1 convolution, `weight` and `bias`, whose output `c · stride² + row · stride +
 *   column` is a pixel of channel c (PyTorch's PixelShuffle).
 *
 * @example
 * ```ts
 * import { pixelShuffleHead } from "./pixel_shuffle_head.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   pixelShuffleHead(scope.at("decoder.0"), input({ shape: [1, 7, 7, 2048] }), { stride: 32 })
 * );
 * console.log(specifications.get("decoder.0.weight")!.shape); // [ 1, 1, 2048, 3072 ]
 * ```
 */
export function pixelShuffleHead(
  scope: Scope,
  map: Tensor,
  { stride, channels = 3 }: PixelShuffleOptions,
): Tensor {
  const [batch, rows, columns, width] = map.shape as [number, number, number, number];
  const outputs = channels * stride * stride;
  const weight = scope.parameter("weight", [1, 1, width, outputs], {
    initial: truncatedNormal(0.02),
    layout: "convolution",
  });
  const bias = scope.parameter("bias", [outputs], { initial: zeros });
  const pixels = product(map.reshape([-1, width]), weight.reshape([width, outputs]))
    .add(bias)
    // Channels last first: with them innermost, the shuffle moves whole rows of pixels.
    .reshape([-1, channels, stride * stride])
    .transpose([0, 2, 1])
    .reshape([batch, rows * columns, outputs]);
  return unpatchify(pixels, { rows, columns, patchSize: stride });
}
