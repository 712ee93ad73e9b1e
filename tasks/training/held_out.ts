/**
 * Images for tests where a data set comes without any: a part of each class.
 *
 * @module
 */
import { type ImageSource, subsetOf } from "../../lib/data/mod.ts";

// A tenth: of each class every tenth picture, of fewer than ten the last.
const every = 10;

/**
 * Which pictures are held back: a tenth of each class, of small classes one; a class of one picture
 * keeps it.
 */
export function heldOutIndices(labels: ArrayLike<number>): Set<number> {
  const ofClass = new Map<number, number[]>();
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    const known = ofClass.get(label);
    if (known === undefined) ofClass.set(label, [index]);
    else known.push(index);
  }
  const held = new Set<number>();
  for (const indices of ofClass.values()) {
    for (let k = every - 1; k < indices.length; k += every) held.add(indices[k]!);
    if (indices.length > 1 && indices.length < every) held.add(indices.at(-1)!);
  }
  return held;
}

/**
 * Pictures to learn from and pictures to be tested on, all of one source, if it has labels, or captions
 * by which pictures can be found.
 */
export function withHeldOut(
  all: ImageSource,
  say: (sentence: string) => void,
): { train: ImageSource; test?: ImageSource } {
  const { classNames = ["all"], captions } = all;
  if (all.labels === undefined && captions === undefined) return { train: all };
  const labels = all.labels ?? new Int32Array(all.length);
  const held = heldOutIndices(labels);
  if (held.size === 0) return { train: all };
  const kept: number[] = [];
  for (let index = 0; index < all.length; index++) if (!held.has(index)) kept.push(index);
  const counts = new Array<number>(classNames.length).fill(0);
  for (const index of held) counts[labels[index]!]!++;
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const each = least === most ? `${least}` : `${least} to ${most}`;
  const shares = all.labels === undefined
    ? ""
    : `, a tenth of each of ${classNames.length} classes (${each} of a class)`;
  say(
    `${all.name} has no pictures for tests: ${held.size} of its ${all.length} are held ` +
      `back${shares}; --val names others`,
  );
  return {
    train: subsetOf(all, kept, "nine-tenths"),
    test: subsetOf(all, [...held].sort((a, b) => a - b), "held-out"),
  };
}
