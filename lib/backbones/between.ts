/**
 * A look at, or a change of, a backbone's features on their way: how SimMIM and A2MIM put their mask
 * token into any architecture.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";

/**
 * Called with the feature map `(B, rows, columns, C)` at every layer where a mask token may enter;
 * the backbone goes on with what it returns. Layers are numbered as openmixup's `mask_layer`.
 */
export type Between = (map: Tensor, layer: number) => Tensor;
