/**
 * The form in which the emoji lie in `data/emoji/`: one sheet per drawing, an RGBA picture in which
 * emoji k fills the cell in row ⌊k / 44⌋, column k mod 44, and one index, `emoji.json`. Written by
 * `tasks/data_emoji.ts`, read by `emoji.ts`.
 *
 * @module
 */

/** The two drawings of every emoji: Google's Noto and Twitter's Twemoji. */
export const emojiDrawings = ["noto", "twemoji"] as const;
/** A name of {@linkcode emojiDrawings}. */
export type EmojiDrawing = typeof emojiDrawings[number];

/** Pixels of a side of an emoji, and so of a cell. */
export const cellSize = 64;
/** Cells per row of a sheet: 44² is the least square that holds all emoji. */
export const sheetColumns = 44;

/** Unicode's nine categories (a tenth, Component, holds skin tones only), in Unicode's order. */
export const emojiCategories: readonly string[] = [
  "Smileys & Emotion",
  "People & Body",
  "Animals & Nature",
  "Food & Drink",
  "Travel & Places",
  "Activities",
  "Objects",
  "Symbols",
  "Flags",
];

/** One emoji of the index; its place in the list is its cell. */
export interface EmojiEntry {
  /** The emoji as text. */
  readonly character: string;
  /** Hexadecimal, joined by hyphens. */
  readonly codepoints: string;
  /** In capitals, as Unicode gives it; flags in mixed case. */
  readonly name: string;
  /** The short names under which chat programs know it. */
  readonly keywords: readonly string[];
  /** One of {@linkcode emojiCategories}. */
  readonly category: string;
  readonly subcategory: string;
  /** The first emoji of the list with the same picture, mostly its own place. */
  readonly concept: number;
  /** The first emoji of the list that it is a variant of, mostly its own place. */
  readonly group: number;
}

/** SHA-256 of the files of the pack, and of the sheets' RGBA pixels, whatever encoder packed them. */
export interface EmojiChecksums {
  readonly files: Readonly<Record<string, string>>;
  readonly pixels: Readonly<Record<EmojiDrawing, string>>;
}

/** Width and height of a sheet of `count` emoji, in pixels. */
export function sheetSize(count: number): { width: number; height: number } {
  return {
    width: sheetColumns * cellSize,
    height: Math.ceil(count / sheetColumns) * cellSize,
  };
}

/**
 * Copies the pixels of one emoji into a sheet. Wholly transparent pixels become all zeros, since
 * the colour under them is an accident of the drawing program.
 *
 * @param sheet `(height, width, 4)` RGBA, changed.
 * @param place Place of the emoji in the index.
 * @param picture `(64, 64, 4)` RGBA.
 */
export function placeInSheet(
  sheet: Uint8Array,
  place: number,
  picture: Uint8Array,
): void {
  for (let pixel = 0; pixel < cellSize * cellSize; pixel++) {
    const to = 4 * pixelInSheet(place, pixel);
    if (picture[4 * pixel + 3] === 0) sheet.fill(0, to, to + 4);
    else sheet.set(picture.subarray(4 * pixel, 4 * pixel + 4), to);
  }
}

/**
 * One emoji of a sheet, over a background.
 *
 * @param sheet `(height, width, 4)` RGBA.
 * @param place Place of the emoji in the index.
 * @param background Red, green, blue, 0 … 255.
 * @param target `(64, 64, 3)`, written.
 */
export function cutFromSheet(
  sheet: Uint8Array,
  place: number,
  background: readonly [number, number, number],
  target: Uint8Array,
): void {
  for (let pixel = 0; pixel < cellSize * cellSize; pixel++) {
    const from = 4 * pixelInSheet(place, pixel);
    const alpha = sheet[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const blended = sheet[from + channel]! * alpha +
        background[channel]! * (255 - alpha);
      target[3 * pixel + channel] = Math.round(blended / 255);
    }
  }
}

function pixelInSheet(place: number, pixel: number): number {
  const row = Math.floor(place / sheetColumns) * cellSize + Math.floor(pixel / cellSize);
  const column = (place % sheetColumns) * cellSize + pixel % cellSize;
  return row * sheetColumns * cellSize + column;
}

/**
 * Pairs of emoji whose pictures over white differ by no more than a mean of `limit` (of 255 per
 * channel). A pair of unlike pictures is given up on as soon as its sum is too large.
 *
 * @param sheet `(height, width, 4)` RGBA.
 * @param count Number of emoji in it.
 */
export function similarPictures(
  sheet: Uint8Array,
  count: number,
  limit: number,
): [number, number][] {
  const size = cellSize * cellSize * 3;
  const pictures = new Uint8Array(count * size);
  for (let place = 0; place < count; place++) {
    const target = pictures.subarray(place * size, (place + 1) * size);
    cutFromSheet(sheet, place, [255, 255, 255], target);
  }
  const pairs: [number, number][] = [];
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      let difference = 0;
      for (let k = 0; k < size && difference <= limit * size; k++) {
        difference += Math.abs(pictures[a * size + k]! - pictures[b * size + k]!);
      }
      if (difference <= limit * size) pairs.push([a, b]);
    }
  }
  return pairs;
}
