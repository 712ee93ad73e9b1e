// Crops of files and of pixels: the same picture whatever the format, the way the camera was held,
// or the part; and files that are none.
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import sharp from "sharp";
import { type JpegDecoder, openForCrop } from "../../lib/data/decode_crop.ts";
import { isOrdinaryJpeg, jpegHeader } from "../../lib/data/jpeg_header.ts";
import { jpegPixels } from "../../lib/engine/mod.ts";
import { turnUpright } from "../../lib/data/orientation.ts";
import { resample } from "../../lib/data/resample.ts";
import type { Crop, Interpolation } from "../../lib/data/transform.ts";
import { difference, drawing, gradient, heldAs, jpegOf } from "./pictures.ts";
import { assertOneSentence } from "./support.ts";

const size = { height: 60, width: 90 };
const pixels = { ...size, values: gradient(size) };
const white = [255, 255, 255];
const part: Crop = {
  ...{ top: 7, left: 21, height: 40, width: 50 },
  ...{ mirrored: true, interpolation: "bicubic" },
};
const small = { height: 20, width: 25 };

async function cut(
  encoded: Uint8Array,
  crop: Crop,
  to = small,
  background = white,
): Promise<Uint8Array> {
  return await (await openForCrop({ encoded }, { background })).cut(crop, to);
}

Deno.test("resample() gives the numbers of Pillow", () => {
  // Image.frombytes("L", (4, 2), bytes([0, 40, 200, 90, 10, 250, 30, 60])).resize((5, 3)) and
  // .resize((2, 1)), Pillow 13.0.0
  const values = Uint8Array.of(0, 40, 200, 90, 10, 250, 30, 60);
  const whole = { top: 0, left: 0, height: 2, width: 4, mirrored: false };
  const resized = (interpolation: Interpolation, height: number, width: number) => [
    ...resample({ height: 2, width: 4, values }, { ...whole, interpolation }, {
      height,
      width,
    }, [0]),
  ];
  assertEquals(resized("bilinear", 1, 2), [81, 102]);
  assertEquals(resized("bicubic", 1, 2), [80, 105]);
  assertEquals(resized("lanczos", 1, 2), [81, 108]);
  assertEquals(resized("nearest", 1, 2), [250, 60]);
  const rows = (...numbers: number[][]) => numbers.flat();
  assertEquals(
    resized("bilinear", 3, 5),
    rows([0, 28, 120, 167, 90], [5, 103, 130, 103, 75], [10, 178, 140, 39, 60]),
  );
  assertEquals(
    resized("bicubic", 3, 5),
    rows([0, 5, 127, 191, 87], [0, 108, 141, 102, 73], [0, 210, 155, 13, 59]),
  );
  assertEquals(
    resized("lanczos", 3, 5),
    rows([1, 0, 137, 202, 83], [1, 103, 156, 96, 74], [0, 222, 174, 0, 64]),
  );
});

Deno.test("resample() fills what lies beyond the edges with the background", () => {
  const tiny = { height: 1, width: 2, values: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const crop: Crop = {
    ...{ top: -1, left: -1, height: 3, width: 4 },
    ...{ mirrored: false, interpolation: "nearest" },
  };
  const result = resample(tiny, crop, { height: 3, width: 4 }, [9, 8, 7]);
  const outside = [9, 8, 7];
  assertEquals([...result.subarray(0, 12)], [
    ...outside,
    ...outside,
    ...outside,
    ...outside,
  ]);
  assertEquals([...result.subarray(12, 24)], [...outside, 1, 2, 3, 4, 5, 6, ...outside]);
  const away = resample(tiny, { ...crop, top: 5 }, { height: 1, width: 1 }, [9, 8, 7]);
  assertEquals([...away], outside);
});

Deno.test("cut() of a file equals resampling its pixels, with every filter", async () => {
  const encoded = await drawing(size).png().toBuffer();
  for (const interpolation of ["bilinear", "bicubic", "lanczos"] as const) {
    const crop = { ...part, interpolation };
    const { mean, largest } = difference(
      await cut(encoded, crop),
      resample(pixels, crop, small, white),
    );
    assertLess(mean, 0.6, interpolation);
    assertLess(largest, 4, interpolation);
  }
});

Deno.test("cut() enlarges as Pillow does, without a shift", async () => {
  const encoded = await drawing(size).png().toBuffer();
  const large = { height: 100, width: 100 };
  assertEquals(await cut(encoded, part, large), resample(pixels, part, large, white));
});

Deno.test("cut() reaches over the edges of a file as over those of pixels", async () => {
  const encoded = await drawing(size).png().toBuffer();
  const over = { ...part, top: -10, left: 60 };
  const expected = resample(pixels, over, small, [1, 2, 3]);
  assertEquals(await cut(encoded, over, small, [1, 2, 3]), expected);
  const beyond = await cut(encoded, { ...part, top: 200 }, small, [1, 2, 3]);
  assertEquals([...beyond.subarray(0, 3)], [1, 2, 3]);
});

Deno.test("cut() turns all eight EXIF orientations upright", async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    const encoded = await drawing(size).withMetadata({ orientation }).png().toBuffer();
    const upright = await sharp(encoded).autoOrient().raw().toBuffer({
      resolveWithObject: true,
    });
    const { height, width } = upright.info;
    const open = await openForCrop({ encoded }, { background: white });
    assertEquals(open.size, { height, width });
    const turned = { height, width, values: new Uint8Array(upright.data) };
    const crop = { ...part, left: 3 };
    const { mean } = difference(
      await open.cut(crop, small),
      resample(turned, crop, small, white),
    );
    assertLess(mean, 0.6, `orientation ${orientation}`);
    const over = { ...crop, top: -5 };
    const expected = resample(turned, over, small, white);
    assertEquals(await open.cut(over, small), expected, `orientation ${orientation}`);
  }
});

Deno.test("jpegHeader() says what sharp says, or nothing", async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    for (const progressive of [false, true]) {
      const encoded = await drawing(size).withMetadata({ orientation })
        .jpeg({ progressive }).toBuffer();
      assertEquals(jpegHeader(encoded), { stored: size, orientation });
      const open = await openForCrop({ encoded }, { background: white });
      const { autoOrient } = await sharp(encoded).metadata();
      assertEquals(open.size, autoOrient);
    }
  }
  const plain = new Uint8Array(await jpegOf(size));
  assertEquals(jpegHeader(plain), { stored: size, orientation: 1 });
  for (let length = 0; length < 200; length++) {
    assertEquals(jpegHeader(plain.subarray(0, length))?.stored ?? size, size);
  }
  assertEquals(jpegHeader(await drawing(size).png().toBuffer()), undefined);
  // What claims more pixels than are allowed is refused before it is decoded.
  const start = plain.findIndex((byte, k) => byte === 0xff && plain[k + 1] === 0xc0);
  const bomb = plain.slice();
  bomb.set([0xff, 0x00, 0xff, 0x00], start + 5);
  await assertOneSentence(() => cut(bomb, part), "65280 × 65280", "pixel limit");
});

Deno.test("cut() reads every format, depth and colour space alike", async () => {
  const expected = resample(pixels, part, small, white);
  const grey = await drawing(size).greyscale().raw().toBuffer();
  const files: Record<string, [Promise<Uint8Array>, number]> = {
    jpeg: [drawing(size).jpeg({ quality: 95 }).toBuffer(), 3],
    progressive: [drawing(size).jpeg({ quality: 95, progressive: true }).toBuffer(), 3],
    cmyk: [drawing(size).toColourspace("cmyk").jpeg({ quality: 95 }).toBuffer(), 12],
    sixteen: [drawing(size).toColourspace("rgb16").png().toBuffer(), 1],
    palette: [drawing(size).png({ palette: true, dither: 0 }).toBuffer(), 12],
    webp: [drawing(size).webp({ lossless: true }).toBuffer(), 1],
    tiff: [drawing(size).tiff({ compression: "lzw" }).toBuffer(), 1],
    avif: [drawing(size).avif({ quality: 90 }).toBuffer(), 6],
  };
  for (const [name, [encoding, allowed]] of Object.entries(files)) {
    const { mean } = difference(await cut(await encoding, part), expected);
    assertLess(mean, allowed, name);
  }
  const oneChannel = await drawing(size).toColourspace("b-w").jpeg().toBuffer();
  const three = await cut(oneChannel, part);
  assertEquals(three.length, 3 * small.height * small.width);
  assert(
    three.every((value, k) => value === three[k - k % 3]),
    "grey has equal channels",
  );
  const one = await cut(await drawing(size).png().toBuffer(), part, small, [0]);
  const greyPixels = { ...size, values: new Uint8Array(grey) };
  const ofGrey = grey.length === size.height * size.width
    ? resample(greyPixels, part, small, [0])
    : resample(greyPixels, part, small, [0, 0, 0]).filter((_, k) => k % 3 === 0);
  assertLess(difference(one, ofGrey).mean, 1.5);
});

Deno.test("cut() takes the first frame of an animation, and lays alpha over the background", async () => {
  const frames = [10, 200].map((kind) => drawing(size, kind).png().toBuffer());
  const join = { join: { animated: true } };
  const both = await Promise.all(frames);
  for (const format of ["gif", "webp"] as const) {
    const encoded = await sharp(both, join).toFormat(format).toBuffer();
    assertEquals((await sharp(encoded).metadata()).pages, 2);
    const open = await openForCrop({ encoded }, { background: white });
    assertEquals(open.size, size);
    const blue = (await open.cut(part, small)).filter((_, k) => k % 3 === 2);
    assert(blue.every((value) => value < 60), `${format} shows another frame`);
  }
  const clear = await sharp({
    create: { ...size, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  }).png().toBuffer();
  assertEquals([...(await cut(clear, part, small, [3, 2, 1])).subarray(0, 3)], [3, 2, 1]);
});

Deno.test("a wrong ending does not matter, but a file that is no whole picture is refused", async () => {
  const jpeg = await jpegOf(size);
  const last = { ...part, top: 20 };
  await assertRejects(() => cut(jpeg.subarray(0, jpeg.length / 2), last), Error);
  const png = new Uint8Array(await drawing(size).png({ compressionLevel: 0 }).toBuffer());
  await assertRejects(() => cut(png.subarray(0, png.length / 2), last), Error);
  await assertRejects(() => cut(new Uint8Array(0), part), Error, "empty");
  const letter = new TextEncoder().encode("Dear Sir or Madam");
  await assertOneSentence(() => cut(letter, part), "unsupported image format");
});

Deno.test("a file of some bytes that claims a huge picture is refused at once", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>';
  const encoded = new TextEncoder().encode(svg);
  await assertOneSentence(() => cut(encoded, part), "pixel limit");
});

Deno.test("a crop of the resized whole sees the neighbours beyond its edge", async () => {
  const whole = { height: 30, width: 45 };
  const scale = size.height / whole.height;
  // Rows 3 … 22 and columns 10 … 34 of the picture at half its size.
  const crop: Crop = {
    ...{ top: 3 * scale, left: 10 * scale, height: 20 * scale, width: 25 * scale },
    ...{ mirrored: true, interpolation: "bicubic", whole },
  };
  const all = {
    top: 0,
    left: 0,
    ...size,
    mirrored: false,
    interpolation: "bicubic",
  } as const;
  const half = { ...whole, values: resample(pixels, all, whole, white) };
  const expected = resample(
    half,
    { ...crop, ...{ top: 3, left: 10, height: 20, width: 25 }, interpolation: "nearest" },
    small,
    white,
  );
  const direct = resample(pixels, crop, small, white);
  const { whole: _, ...without } = crop;
  assert(difference(direct, expected).largest === 0, "not the part of the whole");
  assert(difference(resample(pixels, without, small, white), expected).largest > 0);
  for (let orientation = 1; orientation <= 8; orientation++) {
    // Stored in such a way that it is this picture when upright.
    const turns = orientation >= 5;
    const stored = turns ? { height: size.width, width: size.height } : size;
    const values = turnUpright(gradient(size), size, 3, inverse[orientation]!);
    const encoded = await sharp(values, { raw: { ...stored, channels: 3 } })
      .withMetadata({ orientation }).png().toBuffer();
    const { mean, largest } = difference(await cut(encoded, crop), expected);
    assertLess(mean, 0.6, `orientation ${orientation}`);
    assertLess(largest, 4, `orientation ${orientation}`);
    // Larger than the picture, and over its edges.
    const large = { height: 120, width: 180 };
    const enlarged = { ...crop, whole: large, top: -4 };
    assertEquals(
      await cut(encoded, enlarged),
      resample(pixels, enlarged, small, white),
      `orientation ${orientation}`,
    );
    const over = { ...crop, top: -10 * scale, height: 60 * scale };
    const padded = { height: 60, width: 25 };
    const { mean: apart } = difference(
      await cut(encoded, over, padded),
      resample(pixels, over, padded, white),
    );
    assertLess(apart, 0.6, `orientation ${orientation}`);
  }
});

/** By orientation, the one that undoes it. */
const inverse = [0, 1, 2, 3, 4, 5, 8, 7, 6];

Deno.test("isOrdinaryJpeg() takes what all decoders read alike, and nothing else", async () => {
  const ordinary = await Promise.all([
    drawing(size).jpeg().toBuffer(),
    drawing(size).jpeg({ progressive: true, chromaSubsampling: "4:4:4" }).toBuffer(),
    drawing(size).jpeg().toBuffer().then((file) => heldAs(file, 6)),
  ]);
  assertEquals(jpegHeader(ordinary[2]), { stored: size, orientation: 6 });
  assertEquals(ordinary.map(isOrdinaryJpeg), [true, true, true]);
  const others = await Promise.all([
    drawing(size).toColourspace("b-w").jpeg().toBuffer(),
    drawing(size).toColourspace("cmyk").jpeg().toBuffer(),
    drawing(size).withIccProfile("p3").jpeg().toBuffer(),
    drawing(size).png().toBuffer(),
  ]);
  assertEquals(others.map(isOrdinaryJpeg), [false, false, false, false]);
  const [plain] = ordinary;
  for (let length = 0; length < 100; length++) {
    assertEquals(isOrdinaryJpeg(plain.subarray(0, length)), false);
  }
});

Deno.test("cut() with another decoder gives the same bytes, held in any way", async () => {
  const noise = Uint8Array.from({ length: 60 * 90 * 3 }, (_, k) => k * 7919 % 251);
  for (let orientation = 1; orientation <= 8; orientation++) {
    const encoded = heldAs(
      await sharp(noise, { raw: { ...size, channels: 3 } })
        .jpeg({ chromaSubsampling: orientation % 2 ? "4:2:0" : "4:4:4" }).toBuffer(),
      orientation,
    );
    const plain = await openForCrop({ encoded }, { background: white });
    let freed = 0;
    const options = {
      background: white,
      decodeJpeg: async (...given: Parameters<JpegDecoder>) => {
        const pixels = await jpegPixels(...given);
        return {
          ...pixels,
          [Symbol.dispose]() {
            freed++;
            pixels[Symbol.dispose]();
          },
        };
      },
    };
    const direct = await openForCrop({ encoded }, options);
    const crops = [
      { ...part, left: 3, height: 31, width: 27 },
      { ...part, top: -9, left: 40, mirrored: false },
      { ...part, top: 0, left: 5, ...small },
      { ...part, whole: { height: 40, width: 44 } },
    ];
    for (const [index, crop] of crops.entries()) {
      const title = `orientation ${orientation}, crop ${index}`;
      assertEquals(await direct.cut(crop, small), await plain.cut(crop, small), title);
    }
    assertEquals(freed, crops.length);
  }
});

Deno.test("where another decoder fails, or must not be asked, sharp decides", async () => {
  let asked = 0;
  const decodeJpeg = () => {
    asked++;
    return Promise.reject(new Error("it cannot"));
  };
  const encoded = await jpegOf(size);
  const whole = await openForCrop({ encoded }, { background: white, decodeJpeg });
  assertEquals(await whole.cut(part, small), await cut(encoded, part));
  assertEquals(asked, 1);
  const grey = await openForCrop({ encoded }, { background: [0], decodeJpeg });
  assertEquals((await grey.cut(part, small)).length, 20 * 25);
  const png = new Uint8Array(await drawing(size).png().toBuffer());
  const other = await openForCrop({ encoded: png }, { background: white, decodeJpeg });
  assertEquals(await other.cut(part, small), await cut(png, part));
  assertEquals(asked, 1);
  const half = encoded.slice(0, encoded.length >> 1);
  const options = { background: white, decodeJpeg: jpegPixels };
  const all = { ...part, top: 0, left: 0, ...size };
  const damaged = await openForCrop({ encoded: half }, options);
  await assertRejects(() => damaged.cut(all, small), Error);
});
