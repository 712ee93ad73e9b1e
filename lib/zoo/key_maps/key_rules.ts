/**
 * What a key map is made of: rules for how the tensors of a checkpoint go over from one project's
 * names to another's. A list of them reads in both directions.
 *
 * In a name `*` stands for anything without a dot and `**` for anything; the wildcards of the one
 * name are those of the other, in their order.
 *
 * @module
 */
import type { StoredTensor } from "../element_types.ts";

/** A change of a tensor that keeps what it means: another order of its values, axes of length 1. */
export interface ValueChange {
  /** @throws {Error} when a tensor of this shape cannot be changed so. */
  shape(shape: readonly number[]): number[];
  /** @param name of the tensor, for messages. */
  values(tensor: StoredTensor, name: string): StoredTensor;
}

/** Makes a buffer from the shape of the tensor that it goes with. */
export type MakeBuffer = (shape: readonly number[]) => StoredTensor;

/** How one kind of tensor goes over. */
export type KeyRule =
  | { kind: "rename"; from: string; to: string }
  /** A matrix that the other project stores transposed. */
  | { kind: "transpose"; from: string; to: string }
  /** Several tensors that the other project stores as one, along the first axis. */
  | { kind: "join"; from: readonly string[]; to: string }
  /** One tensor that the other project stores as several of equal size. */
  | { kind: "split"; from: string; to: readonly string[] }
  /** A tensor that the other project stores in another way. */
  | { kind: "change"; from: string; to: string; apply: ValueChange; undo: ValueChange }
  /** A tensor that the other project does not have. */
  | { kind: "drop"; from: string }
  /**
   * A buffer that the other project does not have, for it follows from another tensor: `of` is that
   * tensor's name there. It is left out, and made on the way back.
   */
  | { kind: "derived"; from: string; of: string; make: MakeBuffer }
  /** The inverse of `derived`: beside a tensor `of` of this project the other has a buffer `to`. */
  | { kind: "make"; of: string; to: string; make: MakeBuffer };

/** The rule that renames. */
export function rename(from: string, to: string): KeyRule {
  return { kind: "rename", from, to };
}

/** From one project's names to another's. */
export interface KeyMap {
  /** Whose names it reads, for messages. */
  from: string;
  /** Whose names it writes. */
  to: string;
  rules: readonly KeyRule[];
}

function reverseRule(rule: KeyRule): KeyRule[] {
  switch (rule.kind) {
    case "rename":
    case "transpose":
      return [{ kind: rule.kind, from: rule.to, to: rule.from }];
    case "join":
      return [{ kind: "split", from: rule.to, to: rule.from }];
    case "split":
      return [{ kind: "join", from: rule.to, to: rule.from }];
    case "change": {
      const { from, to, apply, undo } = rule;
      return [{ kind: "change", from: to, to: from, apply: undo, undo: apply }];
    }
    case "drop":
      return [];
    case "derived":
      return [{ kind: "make", of: rule.of, to: rule.from, make: rule.make }];
    case "make":
      return [{ kind: "derived", from: rule.to, of: rule.of, make: rule.make }];
  }
}

/**
 * The map in the other direction. What a map drops does not come back; derived buffers are made.
 *
 * @example
 * ```ts
 * import { applyKeyMap, rename, reverseKeyMap } from "./key_map.ts";
 * const map = { from: "A", to: "B", rules: [rename("ln*.bias", "norm*.bias")] };
 * const bias = { shape: [1], dtype: "F32" as const, data: new Float32Array(1) };
 * const back = applyKeyMap(reverseKeyMap(map), new Map([["norm1.bias", bias]]));
 * console.log([...back.keys()]); // [ "ln1.bias" ]
 * ```
 */
export function reverseKeyMap({ from, to, rules }: KeyMap): KeyMap {
  return { from: to, to: from, rules: rules.flatMap(reverseRule) };
}
