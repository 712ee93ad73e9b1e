/** The figures are plain plotly JSON with the numbers that were put in. */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  barFigure,
  colorAt,
  heatmapFigure,
  lineFigure,
  scatterFigure,
} from "../../lib/plots/mod.ts";

Deno.test("lineFigure() keeps numbers and turns what is not finite into gaps", () => {
  const figure = lineFigure({
    title: "loss",
    xLabel: "step",
    series: [{ name: "MAE", x: [0, 10, 20], y: new Float32Array([1, NaN, 0.5]) }],
  });
  const [trace] = figure.data;
  assertEquals(trace?.type, "scatter");
  assertEquals(trace?.x, [0, 10, 20]);
  assertEquals(trace?.y, [1, null, 0.5]);
  // Plain JSON: nothing is lost on the way to a notebook.
  assertEquals(JSON.parse(JSON.stringify(figure)), figure);
  assertEquals((figure.layout.title as { text: string }).text, "loss");
});

Deno.test("lineFigure() draws a band of the spread around the line", () => {
  const figure = lineFigure({
    series: [{ name: "MAE", y: [1, 2], spread: [0.1, 0.2] }],
  });
  assertEquals(figure.data.length, 2);
  assertEquals(figure.data[0]?.x, [0, 1, 1, 0]);
  assertEquals(figure.data[0]?.y, [1.1, 2.2, 1.8, 0.9]);
});

Deno.test("lineFigure() refuses x and y of different length and names the series", () => {
  const error = assertThrows(() =>
    lineFigure({ series: [{ name: "MAE", x: [1, 2], y: [1] }] })
  );
  assertStringIncludes((error as Error).message, '"MAE"');
});

Deno.test("barFigure() has a bar per category, with its errors", () => {
  const figure = barFigure({
    categories: ["kNN", "probe"],
    valueDigits: 1,
    series: [{ name: "MAE", values: [76.12, null], errors: [0.4, null] }],
  });
  const [trace] = figure.data;
  assertEquals(trace?.y, [76.12, null]);
  assertEquals(trace?.text, ["76.1", ""]);
  assertEquals((trace?.error_y as { array: number[] }).array, [0.4, 0]);
  assertThrows(() =>
    barFigure({ categories: ["a"], series: [{ name: "b", values: [] }] })
  );
});

Deno.test("heatmapFigure() puts the first row on top", () => {
  const figure = heatmapFigure({
    matrix: { values: [1, 2, 3, 4, 5, NaN], rows: 2, columns: 3 },
  });
  assertEquals(figure.data[0]?.z, [[1, 2, 3], [4, 5, null]]);
  assertEquals((figure.layout.yaxis as { autorange: string }).autorange, "reversed");
  assertThrows(() => heatmapFigure({ matrix: { values: [1], rows: 2, columns: 3 } }));
});

Deno.test("scatterFigure() gives each series a shape of its own", () => {
  const figure = scatterFigure({
    series: [{ name: "a", x: [1], y: [2] }, { name: "b", x: [2], y: [1] }],
  });
  const symbols = figure.data.map((trace) => (trace.marker as { symbol: string }).symbol);
  assertEquals(new Set(symbols).size, 2);
  assertEquals(figure.layout.showlegend, true);
});

Deno.test("colorAt() clips and mixes between the anchors", () => {
  assertEquals(colorAt("sequential", -1), [0x44, 0x01, 0x54]);
  assertEquals(colorAt("sequential", 2), [0xfd, 0xe7, 0x25]);
  assertEquals(colorAt("diverging", 0.5), [0xf7, 0xf7, 0xf7]);
  const [red, , blue] = colorAt("diverging", 0.9);
  assert(red > blue);
});
