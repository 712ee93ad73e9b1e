/**
 * What SimMIM and A2MIM, the methods for any backbone, share.
 *
 * @module
 */
import { type MapBackbone, strideOf } from "../backbones/feature_map.ts";
import type { Tensor } from "../engine/mod.ts";
import type { MethodOutput } from "./method.ts";
import type { TokenSight } from "./mask_token.ts";

/** The result of a forward pass; prediction and target are images, `(B, H, W, C)`. */
export interface MapMethodOutput extends MethodOutput {
  /** After each stage of the backbone. */
  stages: Tensor[];
  /** The map before and after the mask token. */
  token: TokenSight;
}

/**
 * Throws unless the images divide into the backbone's map.
 *
 * @throws {Error} that quotes the size and says which ones go.
 */
export function requireWholeMap(images: Tensor, backbone: MapBackbone): void {
  const stride = strideOf(backbone);
  const [, height, width] = images.shape as [number, number, number, number];
  if (height % stride === 0 && width % stride === 0) return;
  throw new Error(
    `An image of ${height}×${width} does not divide into the map of this ${backbone.kind}: ` +
      `use a size that is a multiple of ${stride}`,
  );
}
