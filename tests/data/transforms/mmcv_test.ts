import { assert } from "@std/assert";
import type { Pixels } from "../../../lib/data/transform.ts";
import * as mmcv from "../../../lib/data/transforms/mmcv_enhance.ts";
import { mmcvRotate, openCvWarp } from "../../../lib/data/transforms/opencv_warp.ts";
import * as tone from "../../../lib/data/transforms/tone_operations.ts";
import { assertGolden, type Golden, goldens, picture } from "./golden.ts";

type Library = "mmpretrain" | "openmixup";

// Both libraries are given the fill 104, 116, 124; mmpretrain means blue, green, red with it.
const fills = { mmpretrain: [124, 116, 104], openmixup: [104, 116, 124] } as const;
const reds = { mmpretrain: "first", openmixup: "last" } as const;

/** Moves by a matrix that mmcv rounds to float32. */
const move =
  (matrix: (argument: number) => [number, number, number, number, number, number]) =>
  ({ argument, interpolation }: Golden, library: Library): Pixels =>
    openCvWarp(picture, matrix(Math.fround(argument)), {
      interpolation,
      fill: fills[library],
    });

const operations: Record<string, (golden: Golden, library: Library) => Pixels> = {
  autoContrast: () => tone.autoContrast(picture),
  equalize: () => tone.equalize(picture),
  invert: () => tone.invert(picture),
  posterize: ({ argument }) => tone.posterize(picture, argument),
  solarize: ({ argument }) => tone.solarize(picture, argument),
  solarizeAdd: ({ argument }) => tone.solarizeAdd(picture, argument),
  color: ({ argument }, library) => mmcv.color(picture, argument, reds[library]),
  contrast: ({ argument }, library) => mmcv.contrast(picture, argument, reds[library]),
  brightness: ({ argument }) => mmcv.brightness(picture, argument),
  sharpness: ({ argument }) => mmcv.sharpness(picture, argument),
  rotate: ({ argument, interpolation }, library) =>
    mmcvRotate(picture, argument, { interpolation, fill: fills[library] }),
  shearX: move((k) => [1, k, 0, 0, 1, 0]),
  shearY: move((k) => [1, 0, 0, k, 1, 0]),
  translateX: move((share) => [1, 0, Math.fround(share * 24), 0, 1, 0]),
  translateY: move((share) => [1, 0, 0, 0, 1, Math.fround(share * 20)]),
};

for (const library of ["mmpretrain", "openmixup"] as const) {
  const all = goldens(library);
  for (const operation of new Set(all.map((golden) => golden.operation))) {
    Deno.test(`${operation} gives the bytes of mmcv as ${library} calls it`, () => {
      const cases = all.filter((golden) => golden.operation === operation);
      assert(cases.length > 0);
      for (const golden of cases) {
        assertGolden(operations[operation]!(golden, library), golden);
      }
    });
  }
}
