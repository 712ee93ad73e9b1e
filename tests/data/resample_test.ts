// The two ways of resizing agree, whatever the sizes and filters.
import { assertEquals, assertLess } from "@std/assert";
import { cropOfWhole, resizeInJavaScript, tapsOf } from "../../lib/data/resample.ts";
import { resizeBySimd } from "../../lib/data/resample_simd.ts";
import { difference } from "./pictures.ts";

const filters = ["nearest", "bilinear", "bicubic", "lanczos"] as const;

Deno.test("resizeBySimd() agrees with JavaScript to one level in each pass", () => {
  const sizes = [[1, 1, 3, 5], [7, 5, 1, 1], [37, 53, 16, 11], [20, 31, 45, 64], [
    90,
    8,
    9,
    33,
  ]];
  for (
    const [height, width, toHeight, toWidth] of sizes as [
      number,
      number,
      number,
      number,
    ][]
  ) {
    const region = Uint8Array.from(
      { length: height * width * 3 },
      (_, k) => k * 7919 % 256 < 90 ? 0 : k * 104729 % 256,
    );
    for (const filter of filters) {
      const across = tapsOf(width, toWidth, filter);
      const down = tapsOf(height, toHeight, filter);
      const fast = resizeBySimd(region, { height, width }, across, down)!;
      const plain = resizeInJavaScript(region, { height, width }, across, down, 3);
      const { mean, largest } = difference(fast, plain);
      const title = `${height} × ${width} to ${toHeight} × ${toWidth}, ${filter}`;
      assertLess(largest, 3, title); // one level in each pass
      assertLess(mean, 0.1, title);
    }
  }
});

Deno.test("resizeBySimd() keeps flat colours and leaves huge pictures alone", () => {
  const [height, width] = [61, 47];
  for (const level of [0, 1, 127, 254, 255]) {
    const region = new Uint8Array(height * width * 3).fill(level);
    for (const filter of filters) {
      const across = tapsOf(width, 20, filter);
      const down = tapsOf(height, 100, filter);
      const resized = resizeBySimd(region, { height, width }, across, down)!;
      assertEquals(
        resized,
        new Uint8Array(20 * 100 * 3).fill(level),
        `${level} ${filter}`,
      );
    }
  }
  const huge = { height: 6000, width: 4000 };
  const taps = [
    tapsOf(huge.width, 8, "nearest"),
    tapsOf(huge.height, 8, "nearest"),
  ] as const;
  assertEquals(resizeBySimd(new Uint8Array(72_000_000), huge, ...taps), undefined);
});

Deno.test("cropOfWhole() leaves a pixel at least, inside the picture", () => {
  const picture = { height: 100, width: 100 };
  const crop = {
    top: 99,
    left: 99,
    height: 1,
    width: 1,
    mirrored: false,
    interpolation: "bicubic",
  } as const;
  const { top, left, height, width } = cropOfWhole(
    { ...crop, whole: { height: 20, width: 20 } },
    picture,
  );
  assertEquals([top, left, height, width], [19, 19, 1, 1]);
});
