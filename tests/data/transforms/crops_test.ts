import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { Draws, PictureSize } from "../../../lib/data/transform.ts";
import {
  drawsOf,
  evaluationTransform,
  randomResizedCrop,
  resizedShortSide,
  shortSide,
} from "../../../lib/data/transforms/mod.ts";
import { roundHalfEven } from "../../../lib/data/transforms/round_half_even.ts";

/** Draws that give what is listed: uniform numbers, and whole ones as they are. */
function scripted(...numbers: number[]): Draws {
  const next = (): number => {
    const value = numbers.shift();
    if (value === undefined) throw new Error("more numbers are drawn than were written");
    return value;
  };
  return { uniform: next, normal: next, integer: (below) => Math.min(next(), below - 1) };
}

const inception = { scale: [0.08, 1], ratio: [3 / 4, 4 / 3] } as const;

Deno.test("roundHalfEven() rounds as Python", () => {
  const values = [-1.5, -0.5, 0.49, 0.5, 1.5, 2.5, 58.5, 59.5];
  assertEquals(values.map(roundHalfEven), [-2, 0, 0, 0, 2, 2, 58, 60]);
});

Deno.test("randomResizedCrop() draws area, ratio, top and left in torchvision's order", () => {
  const picture = { height: 100, width: 200 };
  // Area 0.08 + 0.92 · 0.25 = 0.31 of 20,000 = 6,200; √6,200 = 78.7 at ratio 1.
  const square = randomResizedCrop(picture, scripted(0.25, 0.5, 3, 4), inception);
  assertEquals(square, { top: 3, left: 4, height: 79, width: 79 });
  // The least ratio: √(6,200 · 3/4) = 68.2 columns, √(6,200 · 4/3) = 90.9 rows.
  const tall = randomResizedCrop(picture, scripted(0.25, 0, 100, 100), inception);
  assertEquals(tall, { top: 9, left: 100, height: 91, width: 68 });
});

Deno.test("a crop that does not fit is drawn anew ten times, then the centre is taken", () => {
  const wide = { height: 10, width: 100 };
  const tries = (count: number): number[] => Array(2 * count).fill(0.999);
  const later = randomResizedCrop(wide, scripted(...tries(9), 0, 0.5, 1, 2), inception);
  assertEquals(later, { top: 1, left: 2, height: 9, width: 9 });
  const central = randomResizedCrop(wide, scripted(...tries(10)), inception);
  assertEquals(central, { top: 0, left: 43, height: 10, width: 13 });
  const tall = randomResizedCrop(
    { height: 101, width: 10 },
    scripted(...tries(10)),
    inception,
  );
  assertEquals(tall, { top: 44, left: 0, height: 13, width: 10 });
});

Deno.test("the rule clamp draws once and cuts the sides down", () => {
  const wide = { height: 10, width: 100 };
  const crop = randomResizedCrop(wide, scripted(0.999, 0.5, 0, 5), {
    ...inception,
    rule: "clamp",
  });
  assertEquals(crop, { top: 0, left: 5, height: 10, width: 32 });
});

Deno.test("crops have uniform areas, log-uniform ratios and stay inside", () => {
  const picture = { height: 375, width: 500 };
  const areas: number[] = [];
  const ratios: number[] = [];
  for (let index = 0; index < 4000; index++) {
    const draws = drawsOf({ seed: 1, epoch: 0, index });
    const crop = randomResizedCrop(picture, draws, {
      scale: [0.2, 0.6],
      ratio: [0.75, 4 / 3],
    });
    assert(crop.top >= 0 && crop.top + crop.height <= 375);
    assert(crop.left >= 0 && crop.left + crop.width <= 500);
    areas.push(crop.height * crop.width / (375 * 500));
    ratios.push(crop.width / crop.height);
  }
  const share = (values: number[], below: number): number =>
    values.filter((value) => value < below).length / values.length;
  // Few crops of up to 0.6 of the area are refused here, so that the distributions stay whole.
  for (const part of [0.25, 0.5, 0.75]) {
    assertAlmostEquals(share(areas, 0.2 + 0.4 * part), part, 0.04);
  }
  assertAlmostEquals(share(ratios, 1), 0.5, 0.04);
  assertAlmostEquals(share(ratios, Math.exp(Math.log(4 / 3) / 2)), 0.75, 0.04);
});

Deno.test("resizedShortSide() and shortSide() cut fractions off", () => {
  const cases: [PictureSize, number, PictureSize][] = [
    [{ height: 375, width: 500 }, 256, { height: 256, width: 341 }],
    [{ height: 500, width: 333 }, 256, { height: 384, width: 256 }],
    [{ height: 64, width: 64 }, 219, { height: 219, width: 219 }],
  ];
  for (const [picture, side, expected] of cases) {
    assertEquals(resizedShortSide(picture, side), expected);
  }
  assertEquals([shortSide(224, 224 / 256), shortSide(192, 224 / 256)], [256, 219]);
  assertEquals([shortSide(384, 1), shortSide(224, 0.95)], [384, 235]);
});

Deno.test("evaluationTransform() cuts the centre at torchvision's pixels", () => {
  const transform = evaluationTransform({
    resize: 256,
    crop: 224,
    interpolation: "bicubic",
  });
  const crop = transform.crop({ height: 375, width: 500 }, scripted());
  assertEquals(crop.whole, { height: 256, width: 341 });
  // (341 − 224) / 2 = 58.5: Python rounds it to 58.
  assertAlmostEquals(crop.left * 341 / 500, 58, 1e-9);
  assertAlmostEquals(crop.top * 256 / 375, 16, 1e-9);
  assertAlmostEquals(crop.width * 341 / 500, 224, 1e-9);
  assertEquals(transform.size, { height: 224, width: 224 });
});

Deno.test("a centre larger than the picture reaches over its edges, the odd pixel at the end", () => {
  const transform = evaluationTransform({ resize: 5, crop: 8, interpolation: "bicubic" });
  const crop = transform.crop({ height: 5, width: 5 }, scripted());
  assertEquals([crop.top, crop.left, crop.height, crop.width], [-1, -1, 8, 8]);
});

Deno.test("evaluationTransform() refuses sizes that are no whole pixels", () => {
  assertThrows(
    () => evaluationTransform({ resize: 256, crop: 0, interpolation: "bicubic" }),
    RangeError,
    "crop is 0",
  );
});
