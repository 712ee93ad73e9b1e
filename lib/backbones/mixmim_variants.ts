/**
 * The shapes of MixMIM transformers, and what makes one impossible.
 *
 * @module
 */
import { requireHeads } from "../nn/attention.ts";

/** The shape of a MixMIM transformer; lists have an entry for each stage. */
export interface MixmimTransformerConfiguration {
  /** Pixels of a side of the square images. */
  imageSize: number;
  /** Of the first stage; each further stage halves the resolution. Default: 4. */
  patchSize?: number;
  /** Of the first stage, C; each further stage doubles it. */
  width: number;
  depths: readonly number[];
  heads: readonly number[];
  /** Tokens of a window's side; a map that is smaller is one window. */
  windows: readonly number[];
  /** Hidden width of the MLPs over the width. Default: 4. */
  mlpRatio?: number;
  /** Default: true. */
  qkvBias?: boolean;
  /** Of the layer norms. Default: 1e-5. */
  epsilon?: number;
  /** Of the last block; it grows linearly from 0 at the first. Default: 0. */
  dropPathRate?: number;
  /**
   * Computes as OpenMMLab's rewrite, where it differs from the authors' code: patch merging holds
   * its values by channel, row, column, and position tables encode the row in the first half.
   */
  rewrite?: "mmpretrain";
}

/** Width and heads by the usual letters (models_mixmim.py of the authors). */
const sizes = {
  B: { width: 128, heads: [4, 8, 16, 32] },
  L: { width: 192, heads: [6, 12, 24, 48] },
  H: { width: 352, heads: [11, 22, 44, 88] },
} as const;

const depths = [2, 2, 18, 2] as const;

/** The sizes of {@linkcode mixmimVariant}. */
export type MixmimVariant = keyof typeof sizes;

/** Pixels that a cell of the last stage, and of the mask, covers: 32 with four stages. */
export function mixmimStride(
  { patchSize = 4, depths }: Pick<MixmimTransformerConfiguration, "patchSize" | "depths">,
): number {
  return patchSize * 2 ** (depths.length - 1);
}

/** Cells of the last stage, N: what the mask is drawn over. */
export function mixmimCells(configuration: MixmimTransformerConfiguration): number {
  return (configuration.imageSize / mixmimStride(configuration)) ** 2;
}

/** Tokens of a side of each stage's map. */
export function mixmimSides(
  { imageSize, patchSize = 4, depths }: MixmimTransformerConfiguration,
): number[] {
  return depths.map((_, stage) => imageSize / patchSize / 2 ** stage);
}

/** The windows of each stage: those that are configured, but none larger than its map. */
export function mixmimWindows(configuration: MixmimTransformerConfiguration): number[] {
  return mixmimSides(configuration).map((side, stage) =>
    Math.min(side, configuration.windows[stage]!)
  );
}

function requireWholeCells(imageSize: number, stride: number): void {
  if (Number.isInteger(imageSize) && imageSize > 0 && imageSize % stride === 0) return;
  throw new Error(
    `MixMIM cannot take images of ${imageSize}×${imageSize}: ` +
      `the size must be a multiple of ${stride}`,
  );
}

/**
 * Checks a configuration before anything is computed.
 *
 * @throws {Error} that quotes the value that does not fit, and says what would.
 */
export function requireMixmim(configuration: MixmimTransformerConfiguration): void {
  const { imageSize, width, depths, heads, windows } = configuration;
  const stages = depths.length;
  if (stages === 0 || heads.length !== stages || windows.length !== stages) {
    throw new Error(
      `MixMIM needs depths, heads and windows for each stage, ` +
        `got [${depths}], [${heads}] and [${windows}]`,
    );
  }
  requireWholeCells(imageSize, mixmimStride(configuration));
  mixmimSides(configuration).forEach((side, stage) => {
    const window = windows[stage]!;
    if (!Number.isInteger(window) || window < 1 || side % Math.min(side, window) !== 0) {
      const fitting = Array.from({ length: side }, (_, index) => index + 1)
        .filter((divisor) => side % divisor === 0);
      throw new Error(
        `Windows of ${window} do not fit stage ${stage} of MixMIM at ${imageSize} pixels, a map ` +
          `of ${side}×${side}: use one of ${fitting.join(", ")}`,
      );
    }
    requireHeads(width * 2 ** stage, heads[stage]!);
  });
}

/** The largest window of at most 14 tokens that divides the map. */
function fittingWindow(side: number): number {
  let window = Math.min(side, 14);
  while (side % window !== 0) window--;
  return window;
}

/**
 * The configuration of a variant. Windows are the authors' for 224 and 384 pixels; for other sizes
 * the largest that fit and have at most 14 tokens a side, as theirs at 224.
 *
 * @throws {Error} on an unknown name, with the known ones, and on a size that is no multiple of 32.
 *
 * @example
 * ```ts
 * import { mixmimVariant } from "./mixmim_variants.ts";
 * console.log(mixmimVariant("B", 224).windows); // [ 14, 14, 14, 7 ]
 * ```
 */
export function mixmimVariant(
  variant: MixmimVariant,
  imageSize: number,
): MixmimTransformerConfiguration {
  if (!Object.hasOwn(sizes, variant)) {
    throw new Error(
      `Unknown MixMIM "${variant}": it is one of ${Object.keys(sizes).join(", ")}`,
    );
  }
  requireWholeCells(imageSize, mixmimStride({ depths }));
  const { width, heads } = sizes[variant];
  const shape = { imageSize, width, depths, heads };
  const windows = imageSize === 384
    ? [16, 16, 24, 12] // models_mixmim_ft.py, mixmim_base_384
    : mixmimSides({ ...shape, windows: [] }).map(fittingWindow);
  return { ...shape, windows };
}
