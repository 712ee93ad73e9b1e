/** Sizes that mmpretrain and openmixup know by a name, which a case may give instead of numbers. */
import { z } from "zod";

type Known = Readonly<Record<string, unknown>>;

/** The same sizes under several names. */
function alike<Sizes>(names: readonly string[], sizes: Sizes): Record<string, Sizes> {
  return Object.fromEntries(names.map((name) => [name, sizes]));
}

function vit(
  embed_dims: number,
  num_layers: number,
  num_heads: number,
  mlpRatio = 4,
): Known {
  const feedforward_channels = mlpRatio * embed_dims;
  return { embed_dims, num_layers, num_heads, feedforward_channels };
}

/** `arch` of both projects' VisionTransformer. */
export const vitArchitectures: Known = {
  ...alike(["s", "small"], vit(768, 8, 8, 3)),
  ...alike(["b", "base", "deit-b", "deit-base"], vit(768, 12, 12)),
  ...alike(["l", "large"], vit(1024, 24, 16)),
  ...alike(["h", "huge"], vit(1280, 32, 16)),
  ...alike(["deit-t", "deit-tiny"], vit(192, 12, 3)),
  ...alike(["deit-s", "deit-small"], vit(384, 12, 6)),
};

function convNext(depths: number[], width: number): Known {
  return { depths, channels: [1, 2, 4, 8].map((factor) => factor * width) };
}

/** `arch` of both projects' ConvNeXt. */
export const convNextArchitectures: Known = {
  atto: convNext([2, 2, 6, 2], 40),
  femto: convNext([2, 2, 6, 2], 48),
  pico: convNext([2, 2, 6, 2], 64),
  nano: convNext([2, 2, 8, 2], 80),
  tiny: convNext([3, 3, 9, 3], 96),
  small: convNext([3, 3, 27, 3], 96),
  base: convNext([3, 3, 27, 3], 128),
  large: convNext([3, 3, 27, 3], 192),
  xlarge: convNext([3, 3, 27, 3], 256),
  huge: convNext([3, 3, 27, 3], 352),
};

function mixmim(embed_dims: number, firstHeads: number): Known {
  const num_heads = [1, 2, 4, 8].map((factor) => factor * firstHeads);
  return { embed_dims, depths: [2, 2, 18, 2], num_heads };
}

/** `arch` of mmpretrain's MixMIMTransformer. */
export const mixmimArchitectures: Known = {
  ...alike(["b", "base"], mixmim(128, 4)),
  ...alike(["l", "large"], mixmim(192, 6)),
  ...alike(["h", "huge"], mixmim(352, 11)),
};

/** The schema of sizes that takes a known name too. */
export function orName<Schema extends z.ZodType>(schema: Schema, known: Known) {
  return z.preprocess(
    (value) => typeof value === "string" ? known[value] ?? value : value,
    schema,
  );
}
