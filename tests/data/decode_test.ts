// Decoding: orientation, grey, palette, alpha, 16 bits, and pictures that are none.
import { assert, assertEquals, assertRejects } from "@std/assert";
import sharp from "sharp";
import { decodeImage } from "../../lib/data/mod.ts";
import { assertOneSentence, inTemporaryFolder } from "./support.ts";

/** 2 rows of 3 pixels, all of different colours. */
const colours = Uint8Array.of(
  ...[255, 0, 0, 0, 255, 0, 0, 0, 255],
  ...[255, 255, 0, 0, 255, 255, 255, 0, 255],
);
const raw = { width: 3, height: 2, channels: 3 as const };

Deno.test("decodeImage() gives the pixels of a lossless picture", async () => {
  const bytes = await sharp(colours, { raw }).png().toBuffer();
  assertEquals(await decodeImage(bytes), { pixels: colours, height: 2, width: 3 });
  const palette = await sharp(colours, { raw }).png({ palette: true }).toBuffer();
  assertEquals((await decodeImage(palette)).pixels, colours);
});

Deno.test("decodeImage() turns a picture upright as its EXIF data say", async () => {
  // Orientation 6: the camera was held so that the picture must be turned a quarter clockwise.
  const bytes = await sharp(colours, { raw }).withMetadata({ orientation: 6 }).png()
    .toBuffer();
  const { pixels, height, width } = await decodeImage(bytes);
  assertEquals([height, width], [3, 2]);
  const pixel = (source: Uint8Array, k: number) => [...source.slice(3 * k, 3 * k + 3)];
  assertEquals(pixel(pixels, 0), pixel(colours, 3));
  assertEquals(pixel(pixels, 1), pixel(colours, 0));
});

Deno.test("decodeImage() makes three channels of grey, of 16 bits too", async () => {
  const grey = sharp(Uint8Array.of(0, 128), {
    raw: { width: 2, height: 1, channels: 1 },
  });
  const expected = Uint8Array.of(0, 0, 0, 128, 128, 128);
  const small = await grey.clone().toColourspace("b-w").png().toBuffer();
  assertEquals((await sharp(small).metadata()).channels, 1);
  assertEquals((await decodeImage(small)).pixels, expected);
  const deep = await grey.clone().toColourspace("grey16").png().toBuffer();
  assertEquals((await sharp(deep).metadata()).depth, "ushort");
  const { pixels } = await decodeImage(deep);
  assertEquals(pixels.length, 6);
  assertEquals([pixels[0], pixels[3]], [0, 128]);
});

Deno.test("decodeImage() lays transparent pixels over the background", async () => {
  const clear = Uint8Array.of(10, 20, 30, 0, 10, 20, 30, 255);
  const bytes = await sharp(clear, { raw: { width: 2, height: 1, channels: 4 } }).png()
    .toBuffer();
  const white = (await decodeImage(bytes)).pixels;
  assertEquals(white, Uint8Array.of(255, 255, 255, 10, 20, 30));
  const blue = (await decodeImage(bytes, { background: [0, 0, 200] })).pixels;
  assertEquals(blue, Uint8Array.of(0, 0, 200, 10, 20, 30));
});

Deno.test("decodeImage() resizes to a square or to both sides", async () => {
  const black = new Uint8Array(40 * 20 * 3);
  const bytes = await sharp(black, { raw: { width: 40, height: 20, channels: 3 } }).jpeg()
    .toBuffer();
  const square = await decodeImage(bytes, { size: 8, fit: "contain" });
  assertEquals([square.height, square.width, square.pixels.length], [8, 8, 192]);
  assertEquals([square.pixels[0], square.pixels[3 * 8 * 4]], [255, 0]);
  const both = await decodeImage(bytes, { size: { height: 5, width: 9 } });
  assertEquals([both.height, both.width, both.pixels.length], [5, 9, 135]);
  assert(both.pixels.every((value) => value < 8), "cover leaves no background");
});

Deno.test("decodeImage() names the file that is no whole picture", async () => {
  await inTemporaryFolder(async (folder) => {
    await assertOneSentence(
      () => decodeImage(`${folder}/none.png`),
      "none.png",
      "check the path",
    );

    await Deno.writeTextFile(`${folder}/letter.jpg`, "Dear Sir or Madam");
    await assertOneSentence(
      () => decodeImage(`${folder}/letter.jpg`),
      "letter.jpg",
      "decoded",
    );

    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, k) => k * 7919 % 251);
    const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    await Deno.writeFile(`${folder}/half.png`, whole.subarray(0, whole.length / 2));
    await assertOneSentence(
      () => decodeImage(`${folder}/half.png`),
      "half.png",
      "replace",
    );
    const jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    await Deno.writeFile(`${folder}/half.jpg`, jpeg.subarray(0, jpeg.length / 2));
    await assertOneSentence(
      () => decodeImage(`${folder}/half.jpg`),
      "half.jpg",
      "replace",
    );

    await assertOneSentence(() => decodeImage(new Uint8Array(0)), "0 bytes");
  });
});

Deno.test("decodeImage() refuses a size or a background out of range", async () => {
  const bytes = await sharp(colours, { raw }).png().toBuffer();
  await assertRejects(() => decodeImage(bytes, { size: 0 }), RangeError, "size is 0");
  const background = [0, 0, 300] as const;
  await assertRejects(() => decodeImage(bytes, { background }), RangeError, "0,0,300");
});
