/**
 * What masked image modelling shows of an image: which patches are hidden, which
 * matter.
 */

import { colorAt, type ColorScale } from "./color_scale.ts";
import { rgbOf } from "./figure.ts";
import { type Picture, toRgb } from "./picture.ts";

/** Settings of {@linkcode maskOverlay}. */
export interface MaskOverlayOptions {
  /** Paint for hidden patches as `#RRGGBB`; middle grey when left out. */
  readonly color?: string;
  /** 1 hides them wholly, as the encoder sees it; less lets them shine through. */
  readonly opacity?: number;
}

/**
 * The image with its masked patches painted over.
 *
 * @param mask `(height / patchSize, width / patchSize)`, row after row: 1 or `true` is
 *   masked, 0 or `false` is visible
 * @param patchSize side of a square patch in pixels
 * @throws if the image does not divide into patches, or the mask has not one value for
 *   each
 *
 * @example
 * ```ts
 * import { maskOverlay } from "./overlays.ts";
 *
 * const image = {
 *   pixels: new Float32Array(4).fill(1),
 *   height: 2,
 *   width: 2,
 *   channels: 1 as const,
 * };
 * const shown = maskOverlay(image, [1, 0, 0, 0], 1);
 * console.log(shown.pixels[0], shown.pixels[3]); // 128 255
 * ```
 */
export function maskOverlay(
  image: Picture,
  mask: ArrayLike<number | boolean>,
  patchSize: number,
  options: MaskOverlayOptions = {},
): Picture {
  const paint = rgbOf(options.color ?? "#808080");
  const opacity = options.opacity ?? 1;
  return overPatches(
    image,
    mask,
    patchSize,
    (value) => Number(value) > 0.5 ? { paint, opacity } : undefined,
  );
}

/** Settings of {@linkcode heatOverlay}. */
export interface HeatOverlayOptions {
  /** `sequential` when left out. */
  readonly colorScale?: ColorScale;
  /** How much the colours cover the image, 0 to 1; 0.6 when left out. */
  readonly opacity?: number;
  /** Weights at the ends of the scale; lowest and highest weight when left out. */
  readonly range?: readonly [number, number];
}

/**
 * The image, in grey, under colours for the weights of its patches: attention, or how
 * likely a semantic-aware masker is to keep them.
 *
 * @param weights `(height / patchSize, width / patchSize)`, row after row; a weight that
 *   is not finite leaves its patch bare
 * @param patchSize side of a square patch in pixels
 * @throws if the image does not divide into patches, or there is not one weight for each
 */
export function heatOverlay(
  image: Picture,
  weights: ArrayLike<number>,
  patchSize: number,
  options: HeatOverlayOptions = {},
): Picture {
  const finite = Array.from(weights).filter(Number.isFinite);
  const [lowest, highest] = options.range ??
    [Math.min(...finite), Math.max(...finite)];
  const spread = highest - lowest;
  const scale = options.colorScale ?? "sequential";
  return overPatches(greyed(image), weights, patchSize, (weight) => {
    if (!Number.isFinite(weight)) return undefined;
    // Equal weights everywhere stand in the middle of the scale.
    const share = spread > 0 ? (weight - lowest) / spread : 0.5;
    return { paint: colorAt(scale, share), opacity: options.opacity ?? 0.6 };
  });
}

/** Lightness with the weights of Rec. 601, so that the only colours are the weights'. */
function greyed(image: Picture): Picture {
  const { pixels, height, width } = toRgb(image);
  const grey = new Uint8Array(height * width);
  for (let place = 0; place < grey.length; place++) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(place * 3, place * 3 + 3);
    grey[place] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
  return { pixels: grey, height, width, channels: 1 };
}

interface Paint {
  readonly paint: readonly [number, number, number];
  readonly opacity: number;
}

function overPatches<Value>(
  image: Picture,
  values: ArrayLike<Value>,
  patchSize: number,
  paintOf: (value: Value) => Paint | undefined,
): Picture {
  const { pixels, height, width } = toRgb(image);
  const [gridHeight, gridWidth] = [height / patchSize, width / patchSize];
  if (!Number.isInteger(gridHeight) || !Number.isInteger(gridWidth)) {
    throw new Error(
      `An image of ${height} × ${width} pixels does not divide into patches of ` +
        `${patchSize} × ${patchSize}: use a patch size that divides both sides.`,
    );
  }
  if (values.length !== gridHeight * gridWidth) {
    throw new Error(
      `An image of ${height} × ${width} pixels has ${gridHeight} × ${gridWidth} ` +
        `patches of ${patchSize} × ${patchSize}, but ${values.length} values were ` +
        `given for them.`,
    );
  }
  for (let place = 0; place < height * width; place++) {
    const row = Math.floor(Math.floor(place / width) / patchSize);
    const column = Math.floor((place % width) / patchSize);
    const over = paintOf(values[row * gridWidth + column] as Value);
    if (over === undefined) continue;
    for (const channel of [0, 1, 2] as const) {
      const under = pixels[place * 3 + channel] ?? 0;
      pixels[place * 3 + channel] = Math.round(
        under + (over.paint[channel] - under) * over.opacity,
      );
    }
  }
  return { pixels, height, width, channels: 3 };
}
