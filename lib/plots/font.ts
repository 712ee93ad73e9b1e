/**
 * Text as outlines, and its width, from a font that travels as an npm package.
 *
 * A server or a container often has no fonts at all, and a drawing would lose its words
 * there without an error. Outlines look the same on every machine.
 */

/** The weights that the drawings use. */
export type FontWeight = 400 | 600;

/** One file's glyphs, as far as used here (opentype.js). */
interface GlyphFile {
  readonly unitsPerEm: number;
  charToGlyphIndex(character: string): number;
  charToGlyph(character: string): {
    readonly advanceWidth: number;
    getPath(x: number, y: number, size: number): { readonly commands: PathCommand[] };
  };
}

/** One step of an outline; which of the numbers it has depends on its letter. */
interface PathCommand {
  readonly type: "M" | "L" | "Q" | "C" | "Z";
  readonly x1?: number;
  readonly y1?: number;
  readonly x2?: number;
  readonly y2?: number;
  readonly x?: number;
  readonly y?: number;
}

/** A font of two weights; the package splits each into several files by script. */
export interface Font {
  readonly files: Readonly<Record<FontWeight, readonly GlyphFile[]>>;
}

const scripts = ["latin", "latin-ext", "greek", "cyrillic"];

/**
 * Height of the letters above the line, and their depth under it, per unit of font
 * size.
 */
export const ascent = 0.97;
/** See {@linkcode ascent}. */
export const descent = 0.24;

/**
 * Width of a character that the font lacks, per unit of font size: most are about this.
 */
const missingWidth = 0.62;

let loading: Promise<Font> | undefined;

/**
 * Inter (Rasmus Andersson, OFL 1.1), read once.
 *
 * @throws if the package cannot be read
 */
export function loadFont(): Promise<Font> {
  loading ??= readFont().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function readFont(): Promise<Font> {
  const { default: opentype } = await import("opentype.js") as unknown as {
    default: { parse(buffer: ArrayBuffer): GlyphFile };
  };
  // Deno installs a package only if something of it is imported.
  await import("@fontsource/inter/package.json", { with: { type: "json" } });
  // A folder of the package cannot be resolved, but any one of its files can.
  const first = import.meta.resolve(
    "@fontsource/inter/files/inter-latin-400-normal.woff",
  );
  const read = (weight: FontWeight): Promise<GlyphFile[]> =>
    Promise.all(scripts.map(async (script) => {
      const bytes = await Deno.readFile(
        new URL(`inter-${script}-${weight}-normal.woff`, first),
      );
      return opentype.parse(bytes.buffer);
    }));
  const [regular, bold] = await Promise.all([read(400), read(600)]);
  return { files: { 400: regular, 600: bold } };
}

function fileWith(font: Font, weight: FontWeight, character: string) {
  return font.files[weight].find((file) => file.charToGlyphIndex(character) > 0);
}

/** Characters that take no room: plotly puts zero-width spaces after superscripts. */
const isInvisible = (character: string): boolean =>
  /[\u200B-\u200D\uFEFF]/.test(character);

/**
 * Width of one line of text in pixels.
 *
 * @param size font size in pixels
 */
export function textWidth(
  font: Font,
  text: string,
  size: number,
  weight: FontWeight = 400,
): number {
  let width = 0;
  for (const character of text) {
    if (isInvisible(character)) continue;
    const file = fileWith(font, weight, character);
    width += file === undefined
      ? missingWidth
      : file.charToGlyph(character).advanceWidth / file.unitsPerEm;
  }
  return width * size;
}

/**
 * One line of text as SVG path data.
 *
 * @param x left end in pixels
 * @param y the line that the letters stand on
 * @param size font size in pixels
 * @returns `undefined` if the font lacks one of the characters
 *
 * @example
 * ```ts
 * import { loadFont, textOutline } from "./font.ts";
 *
 * const path = textOutline(await loadFont(), "loss", 0, 20, 16);
 * console.log(path?.startsWith("M")); // true
 * ```
 */
export function textOutline(
  font: Font,
  text: string,
  x: number,
  y: number,
  size: number,
  weight: FontWeight = 400,
): string | undefined {
  let path = "";
  let left = x;
  for (const character of text) {
    if (isInvisible(character)) continue;
    const file = fileWith(font, weight, character);
    if (file === undefined) return undefined;
    const glyph = file.charToGlyph(character);
    path += glyph.getPath(left, y, size).commands.map(commandText).join("");
    left += glyph.advanceWidth / file.unitsPerEm * size;
  }
  return path;
}

/**
 * Written here: opentype.js (2.0.0) leaves out the space before a number that rounds to
 * 0.
 */
function commandText({ type, x1, y1, x2, y2, x, y }: PathCommand): string {
  const numbers = [x1, y1, x2, y2, x, y].filter((number) => number !== undefined);
  return type + numbers.map((number) => Math.round(number * 100) / 100).join(" ");
}

/** The text, cut with "…" to fit into `width` pixels. */
export function fitText(
  font: Font,
  text: string,
  width: number,
  size: number,
  weight: FontWeight = 400,
): string {
  if (textWidth(font, text, size, weight) <= width) return text;
  const characters = [...text];
  while (characters.length > 0) {
    characters.pop();
    const shorter = characters.join("").trimEnd() + "…";
    if (textWidth(font, shorter, size, weight) <= width) return shorter;
  }
  return "";
}
