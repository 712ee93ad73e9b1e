import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  describeUpdate,
  formatDuration,
  progressLine,
  type ProgressUpdate,
} from "../../lib/trainers/progress_line.ts";

const cores = navigator.hardwareConcurrency;
const everything: ProgressUpdate = {
  ...{ step: 405, loss: 0.51234, learningRate: 9.1e-4, imagesPerSecond: 1612 },
  ...{ dataWait: 0.034, processors: 0.93 * cores, residentBytes: 1.25 * 2 ** 30 },
  ...{ gpuUse: 0.98, gpuMemoryBytes: 71.2 * 2 ** 30 },
};
const state = { phase: "finetune", total: 900, step: 405, left: "1 h 05 min" };

Deno.test("describeUpdate() says all that is known, and nothing of the rest", () => {
  assertEquals(
    describeUpdate(everything),
    "loss 0.5123, lr 9.1e-4, 1612 img/s, data 3 %, CPU 93 %, 1.3 GiB, GPU 98 %, " +
      "71.2 GiB on GPU",
  );
  assertEquals(describeUpdate({ step: 1, imagesPerSecond: 3.14 }), "3.1 img/s");
  assertEquals(describeUpdate({ step: 1 }), "");
});

Deno.test("progressLine() fits a terminal of any width, and drops first what matters least", () => {
  for (let columns = 1; columns <= 160; columns++) {
    const line = progressLine({ ...state, update: everything }, columns);
    assert([...line].length <= columns, `${columns}: ${line}`);
  }
  const line = (columns: number) =>
    progressLine({ ...state, update: everything }, columns);
  assertStringIncludes(line(160), "71.2 GiB on GPU");
  const usual = line(100);
  for (const word of ["█", "405/900", "loss 0.5123", "img/s", "CPU 93 %", "GPU 98 %"]) {
    assertStringIncludes(usual, word);
  }
  assertStringIncludes(usual, "1 h 05 min left");
  assert(!usual.includes("GiB"), usual);
  const { gpuUse: _, gpuMemoryBytes: __, ...withoutCard } = everything;
  const full = progressLine({ ...state, phase: "mae", update: withoutCard }, 100);
  assertStringIncludes(full, "data 3 %");
  const narrow = line(52);
  assertStringIncludes(narrow, "loss 0.5123");
  assert(!narrow.includes("GPU"), narrow);
  assertStringIncludes(line(30), "405/900");
});

Deno.test("progressLine() shows how far a phase is", () => {
  const at = (step: number): string =>
    progressLine({ phase: "mae", total: 8, step, update: { step }, left: "1 s" }, 40)
      .replace(/[^█░]/g, "");
  const full = (bar: string): number => bar.replaceAll("░", "").length / bar.length;
  assertEquals([at(0), at(4), at(8)].map(full), [0, 0.5, 1]);
  assertEquals(at(9), at(8)); // a total that was too low does not break the bar
  const first = progressLine({ phase: "mae", total: 8, step: 0, left: "…" }, 60);
  assert(first.endsWith("0/8, compiling …"), first);
});

Deno.test("formatDuration() says seconds, minutes or hours", () => {
  assertEquals([12, 185, 3720, -1].map(formatDuration), [
    "12 s",
    "3 min 05 s",
    "1 h 02 min",
    "0 s",
  ]);
});
