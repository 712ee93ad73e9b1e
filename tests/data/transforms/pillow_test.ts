import { assert, assertEquals } from "@std/assert";
import type { Pixels } from "../../../lib/data/transform.ts";
import {
  pillowAffine,
  pillowRotate,
} from "../../../lib/data/transforms/pillow_affine.ts";
import {
  brightness,
  color,
  contrast,
  sharpness,
} from "../../../lib/data/transforms/pillow_enhance.ts";
import { hue } from "../../../lib/data/transforms/pillow_hue.ts";
import * as tone from "../../../lib/data/transforms/tone_operations.ts";
import { assertGolden, type Golden, goldens, picture } from "./golden.ts";

const fill = [124, 116, 104] as const;
const warp = ({ interpolation }: Golden) => ({ interpolation, fill });

const operations: Record<string, (golden: Golden) => Pixels> = {
  autoContrast: () => tone.autoContrast(picture),
  equalize: () => tone.equalize(picture),
  invert: () => tone.invert(picture),
  posterize: ({ argument }) => tone.posterize(picture, argument),
  solarize: ({ argument }) => tone.solarize(picture, argument),
  solarizeAdd: ({ argument }) => tone.solarizeAdd(picture, argument),
  color: ({ argument }) => color(picture, argument),
  contrast: ({ argument }) => contrast(picture, argument),
  brightness: ({ argument }) => brightness(picture, argument),
  sharpness: ({ argument }) => sharpness(picture, argument),
  hue: ({ argument }) => hue(picture, argument),
  rotate: (golden) => pillowRotate(picture, golden.argument, warp(golden)),
  shearX: (golden) =>
    pillowAffine(picture, [1, golden.argument, 0, 0, 1, 0], warp(golden)),
  shearY: (golden) =>
    pillowAffine(picture, [1, 0, 0, golden.argument, 1, 0], warp(golden)),
  translateX: (golden) =>
    pillowAffine(picture, [1, 0, golden.argument * 24, 0, 1, 0], warp(golden)),
  translateY: (golden) =>
    pillowAffine(picture, [1, 0, 0, 0, 1, golden.argument * 20], warp(golden)),
};

for (const operation of Object.keys(operations)) {
  Deno.test(`${operation} gives Pillow's bytes`, () => {
    const cases = goldens("pillow").filter((golden) => golden.operation === operation);
    assert(cases.length > 0, `no golden for ${operation}`);
    for (const golden of cases) assertGolden(operations[operation]!(golden), golden);
  });
}

const grey = (...values: number[]): Pixels => ({
  height: 1,
  width: values.length,
  values: Uint8Array.from(values.flatMap((value) => [value, value, value])),
});

Deno.test("autoContrast() and equalize() leave a picture of one colour", () => {
  assertEquals(tone.autoContrast(grey(7, 7)).values, grey(7, 7).values);
  assertEquals(tone.equalize(grey(7, 7)).values, grey(7, 7).values);
});

Deno.test("posterize() to no bits is black, to eight the picture", () => {
  assertEquals(tone.posterize(grey(1, 200, 255), 0).values, grey(0, 0, 0).values);
  assertEquals(tone.posterize(grey(1, 200, 255), 8).values, grey(1, 200, 255).values);
});

Deno.test("operations leave their input as it is", () => {
  const before = new Uint8Array(picture.values);
  for (const golden of goldens("pillow")) operations[golden.operation]!(golden);
  assertEquals(picture.values, before);
});
