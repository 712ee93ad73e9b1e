// What transforms do with the numbers that they draw, on pixels.
import { assertEquals } from "@std/assert";
import { openForCrop } from "../../../lib/data/decode_crop.ts";
import type { Draws, Pixels } from "../../../lib/data/transform.ts";
import {
  eraseRandomly,
  operationNames,
  randAugment,
  type TrainCrop,
  trainTransform,
} from "../../../lib/data/transforms/mod.ts";
import { brightness } from "../../../lib/data/transforms/pillow_enhance.ts";
import { picture } from "./golden.ts";

const crop: TrainCrop = {
  kind: "random-resized",
  scale: [0.08, 1],
  ratio: [3 / 4, 4 / 3],
  interpolation: "bicubic",
};

/** Draws that give what is listed, whatever is asked for. */
function scripted(...numbers: number[]): Draws {
  const next = (): number => {
    const value = numbers.shift();
    if (value === undefined) throw new Error("more numbers are drawn than were written");
    return value;
  };
  return { uniform: next, normal: next, integer: next };
}

Deno.test("randAugment() draws operation, chance, strength within 0 to 10, and sign", () => {
  const options = {
    variant: "timm",
    magnitude: 9,
    deviation: 0.5,
    operations: 1,
  } as const;
  const change = randAugment(options);
  const brightened = (...numbers: number[]): Pixels =>
    change(picture, scripted(operationNames.indexOf("brightness"), ...numbers));
  // f = 1 + s · (L / 10) · 0.9; a chance above 0.5 skips, a sign above 0.5 is negative.
  assertEquals(brightened(0.51), picture);
  const cases: [normal: number, sign: number, factor: number][] = [
    ...[[0, 0.2, 1.81], [0, 0.7, 0.19], [-2, 0.2, 1.72]] as [number, number, number][],
    ...[[4, 0.2, 1.9], [-40, 0.2, 1]] as [number, number, number][],
  ];
  for (const [normal, sign, factor] of cases) {
    const { values } = brightened(0.5, normal, sign);
    assertEquals(values, brightness(picture, factor).values, `${normal} ${sign}`);
  }
});

Deno.test("trainTransform() changes colours before it erases", () => {
  const white: Pixels = { height: 8, width: 8, values: new Uint8Array(192).fill(255) };
  const transform = trainTransform({
    ...{ crop, flip: 0 },
    // Solarize or invert would turn noise too, were it there already: white becomes black.
    randAugment: { variant: "mmpretrain", magnitude: 10, deviation: 0, operations: 1 },
    erasing: {
      variant: "mmpretrain",
      probability: 1,
      minimumArea: 0.2,
      maximumArea: 0.2,
    },
  }, { size: 8 });
  const invert = operationNames.indexOf("invert");
  // Invert with any sign; then erase: chance, ratio, area, offsets, and noise of exactly the mean.
  const noise = new Array<number>(192).fill(0);
  const { values } = transform.change!(
    white,
    scripted(invert, 0, 0, 0, 0.5, 0, 1, 2, ...noise),
  );
  const colours = new Set<string>();
  for (let k = 0; k < 192; k += 3) colours.add(values.subarray(k, k + 3).join());
  assertEquals([...colours].sort(), ["0,0,0", "123,116,103"]);
});

Deno.test("eraseRandomly() cuts fractions off, stays within bytes and never reaches the end", () => {
  const options = { probability: 1, minimumArea: 0.25, maximumArea: 0.25 };
  const grey = { height: 8, width: 10, values: new Uint8Array(240).fill(7) };
  const erase = eraseRandomly(options);
  let normals = 0;
  const numbers = [0, 0.5, 0];
  const draws: Draws = {
    uniform: () => numbers.shift()!,
    normal: () => [10, -10, 0.5][normals++ % 3]!,
    integer: (below) => {
      numbers.push(below);
      return below - 1;
    },
  };
  const { values } = erase(grey, draws);
  // √(80 · 0.25) = 4.47: four rows and columns, of which offsets are below 8 − 4 and 10 − 4.
  assertEquals(numbers, [4, 6]);
  const at = (row: number, column: number): number[] => [
    ...values.subarray(3 * (10 * row + column), 3 * (10 * row + column) + 3),
  ];
  assertEquals(at(3, 5), [255, 0, 132]); // ⌊103.53 + 0.5 · 57.375⌋
  assertEquals([at(6, 8), at(7, 9), at(2, 5), at(3, 4)], [
    ...[[255, 0, 132], [7, 7, 7], [7, 7, 7], [7, 7, 7]],
  ]);
});

Deno.test("trainTransform()'s shift and padding show the background on pixels", async () => {
  const size = { height: 4, width: 4 };
  const values = Uint8Array.from({ length: 48 }, (_, k) => 10 + Math.floor(k / 3));
  const opened = await openForCrop({ ...size, values }, { background: [1, 2, 3] });
  const shift = trainTransform({ crop: { kind: "shift", pixels: 2 }, flip: 1 }, {
    size: 4,
  });
  // One row down, two columns to the right, mirrored.
  const moved = await opened.cut(shift.crop(size, scripted(1, 0, 0.5)), size);
  const reds = (pixels: Uint8Array): number[] =>
    Array.from({ length: 16 }, (_, k) => pixels[3 * k]!);
  assertEquals(reds(moved), [1, 1, 1, 1, 11, 10, 1, 1, 15, 14, 1, 1, 19, 18, 1, 1]);
  const padded = trainTransform({
    crop: { kind: "random-padded", padding: 1, mode: "background" },
    flip: 0,
  }, { size: 4 });
  const cut = await opened.cut(padded.crop(size, scripted(2, 0, 0.5)), size);
  assertEquals(reds(cut), [1, 14, 15, 16, 1, 18, 19, 20, 1, 22, 23, 24, 1, 1, 1, 1]);
});
