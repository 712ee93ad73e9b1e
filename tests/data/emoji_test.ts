// The emoji pack: counts, pixels, captions, and a split that keeps drawings and variants together.
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import {
  copyImages,
  emoji,
  emojiCategories,
  type EmojiDataset,
  emojiSplitOf,
  emojiSplits,
  imageAt,
} from "../../lib/data/mod.ts";
import { conceptKeys, groupByKeys } from "../../lib/data/emoji_concepts.ts";
import type { EmojiChecksums } from "../../lib/data/emoji_pack.ts";
import { sha256 } from "../../lib/data/files.ts";
import { openPicture } from "../../lib/data/decode.ts";
import { assertOneSentence, inTemporaryFolder } from "./support.ts";

const bundled = new URL("../../data/emoji/", import.meta.url);
const parts = await Promise.all(emojiSplits.map((split) => emoji({ split })));
const [train, , test] = parts as [EmojiDataset, EmojiDataset, EmojiDataset];

Deno.test("emoji() gives 1,905 emoji in two drawings over the three parts", () => {
  assertEquals(parts.map(({ length }) => length / 2), [1387, 182, 336]);
  for (const part of parts) {
    assertEquals(part.images.length, part.length * 64 * 64 * 3);
    assertEquals(new Set(part.labels).size, 9);
    const half = part.length / 2;
    assertEquals(part.captions.slice(0, half), part.captions.slice(half));
    assertEquals(part.conceptIds.slice(0, half), part.conceptIds.slice(half));
    assertEquals(new Set(part.drawings.slice(0, half)), new Set(["noto"]));
    assertEquals(new Set(part.drawings.slice(half)), new Set(["twemoji"]));
  }
  assertEquals(emojiCategories.length, 9);
});

Deno.test("emoji() has its sheets' pixels as the build task wrote them", async () => {
  const text = await Deno.readTextFile(new URL("checksums.json", bundled));
  const { pixels } = JSON.parse(text) as EmojiChecksums;
  for (const drawing of ["noto", "twemoji"] as const) {
    const bytes = await Deno.readFile(new URL(`${drawing}.webp`, bundled));
    const sheet = await (await openPicture(bytes)).ensureAlpha().raw().toBuffer();
    assertEquals(await sha256(sheet), pixels[drawing]);
  }
});

Deno.test("emoji() draws what its captions say", () => {
  const mean = (part: EmojiDataset, caption: string, drawing: string) => {
    const index = part.captions.findIndex((name, k) =>
      name === caption && part.drawings[k] === drawing
    );
    assert(index >= 0, `there is no ${caption}`);
    const image = imageAt(part, index);
    const at = (
      y: number,
      x: number,
    ) => [...image.slice((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)];
    return { centre: at(32, 32), corner: at(0, 0) };
  };
  const part = parts.find(({ captions }) => captions.includes("large red square"))!;
  for (const drawing of ["noto", "twemoji"]) {
    const { centre: [r, g, b] } = mean(part, "large red square", drawing);
    assert(r! > 180 && g! < 90 && b! < 90, `${drawing}'s red square is ${[r, g, b]}`);
  }
  const smileys = parts.find(({ captions }) => captions.includes("grinning face"))!;
  assertEquals(mean(smileys, "grinning face", "noto").corner, [255, 255, 255]);
});

Deno.test("emoji() keeps concepts, variants and equal pictures on one side", () => {
  const owner = new Map<string, number>();
  const claim = (key: string, part: number) => {
    assertEquals(owner.get(key) ?? part, part, `${key} is on two sides`);
    owner.set(key, part);
  };
  parts.forEach((part, p) => {
    for (let k = 0; k < part.length; k++) {
      claim(`emoji ${part.characters[k]}`, p);
      claim(`concept ${part.conceptIds[k]}`, p);
      claim(`group ${part.groupIds[k]}`, p);
      claim(`picture ${imageAt(part, k).join()}`, p);
      claim(`caption ${part.captions[k]}`, p);
    }
  });
  assertEquals(new Set(test.conceptIds).size, 336);
});

Deno.test("emoji() puts clock faces, runners and Norway's flags together", () => {
  const groupOf = (caption: string) => {
    const part = parts.find(({ captions }) => captions.includes(caption))!;
    return part.groupIds[part.captions.indexOf(caption)];
  };
  assertEquals(groupOf("clock face one oclock"), groupOf("clock face nine-thirty"));
  assertEquals(groupOf("woman running"), groupOf("runner"));
  assertEquals(groupOf("norway flag"), groupOf("bouvet island flag"));
  assert(groupOf("norway flag") !== groupOf("sweden flag"));
});

Deno.test("emoji() gives one drawing alone, equal to its half of both", async () => {
  const half = test.length / 2;
  const second = await emoji({ split: "test", drawing: "twemoji" });
  assertEquals(second.length, half);
  const indices = Array.from({ length: half }, (_, k) => half + k);
  assertEquals(second.images, copyImages(test, indices));
  assert(second.fingerprint !== test.fingerprint);
});

Deno.test("emoji() lays the drawings over the background asked for", async () => {
  const dark = await emoji({ split: "test", drawing: "noto", background: [10, 20, 30] });
  const corners = (part: EmojiDataset) => [...imageAt(part, 0).slice(0, 3)];
  assertEquals([corners(dark), corners(test)], [[10, 20, 30], [255, 255, 255]]);
  assertEquals(dark.background, [10, 20, 30]);
});

Deno.test("emoji() carries mean and standard deviation of the training images", () => {
  for (const channel of [0, 1, 2]) {
    let sum = 0;
    let squares = 0;
    for (let k = channel; k < train.images.length; k += 3) {
      const value = train.images[k]! / 255;
      sum += value;
      squares += value * value;
    }
    const count = train.images.length / 3;
    assertAlmostEquals(train.mean[channel]!, sum / count, 1e-6);
    assertAlmostEquals(
      train.std[channel]!,
      Math.sqrt(squares / count - (sum / count) ** 2),
      1e-6,
    );
  }
});

Deno.test("emojiSplitOf() is a fixed function of code points", () => {
  // Pinned: another answer would be another data set.
  assertEquals(["1F600", "1F44B", "1F1E6-1F1E8"].map(emojiSplitOf), [
    "train",
    "test",
    "test",
  ]);
});

Deno.test("conceptKeys() finds variants and keeps other things apart", () => {
  const key = (name: string, codepoints: string, subcategory = "") =>
    conceptKeys({ name, codepoints, subcategory });
  const grouped = groupByKeys([
    key("WOMAN ASTRONAUT", "1F469-200D-1F680"),
    key("ASTRONAUT", "1F9D1-200D-1F680"),
    key("ROCKET", "1F680"),
    key("KEYCAP 1", "0031-FE0F-20E3"),
    key("HASH KEY", "0023-FE0F-20E3"),
    key("North Korea Flag", "1F1F0-1F1F5"),
    key("South Korea Flag", "1F1F0-1F1F7"),
    key("BLACK CAT", "1F408-200D-2B1B"),
    key("CAT", "1F408"),
  ]);
  assertEquals(grouped, [0, 0, 2, 3, 3, 5, 6, 7, 7]);
});

Deno.test("emoji() says how to mend a missing or damaged pack, and what it offers", async () => {
  await inTemporaryFolder(async (directory) => {
    const read = () => emoji({ split: "test", drawing: "noto", directory });
    await assertOneSentence(read, "checksums.json", "deno task data:emoji");
    for (const file of ["checksums.json", "emoji.json"]) {
      await Deno.copyFile(new URL(file, bundled), `${directory}/${file}`);
    }
    await Deno.writeFile(`${directory}/noto.webp`, new Uint8Array(1000));
    await assertOneSentence(read, "noto.webp", "is damaged");
  });
  const wrong = { split: "tset" as "test" };
  await assertRejects(() => emoji(wrong), Error, "train, validation, test");
});
