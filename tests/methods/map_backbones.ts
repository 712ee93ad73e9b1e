/**
 * Backbones of every kind for SimMIM and A2MIM, small enough that a step takes milliseconds.
 *
 * @module
 */
import type { MapBackbone } from "../../lib/backbones/mod.ts";

/** Square images' side, for all of them. */
export const imageSize = 32;

/** One backbone of each kind; their widths are 16, 32, 16 and 32. */
export const tinyBackbones = {
  vit: {
    kind: "vit",
    ...{ imageSize, patchSize: 8, width: 16, depth: 2, heads: 2 },
    ...{ qkvBias: "query-value", relativePositions: true, layerScale: 0.1 },
    finalNorm: true,
  },
  resnet: {
    kind: "resnet",
    ...{ depths: [1, 1, 1, 1], stemChannels: 8, baseChannels: 2, expansion: 2 },
  },
  convnext: { kind: "convnext", depths: [1, 1, 1, 1], widths: [4, 8, 8, 16] },
  swin: {
    kind: "swin",
    ...{ width: 4, depths: [1, 2, 1, 1], heads: [1, 2, 2, 4], window: 2 },
    padSmallMaps: true,
  },
} as const satisfies Record<MapBackbone["kind"], MapBackbone>;
