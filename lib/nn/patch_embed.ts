/**
 * Cutting images into patches, and embedding them.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { xavierUniform, zeros } from "./initializers.ts";
import { product } from "./linear.ts";
import type { Scope } from "./scope.ts";

/** Throws unless the image can be cut into whole patches. */
export function requireWholePatches(
  height: number,
  width: number,
  patchSize: number,
): void {
  if (height % patchSize !== 0 || width % patchSize !== 0) {
    throw new Error(
      `An image of ${height}×${width} cannot be cut into patches of ${patchSize}: ` +
        `use a size that is a multiple of ${patchSize}`,
    );
  }
}

/**
 * Cuts images into flattened patches: `(B, H, W, C)` → `(B, N, P·P·C)`, row by row; within a patch
 * the order is row, column, channel (MAE's `patchify`).
 *
 * @example
 * ```ts
 * import { patchify } from "./patch_embed.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(patchify(tf.zeros([2, 8, 8, 3]), 4).shape); // [ 2, 4, 48 ]
 * ```
 */
export function patchify(images: Tensor, patchSize: number): Tensor {
  const [batch, height, width, channels] = images.shape as [
    number,
    number,
    number,
    number,
  ];
  requireWholePatches(height, width, patchSize);
  const rows = height / patchSize;
  const columns = width / patchSize;
  return images
    .reshape([batch, rows, patchSize, columns, patchSize * channels])
    .transpose([0, 1, 3, 2, 4]) // (B, rows, columns, P, P·C)
    .reshape([batch, rows * columns, patchSize * patchSize * channels]);
}

/** The inverse of {@linkcode patchify}: `(B, N, P·P·C)` → `(B, H, W, C)`, for a given grid. */
export function unpatchify(
  patches: Tensor,
  { rows, columns, patchSize }: { rows: number; columns: number; patchSize: number },
): Tensor {
  const [batch, , values] = patches.shape as [number, number, number];
  const channels = values / (patchSize * patchSize);
  return patches
    .reshape([batch, rows, columns, patchSize, patchSize * channels])
    .transpose([0, 1, 3, 2, 4])
    .reshape([batch, rows * patchSize, columns * patchSize, channels]);
}

/** Options of {@linkcode patchEmbed}. */
export interface PatchEmbedOptions {
  patchSize: number;
  /** D */
  width: number;
  /** Default: true; CLIP has none. */
  bias?: boolean;
}

/**
 * Embeds patches by a convolution with stride = kernel = patch size, done as one matrix product:
 * `(B, H, W, C)` → `(B, N, D)`.
 *
 * @param scope holds `weight` `[P, P, C, D]` (HWIO) and `bias` `[D]`.
 *
 * @example
 * ```ts
 * import { patchEmbed } from "./patch_embed.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   patchEmbed(scope.at("proj"), input({ shape: [1, 8, 8, 3] }), { patchSize: 4, width: 16 })
 * );
 * console.log(specifications.get("proj.weight")!.shape); // [ 4, 4, 3, 16 ]
 * ```
 */
export function patchEmbed(
  scope: Scope,
  images: Tensor,
  { patchSize, width, bias = true }: PatchEmbedOptions,
): Tensor {
  const channels = images.shape.at(-1)!;
  // MAE initialises the convolution like a linear layer, which is what it is.
  const weight = scope.parameter("weight", [patchSize, patchSize, channels, width], {
    initial: xavierUniform,
    layout: "convolution",
  });
  const patches = patchify(images, patchSize);
  const embedded = product(patches, weight.reshape([-1, width]));
  return bias
    ? embedded.add(scope.parameter("bias", [width], { initial: zeros }))
    : embedded;
}
