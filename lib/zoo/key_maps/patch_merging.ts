/**
 * The order of the 4C values that Swin's and MixMIM's patch merging reads: the authors put four
 * neighbours of C channels one after another, column by column; mmcv's PatchMerging unfolds, so that
 * a channel's four values stand together, row by row (mmpretrain's `mixmim_to_mmpretrain.py`).
 *
 * @module
 */
import type { KeyRule } from "./key_rules.ts";
import { reorderLastAxis } from "./stored_values.ts";

/** Where mmcv keeps the value that the authors have at a place: by channel, row, column. */
function mmcvPlace(place: number, length: number): number {
  const width = length / 4;
  const [channel, neighbour] = [place % width, Math.floor(place / width)];
  const [row, column] = [neighbour % 2, Math.floor(neighbour / 2)];
  return channel * 4 + row * 2 + column;
}

/** Where the authors keep the value that mmcv has at a place. */
function officialPlace(place: number, length: number): number {
  const [channel, row, column] = [
    Math.floor(place / 4),
    Math.floor(place / 2) % 2,
    place % 2,
  ];
  return (column * 2 + row) * (length / 4) + channel;
}

const official = reorderLastAxis(mmcvPlace, 4);
const mmcv = reorderLastAxis(officialPlace, 4);

/** The rules that bring the values of a patch merging from mmcv's order to the authors'. */
export function patchMerging(from: string, to: string): KeyRule[] {
  return ["norm.weight", "norm.bias", "reduction.weight"].map((name) => ({
    kind: "change",
    from: `${from}.${name}`,
    to: `${to}.${name}`,
    apply: official,
    undo: mmcv,
  }));
}
