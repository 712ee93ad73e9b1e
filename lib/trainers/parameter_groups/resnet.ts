/**
 * Layers of a ResNet as mmpretrain's fine-tuning counts them: the second and third stages are cut
 * into groups of blocks.
 *
 * @module
 */
import type { LayerPosition } from "./groups.ts";

/** Blocks of a layer in the second and third stages, by the stages' depths. */
const blocksPerLayer: Readonly<Record<string, readonly [number, number]>> = {
  "3,4,6,3": [2, 3], // ResNet-50
  "3,4,23,3": [2, 3], // ResNet-101
  "3,8,36,3": [4, 4], // ResNet-152
  "3,24,36,3": [4, 4], // ResNet-200
};

/**
 * The layer of a parameter of the backbone.
 *
 * @param name without the prefix "backbone."; undefined for what follows the backbone.
 * @param depths blocks in each of the four stages.
 * @throws {Error} that lists the depths that there is a rule for.
 */
export function resnetLayer(
  name: string | undefined,
  depths: readonly number[],
): LayerPosition {
  const grouping = blocksPerLayer[depths.join()];
  if (grouping === undefined) {
    throw new Error(
      `Layer-wise decay has no rule for a ResNet with [${depths}] blocks; it has for ` +
        Object.keys(blocksPerLayer).map((known) => `[${known}]`).join(", "),
    );
  }
  const [second, third] = grouping;
  const inSecond = Math.ceil(depths[1]! / second);
  const top = 2 + inSecond + Math.ceil(depths[2]! / third);
  const at = (layer: number): LayerPosition => ({ layer, last: top + 1 });
  if (name === undefined) return at(top + 1);
  const [, stage, block] = /^layer(\d+)\.(\d+)\./.exec(name) ?? [];
  switch (stage) {
    case undefined: // the stem
      return at(0);
    case "1":
      return at(1);
    case "2":
      return at(2 + Math.floor(Number(block) / second));
    case "3":
      return at(2 + inSecond + Math.floor(Number(block) / third));
    default:
      return at(top);
  }
}
