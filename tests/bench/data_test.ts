/** The groups of `deno task bench` about data: photographs, pixels that are compared, waits. */
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import sharp from "sharp";
import { jpegHeader } from "../../lib/data/jpeg_header.ts";
import { dataTargets, speedNote } from "../../tasks/bench/groups/data.ts";
import { differenceOf } from "../../tasks/bench/groups/data_agreement.ts";
import {
  dataContender,
  photographTransform,
} from "../../tasks/bench/groups/data_contenders.ts";
import { stepWaits, waitedPercent } from "../../tasks/bench/groups/wait.ts";
import {
  findPhotographs,
  photographFile,
  photographFolder,
  photographSize,
} from "../../tasks/bench/photographs.ts";
import type { Measurement } from "../../tasks/bench/results.ts";
import { inTemporaryFolder } from "../data/support.ts";

Deno.test("photographFile() makes the same photograph each time, and others of others", async () => {
  const [first, again, other] = await Promise.all([1, 1, 2].map(photographFile));
  assertEquals(first, again);
  assert(first!.length !== other!.length || first!.some((byte, k) => byte !== other![k]));
  for (const [index, file] of [[1, first], [2, other]] as const) {
    assertEquals(jpegHeader(file!)!.stored, photographSize(index));
    // About four bits a pixel, as in ImageNet: noise has twice as many, a drawing half a bit.
    const { width, height } = photographSize(index);
    const bits = 8 * file!.length / width / height;
    assert(bits > 2.5 && bits < 7, `${bits} bits a pixel`);
  }
  // Neither flat nor noise alone: neighbours are alike.
  const { data, info } = await sharp(first!).greyscale().raw()
    .toBuffer({ resolveWithObject: true });
  let [apart, spread] = [0, 0];
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  for (let k = info.channels; k < data.length; k++) {
    apart += (data[k]! - data[k - info.channels]!) ** 2;
    spread += (data[k]! - mean) ** 2;
  }
  assertLess(apart, spread);
});

Deno.test("photographSize() is mostly ImageNet's, with portraits and larger ones", () => {
  const sizes = Array.from({ length: 400 }, (_, index) => photographSize(index));
  const share = (is: (size: { width: number; height: number }) => boolean): number =>
    sizes.filter(is).length / sizes.length;
  assertAlmostEquals(
    share(({ width, height }) => width === 500 && height === 375),
    0.6,
    0.1,
  );
  assertAlmostEquals(share(({ width, height }) => height > width), 0.14, 0.06);
  assert(share(({ width }) => width > 500) > 0);
});

Deno.test("photographFolder() makes what is missing and nothing else", async () => {
  await inTemporaryFolder(async (folder) => {
    const lines: string[] = [];
    const options = { log: (line: string) => void lines.push(line), folder };
    await photographFolder(2, options);
    await Deno.writeFile(`${folder}/00000.jpg`, Uint8Array.of(1));
    await photographFolder(3, options);
    assertEquals((await Deno.readFile(`${folder}/00000.jpg`)).length, 1);
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    assertEquals(names, ["00000.jpg", "00001.jpg", "00002.jpg"]);
    assert(lines[0]!.includes("drawing 2"), lines[0]);
    assert(lines[1]!.includes("drawing 1"), lines[1]);
  });
  const own = await findPhotographs("somewhere", 3, () => {});
  assertEquals(own, { folder: "somewhere", note: "the pictures of somewhere" });
});

Deno.test("differenceOf() finds the largest difference and its share", () => {
  assertEquals(differenceOf([1, 2, 3, 4], [1, 4, 3, 3]), { levels: 2, share: 0.5 });
  assertEquals(differenceOf([1], [1]), { levels: 0, share: 0 });
  assertEquals(differenceOf([1], [1, 1]).levels, Infinity);
});

Deno.test("photographTransform crops to 224 pixels and flips half", () => {
  const draws = (flip: number) => ({
    uniform: () => flip,
    normal: () => 0,
    integer: () => 0,
  });
  const picture = { height: 375, width: 500 };
  const crop = photographTransform.crop(picture, draws(0.4));
  assertEquals(photographTransform.size, { height: 224, width: 224 });
  assertEquals([crop.mirrored, crop.interpolation], [true, "bicubic"]);
  assertEquals(photographTransform.crop(picture, draws(0.6)).mirrored, false);
});

Deno.test("dataTargets() compares like with like", () => {
  const of = (contender: string, ...samples: number[]): Measurement => ({
    contender,
    unit: "ms",
    samples,
  });
  const ours = [of("mimkit, normalised on the device", 5, 5), of("mimkit, bytes", 4, 5)];
  const theirs = [
    of("DataLoader, normalised NCHW floats", 10, 9),
    of("DataLoader, bytes", 4, 5),
  ];
  const [floats, bytes] = dataTargets([...ours, ...theirs]);
  assertEquals([floats!.value, floats!.range], [1.9, [1.8, 2]]);
  assertEquals(bytes!.value, 1);
  assertEquals(dataTargets(ours).map(({ value }) => value), [null, null]);
});

Deno.test("speedNote() tells images a second, and processor time where it is known", async () => {
  const measurement: Measurement = { contender: "ours", unit: "ms", samples: [4, 5, 6] };
  assertEquals(speedNote(measurement, []), "ours: 200 images/s");
  const rounds = [{ milliseconds: 4, processor: 3 }, {
    milliseconds: 4,
    processor: null,
  }];
  const contender = dataContender("ours", () => Promise.resolve(rounds.shift()!));
  assertEquals([await contender.round(), await contender.round()], [4, 4]);
  assertEquals(contender.processor, [3]);
  const note = speedNote(measurement, contender.processor);
  assertEquals(note, "ours: 200 images/s, 3.00 ms of processor time each");
});

Deno.test("stepWaits() leaves the first steps out; waitedPercent() weighs by time", () => {
  const logged = [1, 2, 3, 4, 5].map((step) => ({
    ...{ step, loss: 1, imagesPerSecond: step === 5 ? 16 : 8 },
    dataWait: step < 4 ? 0.9 : step === 4 ? 0.25 : 0,
  }));
  const waits = stepWaits(logged, 16);
  assertEquals(waits, [{ step: 2000, wait: 500 }, { step: 1000, wait: 0 }]);
  assertAlmostEquals(waitedPercent(waits), 100 * 500 / 3000, 1e-9);
});
