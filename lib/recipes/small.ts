/**
 * Recipes for the data in the box: minutes on two cores, for images of 28 pixels
 * (Fashion-MNIST) and of 64 (emoji).
 *
 * @module
 */
import type { ContrastiveBody, PretrainBody, RecipeBody } from "./derive.ts";
import type { BackboneSection } from "./model.ts";
import type { DataSection } from "./data.ts";
import { smallSupervised } from "./small_supervised.ts";

/** Pixels of a side of the images that there are small recipes for. */
export type SmallSize = 28 | 64;

/** Pixels of a patch's side: 7 × 7 or 8 × 8 patches, as in the quickstart. */
const patches = { 28: 4, 64: 8 } as const;

function dataOf(side: SmallSize, imageSize: number = side): DataSection {
  return {
    dataset: side === 28 ? "fashion-mnist" : "emoji",
    imageSize,
    transform: {
      crop: { kind: "shift", pixels: side === 28 ? 2 : 4 },
      flip: side === 28 ? 0.5 : 0, // "leftwards" is the name of an emoji
    },
    evaluation: { resize: imageSize, crop: imageSize, interpolation: "bicubic" },
    repeats: 1,
  };
}

/** What the small recipes for pretraining share; the numbers are the quickstart's. */
function pretraining(
  side: SmallSize,
  parts: Pick<PretrainBody, "model" | "masker" | "teacher"> & { imageSize?: number },
): PretrainBody {
  const { imageSize = side, ...methodParts } = parts;
  return {
    task: "pretrain",
    data: dataOf(side, imageSize),
    ...methodParts,
    optimizer: {
      kind: "adamw",
      lr: 1e-3,
      lrForBatch: 64,
      betas: [0.9, 0.95],
      epsilon: 1e-8,
      weightDecay: 0.05,
    },
    groups: { kind: "mae" },
    schedule: { kind: "cosine", warmupEpochs: 0.1, minimum: 0 },
    epochs: 1,
    steps: 900,
    batch: { total: 64, micro: 64 },
    precision: "float32",
    evaluation: { neighboursEveryEpochs: 0 },
  };
}

const decoder = { width: 64, depth: 1, heads: 2 };

function vit(side: SmallSize): BackboneSection & { kind: "vit" } {
  return { kind: "vit", variant: `tiny/${patches[side]}` };
}

/** The same network where all of its patches are seen: MAE has norm and fixed positions by itself. */
function mapVit(side: SmallSize): BackboneSection {
  return { ...vit(side), finalNorm: true, positions: "fixed" };
}

/** A2MIM's losses: those of ViTs, and those of convolutional networks. */
const losses = {
  vit: {
    regression: { kind: "l1" },
    unmaskWeight: 0,
    fourier: {
      weight: 0.1,
      focal: true,
      replacement: "mixed",
      unmaskWeight: 0,
      reweight: false,
    },
  },
  convolutional: {
    regression: { kind: "focal-l1", alpha: 0.2, gamma: 1 },
    unmaskWeight: 0,
    fourier: {
      weight: 0.5,
      focal: true,
      replacement: "mixed",
      unmaskWeight: 0.001,
      reweight: false,
    },
  },
} as const;

/** The small recipes for images of a size, by name. */
export function smallRecipes(side: SmallSize): Record<string, RecipeBody> {
  const patch = patches[side];
  const block = (cellPixels: number) =>
    ({ kind: "block", ratio: 0.6, cellPixels }) as const;
  const map = { fill: true, head: "linear" } as const;
  const deepToken = { kind: "add", layer: 1, scale: 1e-6 } as const;
  // Two stages of a ResNet are a cell of 8 pixels: 28 is no multiple of it.
  const resnetSide = side === 28 ? 32 : 64;
  return {
    "clip-tiny": {
      task: "clip",
      data: dataOf(side),
      model: { kind: "clip", patchSize: patch, width: 128, layers: 3, textLayers: 1 },
      optimizer: {
        kind: "adamw",
        lr: 1e-3,
        lrForBatch: 128,
        betas: [0.9, 0.98],
        epsilon: 1e-6,
        weightDecay: 0.1,
      },
      groups: { kind: "mae" },
      schedule: { kind: "cosine", warmupEpochs: 0.1, minimum: 0 },
      epochs: 1,
      steps: 300,
      batch: { total: 128, micro: 128 },
      precision: "float32",
    } satisfies ContrastiveBody,
    "mae-tiny": pretraining(side, {
      model: { kind: "mae", backbone: vit(side), decoder, normalizePixels: true },
      masker: { kind: "random", ratio: 0.75 },
    }),
    "simmim-tiny": pretraining(side, {
      model: {
        kind: "simmim",
        backbone: mapVit(side),
        token: { kind: "replace", layer: 0 },
        ...map,
        fill: false,
      },
      masker: block(patch),
    }),
    "milan-tiny": pretraining(side, {
      model: { kind: "milan", backbone: vit(side), decoder, decoderKind: "prompting" },
      masker: { kind: "semantic", ratio: 0.75 },
      teacher: { kind: "trained", recipe: "clip-tiny" },
    }),
    "mixmim-tiny": pretraining(side, {
      model: {
        kind: "mixmim",
        backbone: {
          kind: "mixmim",
          variant: "B",
          patchSize: patch / 2,
          width: 64,
          depths: [2, 2],
          heads: [2, 4],
          windows: side === 28 ? [7, 7] : [8, 8],
        },
        decoder,
        normalizePixels: true,
      },
      masker: { kind: "mix", ratio: 0.5 },
    }),
    "a2mim-tiny-vit": pretraining(side, {
      model: {
        kind: "a2mim",
        backbone: mapVit(side),
        token: { kind: "add", layer: 0 },
        ...map,
        ...losses.vit,
      },
      masker: block(patch),
    }),
    "a2mim-tiny-resnet": pretraining(side, {
      imageSize: resnetSide,
      model: {
        kind: "a2mim",
        backbone: {
          kind: "resnet",
          variant: "50",
          depths: [2, 2],
          stemChannels: 32,
          baseChannels: 32,
        },
        token: deepToken,
        ...map,
        ...losses.convolutional,
      },
      masker: block(resnetSide / 4),
    }),
    "a2mim-tiny-convnext": pretraining(side, {
      model: {
        kind: "a2mim",
        backbone: {
          kind: "convnext",
          variant: "T",
          depths: [2, 2],
          widths: [64, 128],
          stemSize: patch / 2,
        },
        token: deepToken,
        ...map,
        ...losses.convolutional,
      },
      masker: block(patch),
    }),
    ...smallSupervised(dataOf(side), vit(side)),
  };
}

/** Where the small recipes' values come from, by dotted path. */
export const smallSources: Record<string, string> = {
  recipe: "the kit's own, as its quickstart",
  "model.backbone": "the paper's, for 7 × 7 or 8 × 8 patches",
  "model.decoder": "the quickstart's: half as wide as the encoder",
  "masker": "as in the paper; squares of a seventh or a quarter of the image",
  "model.fourier": "A2MIM's configurations of ViT-B and ResNet-50",
  "optimizer.lr": "the quickstart's: steps are few, and the network is small",
  "optimizer.weightDecay": "MAE, appendix A.1; CLIP half of table 18's 0.2",
  "optimizer.betas": "MAE, appendix A.1; CLIP, table 18 (ViT)",
  "steps": "one to three minutes on two cores, by the quickstart's steps",
};
