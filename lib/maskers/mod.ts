/**
 * Maskers: which patches the encoder sees.
 *
 * @module
 */
export { keptCount, type Mask, maskFromOrder } from "./mask.ts";
export { maskFromNoise, randomMask } from "./random.ts";
export { semanticMask, semanticOrder } from "./semantic.ts";
