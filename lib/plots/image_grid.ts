/** Pictures in rows and columns with their titles, as one PNG. */

import { Buffer } from "node:buffer";
import { inkColor, quietInkColor } from "./figure.ts";
import {
  fitText,
  type Font,
  type FontWeight,
  loadFont,
  textOutline,
  textWidth,
} from "./font.ts";
import { enlarge, type Picture } from "./picture.ts";

/** Settings of {@linkcode imageGrid}. */
export interface ImageGridOptions {
  /** Words above the columns; cut with "…" where they do not fit. */
  readonly columnTitles?: readonly string[];
  /** Words left of the rows. */
  readonly rowTitles?: readonly string[];
  /** Words under single pictures, in the shape of the rows. */
  readonly captions?: readonly (readonly (string | undefined)[])[];
  /**
   * Side, in pixels, of the square that a pixel becomes; a whole number. When left out,
   * the largest at which a picture stays within 112 pixels.
   */
  readonly scale?: number;
  /** Pixels between pictures, 6 when left out. */
  readonly gap?: number;
}

const fontSize = 13;
const lineHeight = 20;
const margin = 10;
/** Row titles take at most so many pixels. */
const widestRowTitle = 160;

/**
 * A grid of pictures as PNG bytes, on white.
 *
 * Each pixel becomes a square, so that the pixels of small images stay visible. Pictures
 * may differ in size; `undefined` leaves a place empty.
 *
 * @throws if there is no picture, or there are not as many titles as columns or rows
 *
 * @example
 * ```ts
 * import { imageGrid } from "./image_grid.ts";
 *
 * const grey = {
 *   pixels: new Uint8Array(28 * 28).fill(90),
 *   height: 28,
 *   width: 28,
 *   channels: 1 as const,
 * };
 * const png = await imageGrid([[grey, grey]], { columnTitles: ["original", "masked"] });
 * console.log(png.length > 100); // true
 * ```
 */
export async function imageGrid(
  rows: readonly (readonly (Picture | undefined)[])[],
  options: ImageGridOptions = {},
): Promise<Uint8Array> {
  const layout = layOut(rows, options, await loadFont());
  const canvas = new Uint8Array(layout.width * layout.height * 3).fill(255);
  for (const [row, pictures] of rows.entries()) {
    for (const [column, picture] of pictures.entries()) {
      if (picture === undefined) continue;
      const large = enlarge(picture, layout.scale);
      const top = layout.top + row * layout.rowStep;
      const left = layout.left + column * layout.columnStep;
      for (let line = 0; line < large.height; line++) {
        canvas.set(
          large.pixels.subarray(line * large.width * 3, (line + 1) * large.width * 3),
          ((top + line) * layout.width + left) * 3,
        );
      }
    }
  }
  const { default: sharp } = await import("sharp");
  const image = sharp(canvas, {
    raw: { width: layout.width, height: layout.height, channels: 3 },
  });
  const words = labels(layout, options);
  if (words !== undefined) image.composite([{ input: Buffer.from(words) }]);
  return new Uint8Array(
    await image.removeAlpha().png({ compressionLevel: 9 }).toBuffer(),
  );
}

interface GridLayout {
  readonly font: Font;
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  /** Place of the first picture. */
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly columnStep: number;
  readonly rowStep: number;
  readonly rowTitleWidth: number;
}

function layOut(
  rows: readonly (readonly (Picture | undefined)[])[],
  options: ImageGridOptions,
  font: Font,
): GridLayout {
  const pictures = rows.flat().filter((picture) => picture !== undefined);
  if (pictures.length === 0) throw new Error("A grid needs at least one picture.");
  const columns = Math.max(...rows.map((row) => row.length));
  requireTitles("columnTitles", options.columnTitles, columns, "columns");
  requireTitles("rowTitles", options.rowTitles, rows.length, "rows");
  const tallest = Math.max(...pictures.map((picture) => picture.height));
  const widest = Math.max(...pictures.map((picture) => picture.width));
  const scale = options.scale ?? Math.max(1, Math.floor(112 / Math.max(tallest, widest)));
  const gap = options.gap ?? 6;
  const captionHeight = options.captions === undefined ? 0 : lineHeight;
  const [cellWidth, cellHeight] = [widest * scale, tallest * scale];
  const [columnStep, rowStep] = [cellWidth + gap, cellHeight + captionHeight + gap];
  const rowTitleWidth = Math.ceil(Math.min(
    widestRowTitle,
    Math.max(0, ...(options.rowTitles ?? []).map((t) => textWidth(font, t, fontSize))),
  ));
  const left = margin + (rowTitleWidth > 0 ? rowTitleWidth + 10 : 0);
  const top = margin + (options.columnTitles === undefined ? 0 : lineHeight);
  return {
    font,
    scale,
    left,
    top,
    cellWidth,
    cellHeight,
    columnStep,
    rowStep,
    rowTitleWidth,
    width: left + columns * columnStep - gap + margin,
    height: top + rows.length * rowStep - gap + margin,
  };
}

function requireTitles(
  name: string,
  titles: readonly string[] | undefined,
  count: number,
  what: string,
): void {
  if (titles === undefined || titles.length === count) return;
  throw new Error(
    `${name} has ${titles.length} titles for ${count} ${what}: give one for each.`,
  );
}

/** All words as one SVG drawing of the grid's size, or `undefined` if there are none. */
function labels(layout: GridLayout, options: ImageGridOptions): string | undefined {
  const { left, top, cellWidth, cellHeight, columnStep, rowStep } = layout;
  const drawn: string[] = [];
  const centre = (column: number): number => left + column * columnStep + cellWidth / 2;
  // A title may reach into the gaps beside its picture, but not into the next title.
  const room = columnStep - 2;
  for (const [column, title] of (options.columnTitles ?? []).entries()) {
    drawn.push(word(layout.font, title, centre(column), top - 8, room, "middle", 600));
  }
  for (const [row, title] of (options.rowTitles ?? []).entries()) {
    const foot = top + row * rowStep + cellHeight / 2 + fontSize * 0.36;
    drawn.push(
      word(layout.font, title, left - 10, foot, layout.rowTitleWidth, "end", 400),
    );
  }
  for (const [row, captions] of (options.captions ?? []).entries()) {
    for (const [column, caption] of captions.entries()) {
      const foot = top + row * rowStep + cellHeight + 14;
      drawn.push(
        word(layout.font, caption ?? "", centre(column), foot, room, "middle", 400),
      );
    }
  }
  if (drawn.length === 0) return undefined;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" ` +
    `height="${layout.height}">${drawn.join("")}</svg>`;
}

function word(
  font: Font,
  text: string,
  x: number,
  y: number,
  room: number,
  anchor: "middle" | "end",
  weight: FontWeight,
): string {
  const fitted = fitText(font, text, room + 0.5, fontSize, weight);
  const width = textWidth(font, fitted, fontSize, weight);
  const start = x - (anchor === "middle" ? width / 2 : width);
  const color = weight === 600 ? inkColor : quietInkColor;
  const path = textOutline(font, fitted, start, y, fontSize, weight);
  if (path !== undefined) return `<path fill="${color}" d="${path}"/>`;
  // Characters that the font lacks (emoji, other scripts): the machine's own fonts.
  const escaped = fitted.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${fontSize}" ` +
    `font-weight="${weight}" font-family="sans-serif" fill="${color}">${escaped}</text>`;
}
