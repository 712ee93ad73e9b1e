/**
 * The schema of a recipe's networks, maskers and teachers: what is allowed, and what it means.
 *
 * @module
 */
import { z } from "zod";

const share = z.number().min(0).max(1);
const whole = z.int().positive();
const dropPathRate = z.number().min(0).lt(1).optional()
  .describe("of the last block; it grows linearly from 0 at the first");
const rematerialize = z.boolean().optional()
  .describe("runs blocks again for the gradient: less memory, a third more time");
const width = whole.optional().describe("width of the (first stage's) tokens");
const depths = z.array(whole).optional().describe("blocks of each stage");
const heads = z.array(whole).optional().describe("heads of each stage");
const patchSize = whole.optional().describe("pixels of a patch's side");

/** The schema of `BackboneSection`. */
export const backboneSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("vit"),
    variant: z.string().regex(/^(tiny|S|S768|B|L|H)\/\d+$/, {
      error: "must be SIZE/PATCH with a size of tiny, S, S768, B, L, H: B/16",
    }).describe("size and patch: B/16"),
    dropPathRate,
    rematerialize,
    width,
    depth: whole.optional().describe("blocks"),
    heads: whole.optional().describe("heads"),
    mlpRatio: z.number().positive().optional().describe("of the MLPs over the width"),
    qkvBias: z.enum(["all", "off", "query-value"]).optional()
      .describe("which of queries, keys and values have biases"),
    relativePositions: z.boolean().optional().describe("BEiT's relative positions"),
    positions: z.enum(["learned", "fixed"]).optional()
      .describe("position embeddings: fixed ones are sines and cosines"),
    layerScale: z.number().positive().optional().describe("its first value"),
    finalNorm: z.boolean().optional().describe("a norm after the last block"),
  }),
  z.strictObject({
    kind: z.literal("mixmim"),
    variant: z.enum(["B", "L", "H"]).describe("size"),
    dropPathRate,
    rematerialize,
    patchSize,
    width,
    depths,
    heads,
    windows: z.array(whole).optional().describe("tokens of a window's side"),
    rewrite: z.literal("mmpretrain").optional().describe("computes as OpenMMLab's"),
  }),
  z.strictObject({
    kind: z.literal("resnet"),
    variant: z.enum(["18", "34", "50", "101", "152", "200"]).describe("layers"),
    dropPathRate,
    rematerialize,
    depths,
    stem: z.enum(["strided", "full-size"]).optional()
      .describe("a fourth of the image's side, or all of it (for 32 pixels)"),
    stemChannels: whole.optional().describe("channels after the first convolution"),
    baseChannels: whole.optional().describe("of the first stage's middle convolutions"),
  }),
  z.strictObject({
    kind: z.literal("convnext"),
    variant: z.enum(["T", "S", "B"]).describe("size"),
    dropPathRate,
    rematerialize,
    depths,
    widths: z.array(whole).optional().describe("channels of each stage"),
    stemSize: whole.optional().describe("pixels of a side of the first patches"),
    layerScale: z.number().min(0).optional().describe("its first value; 0 for none"),
  }),
  z.strictObject({
    kind: z.literal("swin"),
    variant: z.enum(["T", "S", "B"]).describe("size"),
    dropPathRate,
    rematerialize,
    patchSize,
    width,
    depths,
    heads,
    window: whole.optional().describe("tokens of a window's side"),
    padSmallMaps: z.boolean().optional().describe("takes maps smaller than a window"),
  }),
  z.strictObject({
    kind: z.literal("missing"),
    variant: z.string().describe("a network that the kit cannot build"),
    dropPathRate,
    rematerialize,
  }),
]);

// Defaults are for those who choose another method on a command line: the papers'.
const decoder = z.strictObject({
  width: whole.describe("width of the decoder"),
  depth: whole.describe("blocks of the decoder"),
  heads: whole.describe("heads of the decoder"),
  epsilon: z.number().positive().optional().describe("of its layer norms"),
}).default({ width: 512, depth: 8, heads: 16 });
const normalizePixels = z.boolean().default(true)
  .describe("predicts patches with mean 0 and deviation 1");
const map = {
  backbone: backboneSchema,
  token: z.strictObject({
    kind: z.enum(["replace", "add"]).describe("in place of masked features, or added"),
    layer: z.int().min(0).describe("where the mask token enters"),
    scale: z.number().positive().optional()
      .describe("first value of the masked features' factor"),
  }).default({ kind: "replace", layer: 0 }),
  fill: z.boolean().default(false).describe(
    "fills masked pixels with the image's mean colour",
  ),
  head: z.enum(["linear", "depthwise-convolution"]).default("linear").describe(
    "before the pixels",
  ),
};

/** The schema of `PretextSection`. */
export const pretextSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.enum(["mae", "mixmim"]),
    backbone: backboneSchema,
    decoder,
    normalizePixels,
  }),
  z.strictObject({
    kind: z.literal("milan"),
    backbone: backboneSchema,
    decoder,
    decoderKind: z.enum(["prompting", "plain"]).default("prompting").describe(
      "MILAN's decoder, or MAE's",
    ),
  }),
  z.strictObject({ kind: z.literal("simmim"), ...map }),
  z.strictObject({
    kind: z.literal("a2mim"),
    ...map,
    regression: z.strictObject({
      kind: z.enum(["l1", "focal-l1"]).describe("loss of each pixel"),
      alpha: z.number().positive().optional().describe("steepness of the focal factor"),
      gamma: z.number().positive().optional().describe("its exponent"),
    }).default({ kind: "l1" }),
    unmaskWeight: share.default(0).describe("how much a visible pixel counts"),
    fourier: z.strictObject({
      weight: z.number().min(0).describe("of the Fourier loss; 0 for none"),
      focal: z.boolean().describe("the focal frequency loss, or the pixels' regression"),
      replacement: z.enum(["mixed", "target", "prediction", "mean"])
        .describe("what stands in for visible pixels"),
      unmaskWeight: share.describe("share of the prediction in visible pixels"),
      reweight: z.boolean().describe("weights each frequency by its own loss"),
    }).default({
      weight: 0.1,
      focal: true,
      replacement: "mixed",
      unmaskWeight: 0,
      reweight: false,
    }),
  }),
]);

/** The schema of `ClassifierSection`. */
export const classifierSchema = z.strictObject({
  kind: z.enum(["classifier", "linear-probe"]),
  backbone: backboneSchema,
  classes: whole.optional().describe("without it, the data set's"),
  pooling: z.enum(["class-token", "patches", "all-tokens"])
    .describe("how a ViT's tokens become one feature"),
  normalizeFeatures: z.boolean()
    .describe("batch normalisation without affine before the classifier"),
  headDeviation: z.number().min(0).describe("of the classifier's first weights"),
});

/** The schema of `ContrastiveSection`. */
export const contrastiveSchema = z.strictObject({
  kind: z.literal("clip"),
  patchSize: whole.describe("pixels of a patch's side"),
  width: whole.describe("of both towers"),
  layers: whole.describe("of the image tower"),
  textLayers: whole.describe("of the text tower"),
});

const ratio = z.number().gt(0).lt(1).describe("share of the patches that is removed");

/** The schema of `MaskerSection`. */
export const maskerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["random", "semantic", "mix"]), ratio }),
  z.strictObject({
    kind: z.literal("block"),
    ratio,
    cellPixels: whole.default(32).describe("pixels of a square's side"),
  }),
]);

/** The schema of `TeacherSection`. */
export const teacherSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("released"),
    variant: z.enum(["B/32", "B/16", "L/14"]).describe("OpenAI's CLIP"),
  }),
  z.strictObject({
    kind: z.literal("trained"),
    recipe: z.string().describe("the recipe that trains it"),
    steps: whole.optional().describe("updates of the teacher, instead of its recipe's"),
  }),
]);
