/**
 * Lines over a number, such as loss over steps, with a band for the spread over seeds.
 */

import {
  type Figure,
  type FigureLabels,
  houseLayout,
  plainNumbers,
  requireSameLength,
  seriesColor,
  seriesDash,
  withOpacity,
} from "./figure.ts";

/** One line. */
export interface LineSeries {
  /** Name in the legend. */
  readonly name: string;
  /** Height of each point; what is not finite leaves a gap. */
  readonly y: ArrayLike<number | null>;
  /** Place of each point; 0, 1, 2, … when left out. */
  readonly x?: ArrayLike<number>;
  /** Half height of a band around the line, such as a standard deviation over seeds. */
  readonly spread?: ArrayLike<number>;
  /** Draws the line pale and out of the legend, as a ground for a smoothed one. */
  readonly faint?: boolean;
  /** Palette index; the place in the list of series when left out. */
  readonly color?: number;
}

/** Settings of {@linkcode lineFigure}. */
export interface LineFigureOptions extends FigureLabels {
  /** The lines, later ones over earlier ones. */
  readonly series: readonly LineSeries[];
  /** Marks each point; for lines of few points. */
  readonly markers?: boolean;
  /** A logarithmic vertical axis. */
  readonly logarithmic?: boolean;
  /** A vertical axis that has 0 on it. */
  readonly fromZero?: boolean;
}

/**
 * A figure of one or several lines.
 *
 * @throws if `x`, `y` and `spread` of a series differ in length
 *
 * @example
 * ```ts
 * import { lineFigure } from "./line_figure.ts";
 *
 * const figure = lineFigure({
 *   title: "MAE",
 *   xLabel: "step",
 *   yLabel: "loss",
 *   series: [{ name: "seed 0", x: [0, 100, 200], y: [1.0, 0.6, 0.5] }],
 * });
 * console.log(figure.data.length); // 1
 * ```
 */
export function lineFigure(options: LineFigureOptions): Figure {
  const data = options.series.flatMap((series, index) => {
    const x = series.x ?? Array.from({ length: series.y.length }, (_, place) => place);
    requireSameLength(`y of "${series.name}"`, series.y.length, "its x", x.length);
    const place = series.color ?? index;
    const color = seriesColor(place);
    const line = {
      type: "scatter",
      mode: options.markers ? "lines+markers" : "lines",
      name: series.name,
      x: plainNumbers(x),
      y: plainNumbers(series.y),
      line: {
        color: series.faint ? withOpacity(color, 0.3) : color,
        width: series.faint ? 1 : 2.2,
        dash: series.faint ? "solid" : seriesDash(place),
      },
      marker: { color, size: 7 },
      showlegend: !series.faint,
    };
    return series.spread === undefined ? [line] : [spreadBand(series, x, color), line];
  });
  const named = options.series.filter((series) => !series.faint).length;
  return {
    data,
    layout: {
      ...houseLayout(options, {
        yaxis: options.logarithmic
          ? { type: "log" }
          : options.fromZero
          ? { rangemode: "tozero" }
          : {},
      }),
      showlegend: named > 1,
    },
  };
}

/** A closed outline: along the upper edge, and back along the lower one. */
function spreadBand(
  series: LineSeries,
  x: ArrayLike<number>,
  color: string,
): Record<string, unknown> {
  const spread = series.spread ?? [];
  requireSameLength(
    `y of "${series.name}"`,
    series.y.length,
    "its spread",
    spread.length,
  );
  const edge = (sign: 1 | -1): (number | null)[] =>
    plainNumbers(
      Array.from(series.y, (y, index) => (y ?? NaN) + sign * (spread[index] ?? NaN)),
    );
  return {
    type: "scatter",
    mode: "lines",
    name: `${series.name} ± spread`,
    x: [...plainNumbers(x), ...plainNumbers(x).reverse()],
    y: [...edge(1), ...edge(-1).reverse()],
    fill: "toself",
    fillcolor: withOpacity(color, 0.18),
    line: { width: 0, color: withOpacity(color, 0) },
    hoverinfo: "skip",
    showlegend: false,
  };
}
