import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import type { Pixels } from "../../../lib/data/transform.ts";
import {
  colorJitter,
  drawsOf,
  eraseRandomly,
  operationNames,
  operationsOf,
  randAugment,
  reflectedShift,
  type TrainCrop,
  trainTransform,
  type TrainTransformOptions,
} from "../../../lib/data/transforms/mod.ts";
import {
  brightness,
  color,
  contrast,
} from "../../../lib/data/transforms/pillow_enhance.ts";
import { picture } from "./golden.ts";

const drawsAt = (index: number, seed = 0) => drawsOf({ seed, epoch: 0, index });
const crop: TrainCrop & { kind: "random-resized" } = {
  kind: "random-resized",
  scale: [0.08, 1],
  ratio: [3 / 4, 4 / 3],
  interpolation: "bicubic",
};
const fineTuning: TrainTransformOptions = {
  crop,
  flip: 0.5,
  randAugment: { variant: "timm", magnitude: 9, deviation: 0.5, operations: 2 },
};

Deno.test("randAugment() leaves a quarter of the pictures, as both operations are skipped", () => {
  const change = randAugment(fineTuning.randAugment!);
  let kept = 0;
  for (let index = 0; index < 3000; index++) {
    if (change(picture, drawsAt(index)) === picture) kept++;
  }
  assertAlmostEquals(kept / 3000, 0.25, 0.025);
});

Deno.test("randAugment() chooses all operations equally often, in both directions", () => {
  const warp = { interpolation: "bicubic", fill: [124, 116, 104] } as const;
  const options = { variant: "timm", magnitude: 9, deviation: 0, operations: 1 } as const;
  const change = randAugment({ ...options, probability: 1 });
  const outcomes = new Map<string, string>();
  for (const { name, apply } of operationsOf("timm")) {
    for (const sign of [1, -1] as const) {
      const { values } = apply(picture, { level: 0.9, sign, warp });
      outcomes.set(values.join(), outcomes.has(values.join()) ? name : `${name} ${sign}`);
    }
  }
  const counts = new Map<string, number>();
  for (let index = 0; index < 6000; index++) {
    const name = outcomes.get(change(picture, drawsAt(index)).values.join());
    assert(name !== undefined, "a picture that no operation makes");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const name of operationNames) {
    const both = [name, `${name} 1`, `${name} -1`].map((key) => counts.get(key) ?? 0);
    const count = both.reduce((sum, each) => sum + each, 0);
    assert(Math.abs(count - 400) < 80, `${name}: ${count} of 6000`);
    if (both[0] === 0) assert(Math.abs(both[1]! - both[2]!) < 80, `${name}: ${both}`);
  }
});

Deno.test("colorJitter() applies its factors in a random order", () => {
  const jitter = colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 });
  const orders = new Set<string>();
  for (let index = 0; index < 60; index++) {
    const draws = drawsAt(index);
    const factor = (): number => 0.6 + 0.8 * draws.uniform();
    const changes: [string, (pixels: Pixels) => Pixels][] = [];
    for (
      const [name, change] of [["b", brightness], ["c", contrast], ["s", color]] as const
    ) {
      const drawn = factor();
      changes.push([name, (pixels) => change(pixels, drawn)]);
    }
    const expected = jitter(picture, drawsAt(index)).values.join();
    for (const order of ["012", "021", "102", "120", "201", "210"]) {
      const made = [...order].reduce(
        (pixels, k) => changes[Number(k)]![1](pixels),
        picture,
      );
      if (made.values.join() === expected) orders.add(order);
    }
  }
  assertEquals(orders.size, 6);
});

Deno.test("colorJitter() of nothing gives the picture back", () => {
  const none = colorJitter({ brightness: 0, contrast: 0, saturation: 0 });
  assertEquals(none(picture, drawsAt(0)), picture);
});

Deno.test("eraseRandomly() erases one rectangle of mmpretrain's noise in a quarter", () => {
  const options = { probability: 0.25, minimumArea: 0.1, maximumArea: 0.3 };
  const erase = eraseRandomly(options);
  const [height, width] = [40, 60];
  // No byte of the rectangle can be told from 1 with certainty, but few are 1.
  const plain = { height, width, values: new Uint8Array(3 * height * width).fill(1) };
  let erased = 0;
  const noise: number[] = [];
  for (let index = 0; index < 800; index++) {
    const { values } = erase(plain, drawsAt(index));
    const changed = [...values.keys()].filter((k) => values[k] !== 1);
    if (changed.length === 0) continue;
    erased++;
    const rows = changed.map((k) => Math.floor(k / (3 * width)));
    const columns = changed.map((k) => Math.floor(k / 3) % width);
    const sides = [rows, columns].map((all) => Math.max(...all) - Math.min(...all) + 1);
    const share = sides[0]! * sides[1]! / (height * width);
    assert(share > 0.09 && share < 0.31, `${share} of the picture`);
    assert(changed.length > 0.95 * 3 * sides[0]! * sides[1]!, "holes in the rectangle");
    if (noise.length < 20_000) {
      for (const k of changed) if (k % 3 === 0) noise.push(values[k]!);
    }
  }
  assertAlmostEquals(erased / 800, 0.25, 0.04);
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  assertAlmostEquals(mean, 123.675, 2);
});

Deno.test("reflectedShift() shows the mirror image in what it uncovers", () => {
  const values = Uint8Array.from([1, 2, 3, 4].flatMap((value) => [value, value, value]));
  const row: Pixels = { height: 1, width: 4, values };
  const shift = reflectedShift(2);
  const seen = new Set<string>();
  for (let index = 0; index < 80; index++) {
    const moved = shift(row, drawsAt(index)).values;
    seen.add([0, 3, 6, 9].map((k) => moved[k]).join(""));
  }
  assertEquals([...seen].sort(), ["1234", "2123", "2343", "3212", "3432"]);
});

Deno.test("trainTransform() mirrors as often as it is told", () => {
  for (const flip of [0, 0.5, 1]) {
    const transform = trainTransform({ crop, flip }, { size: 32 });
    assertEquals(transform.change, undefined);
    let mirrored = 0;
    for (let index = 0; index < 2000; index++) {
      if (transform.crop({ height: 50, width: 60 }, drawsAt(index)).mirrored) mirrored++;
    }
    assertAlmostEquals(mirrored / 2000, flip, 0.035);
  }
});

Deno.test("trainTransform() shifts whole pictures and pads small ones", () => {
  const shift = trainTransform({ crop: { kind: "shift", pixels: 2 }, flip: 0 }, {
    size: 28,
  });
  const padded = trainTransform({
    crop: { kind: "random-padded", padding: 4, mode: "background" },
    flip: 0,
  }, { size: 32 });
  const tops = { shift: new Set<number>(), padded: new Set<number>() };
  for (let index = 0; index < 200; index++) {
    const moved = shift.crop({ height: 28, width: 28 }, drawsAt(index));
    assertEquals([moved.height, moved.width], [28, 28]);
    tops.shift.add(moved.top);
    const cut = padded.crop({ height: 32, width: 32 }, drawsAt(index));
    assertEquals([cut.height, cut.width], [32, 32]);
    tops.padded.add(cut.top);
  }
  assertEquals([...tops.shift].sort((a, b) => a - b), [-2, -1, 0, 1, 2]);
  assertEquals([...tops.padded].sort((a, b) => a - b), [-4, -3, -2, -1, 0, 1, 2, 3, 4]);
});

Deno.test("trainTransform() fills with the data's mean colour and erases bytes only as mmpretrain", () => {
  const black = { height: 20, width: 24, values: new Uint8Array(3 * 20 * 24) };
  const transform = trainTransform(fineTuning, { size: 24, mean: [0.5, 0.25, 1] });
  const colors = new Set<string>();
  for (let index = 0; index < 300; index++) {
    const { values } = transform.change!(black, drawsAt(index));
    colors.add(values.subarray(0, 3).join());
  }
  assert(colors.has("128,64,255"), [...colors].join(" "));
  const erasing = { probability: 1, minimumArea: 0.1, maximumArea: 0.2 };
  const onDevice = { crop, flip: 0.5, erasing: { ...erasing, variant: "timm" } } as const;
  assertEquals(trainTransform(onDevice, { size: 24 }).change, undefined);
  const onBytes = {
    crop,
    flip: 0.5,
    erasing: { ...erasing, variant: "mmpretrain" },
  } as const;
  assert(trainTransform(onBytes, { size: 24 }).change !== undefined);
});

Deno.test("trainTransform() refuses what makes no sense, and quotes it", () => {
  const jitter = { brightness: 0.4, contrast: 0.4, saturation: 0.4 };
  const wrong: [TrainTransformOptions, string][] = [
    [{ crop, flip: 2 }, "flip is 2"],
    [{ crop: { ...crop, scale: [1, 0.2] }, flip: 0 }, "scale is 1 to 0.2"],
    [{ crop: { ...crop, ratio: [0, 1] }, flip: 0 }, "ratio is 0 to 1"],
    [{ crop: { kind: "shift", pixels: 1.5 }, flip: 0 }, "1.5 pixels"],
    [{ ...fineTuning, colorJitter: jitter }, "both set"],
    [{ crop, flip: 0, colorJitter: { ...jitter, hue: 0.7 } }, "hue is 0.7"],
    [
      { crop, flip: 0, randAugment: { ...fineTuning.randAugment!, magnitude: 11 } },
      "magnitude is 11",
    ],
  ];
  for (const [options, message] of wrong) {
    assertThrows(() => trainTransform(options, { size: 24 }), Error, message);
  }
  assertThrows(() => trainTransform(fineTuning, { size: 0 }), RangeError, "size is 0");
});
