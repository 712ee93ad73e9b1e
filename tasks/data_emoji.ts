/**
 * Builds `data/emoji/` again from the npm packages emoji-datasource-google and
 * emoji-datasource-twitter 16.0.0: the same bytes each time with the same release of sharp, the same
 * pixels with any. Nobody needs it to use mimkit; it is there so that the pack can be checked.
 *
 * `deno task data:emoji`
 *
 * @module
 */
import { openPicture } from "../lib/data/decode.ts";
import { conceptKeys, groupByKeys } from "../lib/data/emoji_concepts.ts";
import {
  cellSize,
  emojiCategories,
  type EmojiChecksums,
  type EmojiDrawing,
  type EmojiEntry,
  placeInSheet,
  sheetSize,
  similarPictures,
} from "../lib/data/emoji_pack.ts";
import { sha256 } from "../lib/data/files.ts";

const VERSION = "16.0.0";
const sources: Record<EmojiDrawing, { packageName: string; folder: string }> = {
  noto: { packageName: "emoji-datasource-google", folder: "img/google/64" },
  twemoji: { packageName: "emoji-datasource-twitter", folder: "img/twitter/64" },
};

/** Left out, each for a reason: the Google package has Saudi Arabia's flag in Sark's place. */
const WRONG_PICTURES = new Set(["1F1E8-1F1F6"]);

// Mean differences of 255, chosen by looking at all pairs below 6: up to 0.5 two pictures are one
// (flags of dependent territories, families); up to 2 they differ in a mouth or an open lock.
const SAME_PICTURE = 0.5;
const NEARLY_SAME_PICTURE = 2;

/** The fields used here of the packages' emoji.json. */
interface SourceEmoji {
  readonly name: string;
  readonly unified: string;
  readonly image: string;
  readonly short_names: readonly string[];
  readonly category: string;
  readonly subcategory: string;
  readonly sort_order: number;
  readonly has_img_google: boolean;
  readonly has_img_twitter: boolean;
  readonly skin_variations?: Readonly<Record<string, unknown>>;
}

const target = new URL("../data/emoji/", import.meta.url);
const workshop = new URL(".build/", target);

/** Has Deno's npm client fetch the packages (it checks their integrity) to a folder of their own. */
async function fetchPackages(): Promise<void> {
  await Deno.mkdir(workshop, { recursive: true });
  const imports = Object.fromEntries(
    Object.values(sources).map(({ packageName }) => [
      packageName,
      `npm:${packageName}@${VERSION}`,
    ]),
  );
  const config = JSON.stringify({ nodeModulesDir: "auto", lock: false, imports });
  await Deno.writeTextFile(new URL("deno.json", workshop), config);
  const { success, stderr } = await new Deno.Command("deno", {
    args: ["install"],
    cwd: workshop,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim());
    const reason = lines.findLast((line) => /error/i.test(line)) ?? "no reason given";
    throw new Error(
      `the emoji packages could not be fetched (${reason}): check the network and run again`,
    );
  }
}

function inPackage(drawing: EmojiDrawing, path: string): URL {
  return new URL(`node_modules/${sources[drawing].packageName}/${path}`, workshop);
}

/** The emoji to pack, in Unicode's order; prints what is left out and why. */
async function chooseEmoji(): Promise<SourceEmoji[]> {
  const all: SourceEmoji[] = JSON.parse(
    await Deno.readTextFile(inPackage("noto", "emoji.json")),
  );
  const tones = all.filter(({ category }) => category === "Component");
  const wrong = all.filter(({ unified }) => WRONG_PICTURES.has(unified));
  const left = all.filter((emoji) => !tones.includes(emoji) && !wrong.includes(emoji));
  const complete = left.filter((emoji) => emoji.has_img_google && emoji.has_img_twitter);
  const variations = left.flatMap((emoji) => Object.keys(emoji.skin_variations ?? {}));
  console.log(
    `${all.length} emoji in the packages: ${complete.length} kept; left out: ${tones.length} ` +
      `skin tones by themselves, ${wrong.length} with a wrong picture, ` +
      `${
        left.length - complete.length
      } without both drawings; and ${variations.length} ` +
      "variations of the kept ones in other skin tones",
  );
  const unknown = complete.find(({ category }) => !emojiCategories.includes(category));
  if (unknown) {
    throw new Error(`${unknown.name} has the unknown category ${unknown.category}`);
  }
  return complete.sort((a, b) => a.sort_order - b.sort_order);
}

async function drawSheet(
  drawing: EmojiDrawing,
  chosen: SourceEmoji[],
): Promise<Uint8Array> {
  const { width, height } = sheetSize(chosen.length);
  const sheet = new Uint8Array(width * height * 4);
  for (const [place, { image }] of chosen.entries()) {
    const file = inPackage(drawing, `${sources[drawing].folder}/${image}`);
    const picture = await openPicture(await Deno.readFile(file));
    const { data, info } = await picture.toColourspace("srgb").ensureAlpha().raw()
      .toBuffer({ resolveWithObject: true });
    if (info.width !== cellSize || info.height !== cellSize || info.channels !== 4) {
      throw new Error(
        `${file.pathname} is ${info.width} × ${info.height}, not 64 × 64 RGBA`,
      );
    }
    placeInSheet(sheet, place, data);
  }
  return sheet;
}

function describe(chosen: SourceEmoji[], sheets: Uint8Array[]): EmojiEntry[] {
  const pairs = (limit: number) =>
    sheets.flatMap((sheet) => similarPictures(sheet, chosen.length, limit));
  const identities = chosen.map(({ name, unified, subcategory }) =>
    conceptKeys({ name, codepoints: unified, subcategory })
  );
  const concepts = groupByKeys(chosen.map(() => []), pairs(SAME_PICTURE));
  const groups = groupByKeys(identities, pairs(NEARLY_SAME_PICTURE));
  return chosen.map((emoji, place) => ({
    character: String.fromCodePoint(
      ...emoji.unified.split("-").map((point) => parseInt(point, 16)),
    ),
    codepoints: emoji.unified,
    name: emoji.name,
    keywords: emoji.short_names,
    category: emoji.category,
    subcategory: emoji.subcategory,
    concept: concepts[place]!,
    group: groups[place]!,
  }));
}

/** Writes a file of the pack; returns its SHA-256. */
async function write(file: string, bytes: Uint8Array): Promise<string> {
  const before = await Deno.readFile(new URL(file, target)).then(sha256, () => "");
  const now = await sha256(bytes);
  await Deno.writeFile(new URL(file, target), bytes);
  console.log(`${file}: ${bytes.length} bytes, ${now === before ? "unchanged" : "new"}`);
  return now;
}

async function build(): Promise<void> {
  await fetchPackages();
  const chosen = await chooseEmoji();
  const raw = { ...sheetSize(chosen.length), channels: 4 as const };
  const files: Record<string, string> = {};
  const pixels = { noto: "", twemoji: "" };
  const sheets: Uint8Array[] = [];
  for (const drawing of ["noto", "twemoji"] as const) {
    const sheet = await drawSheet(drawing, chosen);
    const packed = await (await openPicture(sheet, { raw }))
      .webp({ lossless: true, exact: true, effort: 6 }).toBuffer();
    const file = `${drawing}.webp`;
    files[file] = await write(file, packed);
    pixels[drawing] = await sha256(sheet);
    sheets.push(sheet);
  }
  const lines = describe(chosen, sheets).map((entry) => JSON.stringify(entry));
  const encode = (text: string) => new TextEncoder().encode(text);
  files["emoji.json"] = await write("emoji.json", encode(`[\n${lines.join(",\n")}\n]\n`));
  const checksums: EmojiChecksums = { files, pixels };
  await write("checksums.json", encode(JSON.stringify(checksums, null, 2) + "\n"));
}

try {
  await build();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
} finally {
  await Deno.remove(workshop, { recursive: true }).catch(() => {});
}
