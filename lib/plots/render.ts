/**
 * Figures as SVG and PNG, without a browser.
 *
 * Plotly draws the SVG; sharp paints what is pixels. Both are loaded at the first
 * drawing: a program that draws nothing pays nothing.
 */

import type { Figure } from "./figure.ts";
import { outlineText } from "./outline_text.ts";
import { loadPlotlyPage, type PlotlyPage } from "./plotly_page.ts";
import { rasterNames } from "./raster_canvas.ts";

/** Size of a drawing. */
export interface RenderSize {
  /** Width in pixels, 720 when left out. */
  readonly width?: number;
  /** Height in pixels, 420 when left out. */
  readonly height?: number;
}

/**
 * A figure as SVG text. Its words stay words, in the reader's own fonts.
 *
 * @throws if the figure is not one that plotly can draw
 *
 * @example
 * ```ts
 * import { lineFigure, renderSvg } from "./mod.ts";
 *
 * const svg = await renderSvg(lineFigure({ series: [{ name: "loss", y: [3, 2, 1] }] }));
 * console.log(svg.startsWith("<svg")); // true
 * ```
 */
export async function renderSvg(figure: Figure, size: RenderSize = {}): Promise<string> {
  return await drawSvg(await loadPlotlyPage(), figure, size);
}

/**
 * A figure as PNG bytes, the same on every machine: its words are drawn with a font of
 * its own.
 *
 * @param size `scale` pixels are drawn for each of `width` and `height`: 2 for sharp
 *   screens, 1 when left out
 * @throws if the figure is not one that plotly can draw
 */
export async function renderPng(
  figure: Figure,
  size: RenderSize & { readonly scale?: number } = {},
): Promise<Uint8Array> {
  const page = await loadPlotlyPage();
  const svg = outlineText(page, await drawSvg(page, figure, size));
  const { default: sharp } = await import("sharp");
  // 72 dots per inch are one pixel per SVG unit.
  const image = sharp(new TextEncoder().encode(svg), { density: 72 * (size.scale ?? 1) });
  return new Uint8Array(await image.png({ compressionLevel: 9 }).toBuffer());
}

let last: Promise<unknown> = Promise.resolve();

/** One drawing at a time: plotly's canvases share one store. */
function drawSvg(page: PlotlyPage, figure: Figure, size: RenderSize): Promise<string> {
  const drawing = last.then(() => draw(page, figure, size));
  last = drawing.catch(() => {});
  return drawing;
}

async function draw(page: PlotlyPage, figure: Figure, size: RenderSize): Promise<string> {
  const { width = 720, height = 420 } = size;
  if (!(width >= 10 && height >= 10)) {
    throw new Error(
      `A drawing of ${width} × ${height} pixels is too small: give 10 or more.`,
    );
  }
  page.rasters.clear();
  // Plotly writes its defaults into what it is given.
  const copy = structuredClone({ data: figure.data, layout: figure.layout });
  const svg = await page.plotly.toImage(copy, {
    format: "svg",
    width,
    height,
    imageDataOnly: true,
  });
  return page.rasters.size === 0 ? svg : await paintRasters(page, svg);
}

/** Puts PNGs in the places of the canvases' names. */
async function paintRasters(page: PlotlyPage, svg: string): Promise<string> {
  const { default: sharp } = await import("sharp");
  const addresses = new Map<string, string>();
  for (const [name, { width, height, pixels }] of page.rasters) {
    // A canvas of a pixel per cell is drawn large: grown here, where the edges stay
    // sharp.
    const grow = Math.max(1, Math.ceil(1200 / Math.max(width, height)));
    const png = await sharp(pixels, { raw: { width, height, channels: 4 } })
      .resize(width * grow, height * grow, { kernel: "nearest" })
      .png({ compressionLevel: 9 })
      .toBuffer();
    addresses.set(name, `data:image/png;base64,${png.toString("base64")}`);
  }
  return svg.replace(rasterNames, (name) => addresses.get(name) ?? name);
}
