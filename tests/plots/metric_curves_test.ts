/** Curves of metrics: what is drawn of long ones, of several seeds, and on which axes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { pointsToDraw } from "../../lib/plots/downsample.ts";
import {
  drawingNote,
  evaluationQuantities,
  lossQuantity,
  metricFigure,
  type MetricLine,
  trainingQuantities,
} from "../../lib/plots/metric_curves.ts";
import type { Metric } from "../../lib/runs/mod.ts";

const seedsOf = (...losses: (number | null)[][]): Metric[][] =>
  losses.map((values, seed) =>
    values.map((loss, step) => ({ phase: "mae", seed, step, loss }))
  );
const line = (seeds: Metric[][], name = "mae", color = 0): MetricLine => ({
  ...{ name, color, seeds, cores: 2 },
});
const quantity = (title: string) =>
  trainingQuantities.find((quantity) => quantity.title === title)!;

Deno.test("pointsToDraw() keeps ends, peaks and gaps of a long curve, and all of a short one", () => {
  assertEquals(pointsToDraw([3, 1, 2], 10), [0, 1, 2]);
  const values: (number | null)[] = Array.from({ length: 100_000 }, (_, x) => x % 10);
  values[31_415] = 99;
  values[27_182] = -99;
  values[50_000] = null;
  values[60_000] = NaN;
  const places = pointsToDraw(values, 600);
  for (const place of [0, 31_415, 27_182, 50_000, 60_000, 99_999]) {
    assert(places.includes(place), `${place} is missing`);
  }
  assert(places.length <= 604, `${places.length} points`);
  assertEquals(places, places.toSorted((one, other) => one - other));
});

Deno.test("metricFigure() draws several seeds as their mean with a band", () => {
  const figure = metricFigure(
    [line(seedsOf([1, 2, 3], [3, 4], [5, 6, null]))],
    lossQuantity,
  )!;
  const [band, mean] = figure.data;
  // Only steps that all seeds logged: else the mean jumps where one ends.
  assertEquals([mean!.x, mean!.y], [[0, 1], [3, 4]]);
  assertEquals(band!.y, [5, 6, 2, 1]); // along the upper edge, and back along the lower
});

Deno.test("metricFigure() puts a running mean over what was logged, unless told otherwise", () => {
  const noise = Array.from({ length: 100 }, (_, step) => step % 2);
  const names = (raw: boolean): unknown[] =>
    metricFigure([line(seedsOf(noise))], lossQuantity, { raw })!.data
      .map(({ name }) => name);
  assertEquals(names(true), ["mae, each logged step", "mae"]);
  assertEquals(names(false), ["mae"]);
});

Deno.test("metricFigure() has no figure without two points, and gaps where a loss was not finite", () => {
  assertEquals(metricFigure([line(seedsOf([1]))], lossQuantity), undefined);
  assertEquals(metricFigure([line(seedsOf([1, 2]))], quantity("Speed")), undefined);
  const figure = metricFigure([line(seedsOf([1, null, 3]))], lossQuantity)!;
  assertEquals(figure.data[0]!.y, [1, null, 3]);
});

Deno.test("metricFigure() writes plain numbers at a logarithmic axis", () => {
  const ticks = (...losses: number[]): unknown =>
    (metricFigure([line(seedsOf(losses))], lossQuantity, { logarithmic: true })!
      .layout.yaxis as { ticktext: unknown }).ticktext;
  assertEquals(ticks(0.04, 6), ["0.05", "0.1", "0.2", "0.5", "1", "2", "5"]);
  assertEquals(ticks(0.0009, 1200), ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]);
});

Deno.test("trainingQuantities are in percent and GiB, from 0 up", () => {
  const metrics = [1, 2].map((step) => ({
    ...{ phase: "mae", step, loss: 1, dataWait: 0.25, processors: 1.5 },
    ...{ residentBytes: 3 * 2 ** 30, gpuUse: 0.5, gpuMemoryBytes: 2 ** 29 },
  }));
  const heights = (title: string) =>
    metricFigure([line([metrics])], quantity(title))!.data[0]!.y;
  assertEquals(heights("Waiting for data"), [25, 25]);
  assertEquals(heights("Processors"), [75, 75]);
  assertEquals(heights("Main memory"), [3, 3]);
  assertEquals(heights("Graphics card"), [50, 50]);
  assertEquals(heights("Memory of the graphics card"), [0.5, 0.5]);
  const { layout } = metricFigure([line([metrics])], quantity("Processors"))!;
  assertEquals((layout.yaxis as { rangemode: unknown }).rangemode, "tozero");
});

Deno.test("evaluationQuantities() finds what was measured now and then", () => {
  const metrics = [{ phase: "mae", step: 1, loss: 1 }, {
    ...{ phase: "mae", step: 2, loss: 1, knn: 61, weights: 3, note: "text" },
  }];
  const found = evaluationQuantities([line([metrics])]);
  assertEquals(found.map(({ title }) => title), ["Nearest neighbours", "weights"]);
  assertEquals(metrics.map((metric) => found[0]!.value(metric, 1)), [undefined, 61]);
});

Deno.test("drawingNote() says what was left out", () => {
  assertEquals(drawingNote([line(seedsOf([1, 2]))]), "");
  const long = Array.from({ length: 1000 }, () => 1);
  assertStringIncludes(drawingNote([line(seedsOf(long))]), "Of 1,000 logged steps");
  assertStringIncludes(drawingNote([line(seedsOf([1], [2]))]), "standard deviation");
});
