/** The block-wise masks of SimMIM, A2MIM and BEiT, and the filling with mean colours. */
import { z } from "zod";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { beitCells, type BlockDraws } from "../../../lib/maskers/beit_block.ts";
import {
  blockCells,
  type BlockMaskOptions,
  removedCells,
} from "../../../lib/maskers/block.ts";
import { fillMasked, fillVisibleBytes } from "../../../lib/maskers/fill.ts";
import { compareTables } from "../compare.ts";
import {
  configOf,
  DamagedCaseError,
  expectedOf,
  type GoldenCase,
  input,
} from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";

const size = z.int().positive();
const generatorsConfig = z.object({
  // [size of the image, of a square, of a patch, share], in pixels
  settings: z.array(z.tuple([size, size, size, z.number()])).default([]),
});
const beitConfig = z.object({
  input_size: z.union([
    z.tuple([size, size]),
    size.transform((side): [number, number] => [side, side]),
  ]),
  num_masking_patches: size,
  min_num_patches: size.default(16),
  max_num_patches: size.nullish(),
  min_aspect: z.number().default(0.3),
  max_aspect: z.number().nullish(),
});
const generatorsExpected = z.object({
  blockwise: z.array(z.unknown()).default([]),
  beit: z.array(z.object({
    config: beitConfig,
    draws: z.array(z.tuple([z.string(), z.number(), z.number(), z.number()])),
    masked: z.int(),
  })).default([]),
});

type Setting = z.infer<typeof generatorsConfig>["settings"][number];

function optionsOf([image, square, patch, maskRatio]: Setting): BlockMaskOptions {
  const grid = image / patch;
  return { rows: grid, columns: grid, cell: square / patch, maskRatio };
}

/** What the reference's generator says of itself. */
function describe(setting: Setting) {
  const [image, square, patch, maskRatio] = setting;
  const { rows, columns, cell } = optionsOf(setting);
  const cells = (image / square) ** 2;
  const count = removedCells(cells, maskRatio);
  return {
    input_size: image,
    mask_patch_size: square,
    model_patch_size: patch,
    mask_ratio: maskRatio,
    cells,
    mask_count: count,
    scale: cell,
    mask_shape: [rows, columns],
    realised_ratio: count / cells,
  };
}

/** Gives recorded draws again, and refuses when others are asked for. */
function replay(
  draws: z.infer<typeof generatorsExpected>["beit"][number]["draws"],
): BlockDraws & { done: () => void } {
  let next = 0;
  const draw = (kind: string, low: number, high: number): number => {
    const [wanted, wantedLow, wantedHigh, value] = draws[next++] ?? [];
    const same = kind === wanted && Math.abs(low - wantedLow!) < 1e-9 &&
      Math.abs(high - wantedHigh!) < 1e-9;
    if (!same) {
      throw new Error(
        `Draw ${next}: ${kind} from ${low} to ${high} was asked for, the reference drew ` +
          `${wanted} from ${wantedLow} to ${wantedHigh}`,
      );
    }
    return value!;
  };
  return {
    uniform: (low, high) => draw("uniform", low, high),
    integer: (low, high) => draw("randint", low, high),
    done: () => {
      if (next !== draws.length) {
        throw new Error(
          `${next} of the reference's ${draws.length} draws were asked for`,
        );
      }
    },
  };
}

function beitMask(
  { config, draws, masked }: z.infer<typeof generatorsExpected>["beit"][number],
): { cells: Uint8Array<ArrayBuffer>; shape: [number, number] } {
  const [rows, columns] = config.input_size;
  const recorded = replay(draws);
  const cells = beitCells(recorded, {
    rows,
    columns,
    maskedPatches: config.num_masking_patches,
    minimumPatches: config.min_num_patches,
    minimumAspect: config.min_aspect,
    ...(config.max_num_patches ? { maximumPatches: config.max_num_patches } : {}),
    ...(config.max_aspect ? { maximumAspect: config.max_aspect } : {}),
  });
  recorded.done();
  const count = cells.reduce((sum, cell) => sum + cell, 0);
  if (count !== masked) {
    throw new Error(`${count} patches are masked, not ${masked}`);
  }
  return { cells, shape: [rows, columns] };
}

function maskGenerators(golden: GoldenCase) {
  const { settings } = configOf(golden, generatorsConfig);
  const { blockwise, beit } = expectedOf(golden, generatorsExpected);
  const { atol: absolute, rtol: relative } = golden.tolerance;
  const wrong = compareTables("blockwise", settings.map(describe), blockwise as never, {
    absolute,
    relative,
  }).find(({ passed }) => !passed);
  if (wrong !== undefined) throw new Error(`${wrong.name} ${wrong.reason}`);
  const beitMasks = beit.map(beitMask);

  const permutations = settings.map((_, index) =>
    input(golden, `permutation${index}`).reshape([1, -1])
  );
  const [first] = settings;
  if (first === undefined) throw new DamagedCaseError(`${golden.name} has no settings`);
  const given = {
    permutations,
    image: input(golden, "image"),
    bytes: input(golden, "image_uint8_hwc"),
  };
  return computation(given, ({ permutations, image, bytes }) => {
    const flags = permutations.map((order, index) =>
      blockCells(order, optionsOf(settings[index]!))
    );
    const outputs: Record<string, Tensor> = {};
    flags.forEach((mask, index) => {
      const { rows, columns } = optionsOf(settings[index]!);
      outputs[`out/mask${index}`] = mask.reshape([rows, columns]);
    });
    beitMasks.forEach(({ cells, shape }, index) => {
      outputs[`out/beit${index}`] = tf.tensor2d(Array.from(cells), shape);
    });
    const pixels = image.transpose([1, 2, 0]).expandDims(0);
    return {
      ...outputs,
      "out/filled": fillMasked(pixels, flags[0]!).squeeze([0]).transpose([2, 0, 1]),
      "out/filled_pil_uint8_hwc": fillVisibleBytes(bytes.expandDims(0), flags[0]!)
        .squeeze([0]),
    };
  });
}

/** Block-wise masks. */
export const maskGeneratorKinds: Kinds = { "mask-generators": maskGenerators };
