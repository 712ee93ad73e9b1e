/** Quantile functions against published values, and their table against themselves. */
import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { binding } from "../../lib/engine/binding.ts";
import {
  fixedPointUnit,
  gumbelDistribution,
  normalCumulative,
  normalDistribution,
  normalQuantile,
  quantilesOf,
  tabulate,
} from "../../lib/engine/quantile.ts";
import { drop, rawConstant } from "../../lib/engine/raw_operations.ts";

Deno.test("normalCumulative() and normalQuantile() give tabulated values", () => {
  // Standard tables of the normal distribution.
  assertAlmostEquals(normalCumulative(1.96), 0.9750021048517795, 1e-15);
  assertAlmostEquals(normalCumulative(-1), 0.15865525393145707, 1e-15);
  assertAlmostEquals(normalCumulative(-6) / 9.865876450376946e-10, 1, 1e-12);
  assertAlmostEquals(normalQuantile(0.975), 1.959963984540054, 1e-12);
  assertAlmostEquals(normalQuantile(1e-9), -5.997807015007686, 1e-11);
  for (let x = -6; x < 4; x += 0.37) {
    assertAlmostEquals(normalQuantile(normalCumulative(x)), x, 1e-9);
  }
});

Deno.test("a tabulated quantile function is off by less than 3e-6", () => {
  const distributions = {
    normal: normalDistribution(),
    truncated: normalDistribution(-2, 2),
    skewed: normalDistribution(0.5, 3),
    gumbel: gumbelDistribution,
  };
  // Every tail, octave and fraction; the low bit of a word has no influence.
  const words = [1, 0x7fffffff, 0x80000001, 0xffffffff];
  for (let word = 12345; word < 2 ** 32; word += 1234567) words.push((word | 1) >>> 0);
  for (let octave = 1; octave < 31; octave++) words.push(2 ** octave + 1);
  for (const [name, distribution] of Object.entries(distributions)) {
    const bits = rawConstant("uint32", [words.length], words);
    const result = quantilesOf(bits, tabulate(distribution));
    const values = binding.tensorDataSync(result) as Float32Array;
    drop(result);
    words.forEach((word, index) => {
      const p = (word & 0x7fffffff) / 2 ** 32;
      const exact = word < 2 ** 31 ? distribution.lower(p) : distribution.upper(p);
      const error = Math.abs(values[index]! * fixedPointUnit - exact);
      assert(error < 3e-6, `${name}: word ${word} is off by ${error}`);
    });
  }
});

Deno.test("tabulate() refuses what it cannot hold", () => {
  const large = { lower: () => -300, upper: () => 300 };
  assertThrows(() => tabulate(large), Error, "within ±256");
  const steep = { lower: (p: number) => 200 * p, upper: (p: number) => 200 * (1 - p) };
  assertThrows(() => tabulate(steep), Error, "too steep");
});
