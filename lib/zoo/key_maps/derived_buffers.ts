/**
 * What checkpoints hold besides parameters: tables that follow from the configuration.
 *
 * @module
 */

/**
 * A name as it is, or undefined for a buffer that the kit computes (`relativePositionIndex`): a `rename` for
 * `loadParameters`.
 *
 * @example
 * ```ts
 * import { withoutDerivedBuffers } from "./derived_buffers.ts";
 * console.log(withoutDerivedBuffers("layers.0.attn.relative_position_index")); // undefined
 * console.log(withoutDerivedBuffers("norm.weight")); // "norm.weight"
 * ```
 */
export function withoutDerivedBuffers(name: string): string | undefined {
  return name.endsWith("relative_position_index") ? undefined : name;
}
