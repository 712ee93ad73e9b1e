/**
 * Layers of a ConvNeXt as fine-tuning counts them (BEiT's rule; mmpretrain and openmixup share it):
 * three blocks of the long third stage are a layer, every other stage is one.
 *
 * @module
 */
import type { LayerPosition } from "./groups.ts";

/** A third stage of more blocks than this is cut into twelve layers, else into six. */
const longStage = 9;

/**
 * The layer of a parameter of the backbone.
 *
 * @param name without the prefix "backbone."; undefined for what follows the backbone.
 * @param depths blocks in each of the four stages.
 */
export function convnextLayer(
  name: string | undefined,
  depths: readonly number[],
): LayerPosition {
  const top = depths.at(-2)! > longStage ? 12 : 6;
  const at = (layer: number): LayerPosition => ({ layer, last: top + 1 });
  const [, kind, stage, block] =
    /^(downsample_layers|stages)\.(\d+)\.(\d+)/.exec(name ?? "") ?? [];
  if (kind === undefined) return at(top + 1);
  switch (Number(stage)) {
    case 0:
      return at(kind === "stages" ? 1 : 0);
    case 1:
      return at(2);
    case 2:
      return at(kind === "stages" ? 3 + Math.floor(Number(block) / 3) : 3);
    default:
      return at(top);
  }
}
