/**
 * What checkpoints hold besides parameters: tables that follow from the configuration.
 *
 * @module
 */
import {
  relativePositionIndex,
  relativePositionIndexWithClass,
} from "../../nn/window_tables.ts";
import type { StoredTensor } from "../element_types.ts";
import type { KeyRule } from "./key_rules.ts";

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

const known = new Map<string, StoredTensor>();

/** A square table of indices in PyTorch's type for them; all blocks of a stage share one. */
function indexBuffer(name: string, makeIndex: () => Int32Array): StoredTensor {
  const found = known.get(name);
  if (found !== undefined) return found;
  const index = makeIndex();
  const side = Math.sqrt(index.length);
  const data = BigInt64Array.from(index, BigInt);
  const buffer: StoredTensor = { shape: [side, side], dtype: "I64", data };
  known.set(name, buffer);
  return buffer;
}

// Swin V2 has 24; the index of all pairs has w⁴ entries, and a file may claim any w.
const widestWindow = 64;

/**
 * The side of a square window whose table of relative positions has `rows` rows: (2w − 1)² and `extra`.
 *
 * @throws {Error} when there is none.
 *
 * @example
 * ```ts
 * import { windowOfTable } from "./derived_buffers.ts";
 * console.log(windowOfTable(169), windowOfTable(732, 3)); // 7 14
 * ```
 */
export function windowOfTable(rows: number | undefined, extra = 0): number {
  if (rows === 0) return 0; // tensors of nothing, where the names alone matter
  const window = (Math.sqrt((rows ?? NaN) - extra) + 1) / 2;
  if (Number.isInteger(window) && window <= widestWindow) return window;
  throw new Error(
    `A table of ${
      rows ?? "no"
    } relative positions is of no square window: it should have ` +
      `(2w − 1)²${extra === 0 ? "" : ` + ${extra}`} rows, with w up to ${widestWindow}`,
  );
}

/**
 * The rule for the `relative_position_index` beside a bias table of windows (Swin, MixMIM).
 *
 * @param from where the attention is in the other project, and `of` where it is in the kit.
 */
export function windowIndex(from: string, of: string): KeyRule {
  return {
    kind: "derived",
    from: `${from}.relative_position_index`,
    of: `${of}.relative_position_bias_table`,
    make([rows]) {
      const window = windowOfTable(rows!);
      return indexBuffer(`${window}`, () => relativePositionIndex(window));
    },
  };
}

/** The rule for the `relative_position_index` beside BEiT's bias table, which knows a class token. */
export function windowIndexWithClass(from: string, of: string): KeyRule {
  return {
    kind: "derived",
    from: `${from}.relative_position_index`,
    of: `${of}.relative_position_bias_table`,
    make([rows]) {
      const side = windowOfTable(rows!, 3);
      return indexBuffer(
        `${side}, class token`,
        () => relativePositionIndexWithClass([side, side]),
      );
    },
  };
}
