/** Figures inside a page: as SVG that takes its colours from the page's light or dark scheme. */

import {
  type Figure,
  gridColor,
  groundColor,
  inkColor,
  quietInkColor,
  rgbOf,
  seriesColor,
  seriesDash,
} from "./figure.ts";
import { type Markup, markup, trustedMarkup } from "./html.ts";
import { type RenderSize, renderSvg } from "./render.ts";

/** A figure with its heading and what is said under it. */
export async function figureMarkup(
  { title, figure, note }: {
    readonly title: string;
    readonly figure: Figure;
    readonly note?: string;
  },
  size: RenderSize = { width: 420, height: 280 },
): Promise<Markup> {
  const svg = await renderSvg(figure, size);
  return markup`<figure><h3>${title}</h3>
${trustedMarkup(inScheme(svg, `Curves: ${title}`))}
${note === undefined ? "" : markup`<figcaption>${note}</figcaption>`}</figure>`;
}

/** The house colours as the page's variables, so that figures follow light and dark. */
function inScheme(svg: string, label: string): string {
  const variables: [string, string][] = [
    [inkColor, "var(--ink)"],
    [quietInkColor, "var(--quiet)"],
    [gridColor, "var(--line)"],
    [groundColor, "var(--ground)"],
  ];
  const coloured = variables.reduce(
    (text, [color, variable]) =>
      text.replaceAll(`rgb(${rgbOf(color).join(", ")})`, variable),
    svg,
  );
  return coloured.replace(
    "<svg ",
    () => markup`<svg role="img" aria-label="${label}" `.html,
  );
}

/** The widths of SVG's dashes that are plotly's at a line of 2.2 pixels. */
const dashArrays = { solid: "", dash: "7 4", dot: "2 3", dashdot: "7 3 2 3" };

/** A piece of the line that a series is drawn with, for legends; empty for what has none. */
export function lineSample(index: number | undefined): Markup {
  if (index === undefined) return markup``;
  return markup`<svg class="sample" width="22" height="10" viewBox="0 0 22 10" aria-hidden="true"><path d="M1 5H21" fill="none" stroke="${
    seriesColor(index)
  }" stroke-width="3" stroke-dasharray="${dashArrays[seriesDash(index)]}"/></svg>`;
}
