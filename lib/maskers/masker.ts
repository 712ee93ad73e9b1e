/**
 * Maskers as plain data, so that a recipe can name one and any method can use it.
 *
 * @module
 */
import { type Key, type Tensor, tf } from "../engine/mod.ts";
import { blockMask } from "./block.ts";
import type { Mask } from "./mask.ts";
import { mixMask } from "./mix.ts";
import { randomMask } from "./random.ts";
import { semanticMask } from "./semantic.ts";

/** Which patches are removed, and how many of them. */
export type Masker =
  /** Any patch is as likely as any other (MAE). */
  | { kind: "random"; maskRatio: number }
  /** What the teacher looks at is kept more often (MILAN). */
  | { kind: "semantic"; maskRatio: number }
  /** Squares of `cell` × `cell` patches (SimMIM, A2MIM). */
  | { kind: "block"; maskRatio: number; cell: number }
  /** One random mask for the whole batch (MixMIM). */
  | { kind: "mix"; maskRatio: number };

/** What a mask is drawn for. */
export interface MaskRequest {
  batch: number;
  /** Patches from top to bottom. */
  rows: number;
  columns: number;
  /** For semantic masks: attention of the teacher's class token to each patch, `(B, N)`. */
  importance?: Tensor;
}

function importanceOf({ importance, batch, rows, columns }: MaskRequest): Tensor {
  if (importance === undefined) {
    throw new Error(
      "A semantic masker needs a teacher that tells the importance of each patch: use one, or " +
        'a masker of kind "random", "block" or "mix"',
    );
  }
  const [given, length] = importance.shape as [number, number];
  if (given !== batch || length !== rows * columns) {
    throw new Error(
      `The teacher tells the importance of [${importance.shape}] patches, the masks are for ` +
        `[${batch},${rows * columns}]: give teacher and student the same grid of patches`,
    );
  }
  return importance;
}

function forWholeBatch(mask: Mask, batch: number): Mask {
  const repeated = (tensor: Tensor): Tensor => tf.tile(tensor, [batch, 1]);
  return {
    visible: repeated(mask.visible),
    removed: repeated(mask.removed),
    restore: repeated(mask.restore),
    mask: repeated(mask.mask),
  };
}

/**
 * Draws masks for a batch.
 *
 * @throws {Error} when the ratio is not in (0, 1), or the masker needs what the request lacks.
 *
 * @example
 * ```ts
 * import { drawMask } from "./masker.ts";
 * import { randomKey } from "../engine/mod.ts";
 * const masker = { kind: "block", maskRatio: 0.6, cell: 2 } as const;
 * const { mask } = drawMask(masker, randomKey(0), { batch: 2, rows: 14, columns: 14 });
 * console.log(mask.shape); // [ 2, 196 ]
 * ```
 */
export function drawMask(masker: Masker, key: Key, request: MaskRequest): Mask {
  const { batch, rows, columns } = request;
  const { maskRatio } = masker;
  switch (masker.kind) {
    case "random":
      return randomMask(key, { batch, length: rows * columns, maskRatio });
    case "semantic":
      return semanticMask(key, importanceOf(request), maskRatio);
    case "block":
      return blockMask(key, { batch, rows, columns, maskRatio, cell: masker.cell });
    case "mix":
      return forWholeBatch(mixMask(key, { length: rows * columns, maskRatio }), batch);
  }
}
