/** Parts of JPEGs as TensorFlow decodes them: the bytes of sharp, and nothing left behind. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import sharp, { type JpegOptions } from "sharp";
import { jpegPixels, memory } from "../../lib/engine/mod.ts";

const picture = { height: 70, width: 93 };

async function noise(options: JpegOptions): Promise<Uint8Array<ArrayBuffer>> {
  const values = Uint8Array.from({ length: 70 * 93 * 3 }, (_, k) => k * 7919 % 251);
  const pixels = sharp(values, { raw: { ...picture, channels: 3 } });
  return new Uint8Array(await pixels.jpeg(options).toBuffer());
}

/** The part without what was decoded around it. */
async function part(
  encoded: Uint8Array<ArrayBuffer>,
  wanted: { top: number; left: number; height: number; width: number },
): Promise<number[]> {
  using pixels = await jpegPixels(encoded, { picture, part: wanted });
  assertEquals(pixels.values.length, pixels.height * pixels.width * 3);
  const rows = Array.from({ length: wanted.height }, (_, row) => {
    const at =
      ((wanted.top - pixels.top + row) * pixels.width + wanted.left - pixels.left) * 3;
    return [...pixels.values.subarray(at, at + 3 * wanted.width)];
  });
  return rows.flat();
}

Deno.test("jpegPixels() gives sharp's bytes of any part, however the file is coded", async () => {
  for (const chromaSubsampling of ["4:2:0", "4:4:4"]) {
    for (const progressive of [false, true]) {
      const encoded = await noise({ chromaSubsampling, progressive, quality: 80 });
      for (
        const wanted of [
          { top: 0, left: 0, ...picture },
          { top: 16, left: 32, height: 16, width: 16 }, // where the blocks lie
          { top: 33, left: 31, height: 3, width: 50 },
          { top: 69, left: 92, height: 1, width: 1 },
        ]
      ) {
        const expected = await sharp(encoded).extract(wanted).raw().toBuffer();
        const title = `${chromaSubsampling} ${progressive} ${JSON.stringify(wanted)}`;
        assertEquals(await part(encoded, wanted), [...expected], title);
      }
    }
  }
});

Deno.test("jpegPixels() takes several at a time and leaves no tensor behind", async () => {
  const encoded = await noise({});
  const wanted = { top: 3, left: 4, height: 20, width: 30 };
  const first = await part(encoded, wanted);
  const before = memory();
  const many = await Promise.all(Array.from({ length: 8 }, () => part(encoded, wanted)));
  assert(many.every((values) => values.join() === first.join()), "another result");
  const { tensors, handles } = memory();
  assertEquals([tensors, handles], [before.tensors, before.handles]);
});

Deno.test("jpegPixels() refuses what is no JPEG, or ends too early", async () => {
  const encoded = await noise({});
  const all = { picture, part: { top: 0, left: 0, ...picture } };
  const refused = (bytes: Uint8Array<ArrayBuffer>) =>
    assertRejects(() => jpegPixels(bytes, all), Error, "A JPEG could not be decoded");
  await refused(encoded.slice(0, 400));
  await refused(new Uint8Array(300));
  await refused(new Uint8Array(0));
  const beyond = {
    picture: { height: 900, width: 900 },
    part: { ...all.part, top: 500 },
  };
  await assertRejects(() => jpegPixels(encoded, beyond), Error, "could not be decoded");
});
