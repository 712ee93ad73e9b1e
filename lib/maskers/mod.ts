/**
 * Maskers: which patches the encoder sees.
 *
 * @module
 */
export {
  beitBlockMask,
  type BeitBlockOptions,
  beitCells,
  type BlockDraws,
  blockDraws,
} from "./beit_block.ts";
export { blockCells, blockMask, type BlockMaskOptions, removedCells } from "./block.ts";
export { maskFromCells } from "./cells.ts";
export { fillMasked, fillVisibleBytes } from "./fill.ts";
export { drawMask, type Masker, type MaskRequest } from "./masker.ts";
export { keptCount, type Mask, maskFromOrder, requireMaskOf } from "./mask.ts";
export { mixMask, mixMaskFromNoise, type MixOptions } from "./mix.ts";
export { maskFromNoise, randomMask } from "./random.ts";
export { semanticMask, semanticOrder } from "./semantic.ts";
