/**
 * The drawings hold what was drawn: decoded again, their colours are where they must
 * be.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import sharp from "sharp";
import { loadFont, textOutline, textWidth } from "../../lib/plots/font.ts";
import { barFigure, colorAt, heatmapFigure, lineFigure } from "../../lib/plots/mod.ts";
import { renderPng, renderSvg } from "../../lib/plots/mod.ts";

async function decode(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] => {
    const place = (Math.round(y) * info.width + Math.round(x)) * 3;
    return [...data.subarray(place, place + 3)];
  };
  const count = (color: readonly number[]): number => {
    let found = 0;
    for (let place = 0; place < data.length; place += 3) {
      if (color.every((value, index) => Math.abs(value - data[place + index]!) < 3)) {
        found++;
      }
    }
    return found;
  };
  return { width: info.width, height: info.height, at, count };
}

Deno.test("renderPng() draws bars in their colours at the asked size", async () => {
  const figure = barFigure({
    categories: ["a", "b"],
    series: [{ name: "one", values: [1, 3] }, { name: "two", values: [2, null] }],
  });
  const picture = await decode(await renderPng(figure, { width: 400, height: 300 }));
  assertEquals([picture.width, picture.height], [400, 300]);
  assertEquals(picture.at(399, 150), [255, 255, 255]);
  const [blue, red] = [picture.count([0, 114, 178]), picture.count([213, 94, 0])];
  // Heights of 1 and 3 against 2, in bars of one width: twice the area, but for the
  // legend.
  assert(Math.abs(blue / red - 2) < 0.1, `areas ${blue} and ${red}`);
  const large = await decode(
    await renderPng(figure, { width: 400, height: 300, scale: 2 }),
  );
  assertEquals([large.width, large.height], [800, 600]);
});

Deno.test("renderPng() paints each cell in the colour of its value", async () => {
  const matrix = { values: [0, 1, 0.5, NaN], rows: 2, columns: 2 };
  const figure = heatmapFigure({ matrix });
  const size = { width: 400, height: 300 };
  const svg = await renderSvg(figure, size);
  const image = /<image[^>]*>/.exec(svg)?.[0] ?? "";
  assertStringIncludes(image, "data:image/png;base64,");
  const picture = await decode(await renderPng(figure, size));
  for (const value of [0, 1, 0.5]) {
    assert(picture.count(colorAt("sequential", value)) > 5000, `cell of ${value}`);
  }
  // The lowest value stands in the first row: dark above, and below it the middle colour.
  assertEquals(picture.at(110, 80), colorAt("sequential", 0));
  assertEquals(picture.at(250, 80), colorAt("sequential", 1));
  assertEquals(picture.at(110, 210), colorAt("sequential", 0.5));
  assertEquals(picture.at(250, 210), [255, 255, 255]);
});

Deno.test("renderPng() draws words without any font of the machine", async () => {
  const named = lineFigure({ title: "Loss", xLabel: "step", series: [] });
  const svg = await renderSvg(named, { width: 400, height: 300 });
  assertStringIncludes(svg, ">Loss<");
  const font = await loadFont();
  const path = textOutline(font, "0−9 ± µ", -1, 0, 12);
  assert(path !== undefined && !/\d-?\.\d+\.\d/.test(path));
  assertEquals(textOutline(font, "日", 0, 0, 12), undefined);
  assert(textWidth(font, "wide words", 12, 600) > textWidth(font, "wide words", 12));
  const picture = await decode(await renderPng(named, { width: 400, height: 300 }));
  assert(picture.count([0x1f, 0x29, 0x33]) > 30, "the title's ink");
});

Deno.test("renderSvg() keeps labels and names with signs of markup", async () => {
  const series = [{ name: "a &lt;b&gt;", y: [0, 100] }, { name: "c", y: [50, 20] }];
  const svg = await renderSvg(lineFigure({ yLabel: "loss", series }));
  for (const text of [">a &#60;b&#62;<", ">c<", ">100<", ">loss<"]) {
    assertStringIncludes(svg, text);
  }
});

Deno.test("renderSvg() leaves the figure and the global scope alone", async () => {
  const figure = lineFigure({ series: [{ name: "a", y: [1, 2] }] });
  const before = JSON.stringify(figure);
  await Promise.all([renderSvg(figure), renderSvg(figure)]);
  assertEquals(JSON.stringify(figure), before);
  assert(!("window" in globalThis) && !("document" in globalThis));
  await assertRejects(() => renderSvg(figure, { width: 0 }), Error, "too small");
});
