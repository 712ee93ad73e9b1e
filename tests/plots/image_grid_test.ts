/** Pictures, overlays and grids: the right pixels in the right places. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import sharp from "sharp";
import {
  colorAt,
  enlarge,
  heatOverlay,
  imageGrid,
  maskOverlay,
  type Picture,
  toRgb,
} from "../../lib/plots/mod.ts";

const red: Picture = {
  pixels: Uint8Array.from([255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 255]),
  height: 2,
  width: 2,
  channels: 3,
};
const grey: Picture = {
  pixels: Float32Array.from({ length: 16 }, (_, index) => index / 15),
  height: 4,
  width: 4,
  channels: 1,
};

const pixel = (picture: Picture, x: number, y: number): number[] => {
  const place = (y * picture.width + x) * 3;
  return [...picture.pixels.subarray(place, place + 3)];
};

async function decode(png: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(png).removeAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  return {
    pixels: new Uint8Array(data),
    width: info.width,
    height: info.height,
    channels: 3,
  };
}

Deno.test("toRgb() clips, spreads grey and paints NaN magenta", () => {
  const picture = toRgb({
    pixels: Float32Array.of(-1, 0.5, 2, NaN),
    height: 1,
    width: 4,
    channels: 1,
  });
  assertEquals([...picture.pixels], [0, 0, 0, 128, 128, 128, 255, 255, 255, 255, 0, 255]);
  assertThrows(
    () => toRgb({ ...grey, width: 5 }),
    Error,
    "4 × 5 × 1 needs 20 values, but has 16",
  );
});

Deno.test("enlarge() makes squares of pixels", () => {
  const large = enlarge(red, 3);
  assertEquals([large.width, large.height], [6, 6]);
  assertEquals(pixel(large, 2, 5), [255, 0, 0]);
  assertEquals(pixel(large, 3, 3), [0, 0, 255]);
  assertThrows(() => enlarge(red, 1.5));
});

Deno.test("imageGrid() places pictures by gap and scale", async () => {
  const grid = await decode(
    await imageGrid([[red, undefined], [undefined, red]], { scale: 10, gap: 4 }),
  );
  // 10 pixels of margin around two cells of 20 and a gap of 4.
  assertEquals([grid.width, grid.height], [64, 64]);
  assertEquals(pixel(grid, 9, 9), [255, 255, 255]);
  assertEquals(pixel(grid, 10, 10), [255, 0, 0]);
  assertEquals(pixel(grid, 29, 29), [0, 0, 255]);
  assertEquals(pixel(grid, 30, 30), [255, 255, 255]);
  assertEquals(pixel(grid, 40, 12), [255, 255, 255]);
  assertEquals(pixel(grid, 34, 34), [255, 0, 0]);
  assertEquals(pixel(grid, 53, 53), [0, 0, 255]);
});

Deno.test("imageGrid() writes titles beside the pictures, never on them", async () => {
  const plain = await decode(await imageGrid([[red, red]], { scale: 30 }));
  const titled = await decode(
    await imageGrid([[red, red]], {
      scale: 30,
      columnTitles: ["a title much too long for its column", "b & <c>"],
      rowTitles: ["Bag"],
      captions: [["0.71", undefined]],
    }),
  );
  const [left, top] = [titled.width - plain.width, 20];
  for (const [x, y] of [[10, 10], [69, 69], [76, 10]] as const) {
    assertEquals(pixel(titled, x + left, y + top), pixel(plain, x, y));
  }
  const dark = (fromY: number, toY: number, fromX = 0, toX = titled.width): boolean => {
    for (let y = fromY; y < toY; y++) {
      for (let x = fromX; x < toX; x++) {
        if (Math.max(...pixel(titled, x, y)) < 120) return true;
      }
    }
    return false;
  };
  assertEquals(dark(0, 30, left, left + 80), true);
  assertEquals(dark(30, 90, 0, left + 9), true);
  assertEquals(dark(91, 110, left, left + 80), true);
});

Deno.test("imageGrid() refuses an empty grid and missing titles", async () => {
  await assertRejects(() => imageGrid([[]]), Error, "at least one picture");
  await assertRejects(
    () => imageGrid([[red]], { columnTitles: ["a", "b"] }),
    Error,
    "columnTitles has 2 titles for 1 columns",
  );
});

Deno.test("maskOverlay() hides the masked patches and no other pixel", () => {
  const shown = maskOverlay(grey, [0, 1, 0, 0], 2);
  const before = toRgb(grey);
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 4; x++) {
      const masked = x >= 2 && y < 2;
      assertEquals(pixel(shown, x, y), masked ? [128, 128, 128] : pixel(before, x, y));
    }
  }
  const through = maskOverlay(grey, [true, false, false, false], 2, { opacity: 0.5 });
  assertEquals(pixel(through, 0, 0), [64, 64, 64]);
});

Deno.test("heatOverlay() colours by weight, from lowest to highest", () => {
  const shown = heatOverlay(grey, [2, 4, 3, NaN], 2, { opacity: 1 });
  assertEquals(pixel(shown, 0, 0), colorAt("sequential", 0));
  assertEquals(pixel(shown, 3, 1), colorAt("sequential", 1));
  assertEquals(pixel(shown, 1, 3), colorAt("sequential", 0.5));
  assertEquals(pixel(shown, 3, 3), [255, 255, 255]);
});

Deno.test("overlays refuse a patch size or a mask that does not fit", () => {
  assertThrows(() => maskOverlay(grey, [1], 3), Error, "does not divide into patches");
  assertThrows(() => heatOverlay(grey, [1, 2], 2), Error, "but 2 values were given");
});
