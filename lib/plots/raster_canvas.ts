/**
 * A canvas that keeps its pixels, for plotly's heat maps.
 *
 * Without a browser there is no canvas. Plotly's heat maps need of one only filled
 * rectangles and whole blocks of pixels, and then its content as an image address. That
 * address must come at once, but sharp encodes later: so it is a name, and the picture is
 * put in its place when the drawing is done.
 */

/** What was painted. */
export interface RasterPixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, row after row. */
  readonly pixels: Uint8ClampedArray;
}

/** The part of `CanvasRenderingContext2D` that plotly's heat maps call. */
export interface RasterContext {
  fillStyle: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  createImageData(width: number, height: number): ImagePixels;
  putImageData(image: ImagePixels, x: number, y: number): void;
}

interface ImagePixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Painted canvases by the names that {@linkcode rasterContext} gave them. */
export type RasterStore = Map<string, RasterPixels>;

const namePrefix = "data:image/png;mimkit-raster,";

/** Matches the names in an SVG text. */
export const rasterNames: RegExp = /data:image\/png;mimkit-raster,\d+/g;

/** A fresh canvas: where to paint, and a function that stores it and gives its name. */
export function rasterContext(
  width: number,
  height: number,
): { context: RasterContext; store: (store: RasterStore) => string } {
  const pixels = new Uint8ClampedArray(width * height * 4);
  const context: RasterContext = {
    fillStyle: "#000000",
    fillRect(x, y, rectWidth, rectHeight) {
      const color = parseColor(this.fillStyle);
      const right = Math.min(Math.round(x + rectWidth), width);
      const bottom = Math.min(Math.round(y + rectHeight), height);
      for (let row = Math.max(Math.round(y), 0); row < bottom; row++) {
        for (let column = Math.max(Math.round(x), 0); column < right; column++) {
          pixels.set(color, (row * width + column) * 4);
        }
      }
    },
    createImageData: (imageWidth, imageHeight) => ({
      width: imageWidth,
      height: imageHeight,
      data: new Uint8ClampedArray(imageWidth * imageHeight * 4),
    }),
    putImageData(image, x, y) {
      for (let row = 0; row < Math.min(image.height, height - y); row++) {
        const count = Math.min(image.width, width - x) * 4;
        const start = row * image.width * 4;
        pixels.set(
          image.data.subarray(start, start + count),
          ((row + y) * width + x) * 4,
        );
      }
    },
  };
  return {
    context,
    store(store) {
      const name = namePrefix + store.size;
      store.set(name, { width, height, pixels });
      return name;
    },
  };
}

/**
 * `rgb(…)`, `rgba(…)` (plotly writes no other) or `#RRGGBB` as four channels 0 to 255.
 */
function parseColor(color: string): [number, number, number, number] {
  const hex = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (hex !== undefined) {
    const value = parseInt(hex, 16);
    return [value >> 16, (value >> 8) & 255, value & 255, 255];
  }
  const parts = /^rgba?\(([^)]*)\)$/.exec(color)?.[1]?.split(",").map(Number) ?? [];
  const [red, green, blue, opacity = 1] = parts;
  if (red === undefined || green === undefined || blue === undefined) {
    throw new Error(`Plotly painted a heat map with "${color}", a colour unknown here.`);
  }
  return [red, green, blue, opacity * 255];
}
