/**
 * What checkpoints of a Swin Transformer hold besides its parameters, and the kit computes: they follow
 * from the sizes of the windows and maps.
 *
 * @module
 */
import { shiftMask } from "../../nn/window_tables.ts";
import type { StoredTensor } from "../element_types.ts";
import { windowOfTable } from "./derived_buffers.ts";
import type { KeyRule } from "./key_rules.ts";
import { upTo } from "./scheme.ts";

/** Blocks of each stage. */
export type Depths = readonly number[];

/** Which tokens of shifted windows see each other, `[windows, w², w²]`: 0, or -100 where not. */
function windowMask(window: number, windowsOfSide: number): StoredTensor {
  const side = window * windowsOfSide;
  const grid = { rows: side, columns: side, window, shift: Math.floor(window / 2) };
  const tokens = window * window;
  return {
    shape: [windowsOfSide * windowsOfSide, tokens, tokens],
    dtype: "F32",
    data: shiftMask(grid),
  };
}

/**
 * The masks that the authors' code saves with each second block of all stages but the last, whose map
 * is one window: that is so in all Swins that they and SimMIM published.
 *
 * @param from their name of the stages.
 * @param to the kit's.
 */
export function windowMasks(from: string, to: string, depths: Depths): KeyRule[] {
  const last = depths.length - 1;
  return depths.slice(0, last).flatMap((depth, stage) =>
    upTo(depth).filter((block) => block % 2 === 1).map((block): KeyRule => ({
      kind: "derived",
      from: `${from}.${stage}.blocks.${block}.attn_mask`,
      of: `${to}.${stage}.blocks.${block}.attn.w_msa.relative_position_bias_table`,
      make: ([rows]) => windowMask(windowOfTable(rows!), 2 ** (last - stage)),
    }))
  );
}
