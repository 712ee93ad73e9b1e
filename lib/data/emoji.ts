/**
 * Emoji: about 1,900 coloured pictures with names, each in two drawings (Noto and Twemoji). Small
 * enough to come with mimkit, and with three things that can be measured: the category (kNN, linear
 * probe), the name (a tiny CLIP), and finding the same emoji in the other drawing (recall@1).
 *
 * @module
 */
import type { CaptionedDataset } from "./dataset.ts";
import { openPicture } from "./decode.ts";
import {
  cellSize,
  cutFromSheet,
  emojiCategories,
  type EmojiChecksums,
  type EmojiDrawing,
  emojiDrawings,
  type EmojiEntry,
} from "./emoji_pack.ts";
import { bundledFolder, checkSha256, type DataFolder, readDataFile } from "./files.ts";
import { hashWords, purposes } from "./random.ts";

/** The parts: about 70, 10 and 20 % of the emoji. */
export const emojiSplits = ["train", "validation", "test"] as const;
/** A name of {@linkcode emojiSplits}. */
export type EmojiSplit = typeof emojiSplits[number];

/** What to read. */
export interface EmojiOptions {
  readonly split: EmojiSplit;
  /** One of the drawings, or `"both"` (the default). */
  readonly drawing?: EmojiDrawing | "both";
  /** Red, green, blue, 0 … 255, behind the emoji; white by default. */
  readonly background?: readonly [number, number, number];
  /** The folder of the pack; the one that comes with mimkit by default. */
  readonly directory?: string | URL;
}

/** Emoji of one part: with `"both"`, first all in Noto's drawing, then the same in Twemoji's. */
export interface EmojiDataset extends CaptionedDataset {
  /** `(N)` which drawing an image is of. */
  readonly drawings: readonly EmojiDrawing[];
  /**
   * `(N)` equal for the two drawings of an emoji: the right answers of recall@1. Emoji that cannot
   * be told apart (the flags of Norway and Svalbard, the families) share a number.
   */
  readonly conceptIds: Int32Array;
  /** `(N)` equal for variants of one thing (man, woman and person running). Splits keep them together. */
  readonly groupIds: Int32Array;
  /** `(N)` Unicode's finer categories, such as `"animal-mammal"`. */
  readonly subcategories: readonly string[];
  /** `(N)` the emoji as text. */
  readonly characters: readonly string[];
}

// Measured over the training part in both drawings, over white (tests/data/emoji_test.ts does it
// again). A fixed normalisation serves other backgrounds as well.
const MEAN = [0.8046988, 0.7547678, 0.7011764];
const STD = [0.2937097, 0.2866261, 0.3409702];

/**
 * Reads the emoji of one part.
 *
 * The parts are made of whole groups of variants, each put by a hash of the code points of its
 * first emoji: no emoji of the test part has been seen in training, in neither drawing, nor has a
 * variant of it.
 *
 * @returns Images `(N, 64, 64, 3)`; labels are the nine categories; captions are the Unicode names.
 * @throws {Error} if a file is missing, damaged or not readable, with the way out.
 *
 * @example
 * ```ts
 * import { emoji } from "./emoji.ts";
 * const test = await emoji({ split: "test", drawing: "noto" });
 * console.log(test.captions[0], test.classNames[test.labels[0]!]);
 * ```
 */
export async function emoji(options: EmojiOptions): Promise<EmojiDataset> {
  const { split, drawing = "both", background = [255, 255, 255] } = options;
  checkOptions(split, drawing, background);
  const folder: DataFolder = {
    title: "Emoji",
    directory: options.directory ?? bundledFolder("emoji"),
    remedy:
      "get the folder back with `git checkout -- data/emoji` or build it again with " +
      "`deno task data:emoji`",
  };
  const checksums = await readJson<EmojiChecksums>(folder, "checksums.json");
  const entries = await readJson<EmojiEntry[]>(folder, "emoji.json", checksums);
  const places = [...entries.keys()].filter((place) =>
    emojiSplitOf(entries[entries[place]!.group]!.codepoints) === split
  );
  const chosen = drawing === "both" ? emojiDrawings : [drawing];
  const packed: Uint8Array[] = [];
  for (const name of chosen) packed.push(await readSheetFile(folder, name, checksums));
  const sheets = await Promise.all(packed.map(unpackSheet));

  const size = cellSize * cellSize * 3;
  const images = new Uint8Array(chosen.length * places.length * size);
  sheets.forEach((sheet, s) =>
    places.forEach((place, p) => {
      const start = (s * places.length + p) * size;
      cutFromSheet(sheet, place, background, images.subarray(start, start + size));
    })
  );
  const rows = chosen.flatMap(() => places.map((place) => entries[place]!));
  const digest = checksums.files["emoji.json"]!.slice(0, 8) +
    chosen.map((name) => checksums.pixels[name].slice(0, 8)).join("");
  const name = `emoji/${split}/${drawing}`;
  return {
    name,
    length: rows.length,
    height: cellSize,
    width: cellSize,
    channels: 3,
    images,
    labels: Uint8Array.from(rows, ({ category }) => emojiCategories.indexOf(category)),
    classNames: emojiCategories,
    captions: rows.map((entry) => entry.name.toLowerCase()),
    drawings: chosen.flatMap((one) => places.map(() => one)),
    conceptIds: Int32Array.from(rows, ({ concept }) => concept),
    groupIds: Int32Array.from(rows, ({ group }) => group),
    subcategories: rows.map(({ subcategory }) => subcategory),
    characters: rows.map(({ character }) => character),
    mean: MEAN,
    std: STD,
    background,
    fingerprint: `${name}/over-${background.join("-")}:${digest}`,
  };
}

/**
 * The part that a group of emoji is in, from the code points of the group's first emoji: a hash
 * gives 0 … 99; below 70 is training, below 80 validation, the rest test.
 *
 * @param codepoints Hexadecimal, joined by hyphens.
 *
 * @example
 * ```ts
 * import { emojiSplitOf } from "./emoji.ts";
 * console.log(emojiSplitOf("1F600"));
 * ```
 */
export function emojiSplitOf(codepoints: string): EmojiSplit {
  const points = codepoints.split("-").map((point) => parseInt(point, 16));
  const percentile = hashWords([SPLIT_SEED, purposes.split, ...points]) % 100;
  return percentile < 70 ? "train" : percentile < 80 ? "validation" : "test";
}

/** Part of what the data set is: another number would be another data set. */
const SPLIT_SEED = 0;

async function readJson<T>(
  folder: DataFolder,
  file: string,
  checksums?: EmojiChecksums,
): Promise<T> {
  const bytes = await readDataFile(folder, file);
  if (checksums) await checkSha256(folder, file, bytes, checksums.files[file] ?? "none");
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  } catch (cause) {
    throw new Error(`${folder.title}: ${file} is no JSON; ${folder.remedy}`, { cause });
  }
}

async function readSheetFile(
  folder: DataFolder,
  drawing: EmojiDrawing,
  checksums: EmojiChecksums,
): Promise<Uint8Array> {
  const file = `${drawing}.webp`;
  const bytes = await readDataFile(folder, file);
  await checkSha256(folder, file, bytes, checksums.files[file] ?? "none");
  return bytes;
}

async function unpackSheet(bytes: Uint8Array): Promise<Uint8Array> {
  return await (await openPicture(bytes)).ensureAlpha().raw().toBuffer();
}

function checkOptions(
  split: EmojiSplit,
  drawing: EmojiDrawing | "both",
  background: readonly number[],
): void {
  if (!emojiSplits.includes(split)) {
    throw new Error(`emoji have no split "${split}": use ${emojiSplits.join(", ")}`);
  }
  if (drawing !== "both" && !emojiDrawings.includes(drawing)) {
    throw new Error(
      `there is no drawing "${drawing}": use ${emojiDrawings.join(", ")} or both`,
    );
  }
  const whole = background.every((value) =>
    Number.isInteger(value) && value >= 0 && value < 256
  );
  if (background.length !== 3 || !whole) {
    throw new RangeError(
      `background is [${background}]: use three integers from 0 to 255`,
    );
  }
}
