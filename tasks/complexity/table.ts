/**
 * The table of `deno task complexity`.
 *
 * @module
 */
import { countingRule } from "../../lib/analysis/complexity.ts";
import type { PublishedFigure } from "../../lib/analysis/published_figures.ts";
import { alignColumns } from "../bench/table.ts";
import type { Measured } from "./measure.ts";

/** Numbered remarks; the same text has one number. */
function footnotes(): { mark(text: string | null | undefined): string; lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    mark: (text) => {
      if (!text) return "";
      const known = lines.indexOf(text);
      return ` [${known >= 0 ? known + 1 : lines.push(text)}]`;
    },
  };
}

/** The counts beside the published figures, and why some of these differ. */
export function renderComplexity(measured: readonly Measured[]): string {
  const { mark, lines } = footnotes();
  const published = (figure: PublishedFigure | undefined): string =>
    figure === undefined ? "" : figure.value + mark(figure.because);
  const rows = measured.map((row) => [
    row.model + mark(row.note),
    `${row.imageSize}`,
    (row.parameters.total / 1e6).toFixed(2),
    (row.parameters.trainable / 1e6).toFixed(2),
    published(row.published?.parameters),
    row.flops === null ? "–" : (row.flops / 1e9).toFixed(2),
    published(row.published?.flops),
  ]);
  const header = [
    ...["", "pixels", "parameters [M]", "trained [M]", "published [M]"],
    ...["FLOPs [G]", "published [G]"],
  ];
  return [
    ...alignColumns([header, ...rows]),
    "",
    `${countingRule} Of one image, in one forward pass.`,
    ...lines.map((line, index) => `[${index + 1}] ${line}`),
  ].join("\n");
}
