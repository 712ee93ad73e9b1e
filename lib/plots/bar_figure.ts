/** Bars side by side, such as accuracies of several methods, with their error bars. */

import {
  type Figure,
  type FigureLabels,
  houseLayout,
  inkColor,
  plainNumbers,
  requireSameLength,
  seriesColor,
} from "./figure.ts";

/** Bars of one colour, one for each category. */
export interface BarSeries {
  /** Name in the legend. */
  readonly name: string;
  /** Heights, one for each category; `null` or NaN leaves the place empty. */
  readonly values: ArrayLike<number | null>;
  /** Half length of the error bars, such as standard deviations over seeds. */
  readonly errors?: ArrayLike<number | null>;
}

/** Settings of {@linkcode barFigure}. */
export interface BarFigureOptions extends FigureLabels {
  /** Names under the bars. */
  readonly categories: readonly string[];
  /** Groups of bars by colour, in the legend's order. */
  readonly series: readonly BarSeries[];
  /**
   * Digits after the point of the number written on each bar; none is written without
   * it.
   */
  readonly valueDigits?: number;
  /** Lowest and highest value of the vertical axis; bars then no longer start at 0. */
  readonly range?: readonly [number, number];
}

/**
 * A figure of grouped bars.
 *
 * @throws if a series has not one value (and one error, if any) for each category
 *
 * @example
 * ```ts
 * import { barFigure } from "./bar_figure.ts";
 *
 * const figure = barFigure({
 *   yLabel: "accuracy (%)",
 *   categories: ["kNN", "linear probe"],
 *   series: [{ name: "MAE", values: [76.1, 78.3], errors: [0.4, 0.2] }],
 * });
 * console.log(figure.data[0]?.type); // "bar"
 * ```
 */
export function barFigure(options: BarFigureOptions): Figure {
  const count = options.categories.length;
  const data = options.series.map((series, index) => {
    requireSameLength(`"${series.name}"`, series.values.length, "categories", count);
    if (series.errors !== undefined) {
      requireSameLength(
        `errors of "${series.name}"`,
        series.errors.length,
        "categories",
        count,
      );
    }
    const values = plainNumbers(series.values);
    const digits = options.valueDigits;
    return {
      type: "bar",
      name: series.name,
      x: [...options.categories],
      y: values,
      marker: { color: seriesColor(index) },
      ...(series.errors === undefined ? {} : {
        error_y: {
          type: "data",
          array: plainNumbers(series.errors).map((error) => error ?? 0),
          color: inkColor,
          thickness: 1.4,
          width: 4,
        },
      }),
      ...(digits === undefined ? {} : {
        text: values.map((value) => value === null ? "" : value.toFixed(digits)),
        textposition: "inside",
        insidetextanchor: "start",
        textangle: 0,
        insidetextfont: { color: "#FFFFFF", size: 12 },
        constraintext: "none",
      }),
    };
  });
  return {
    data,
    layout: {
      ...houseLayout(options, {
        // Names are names, even "2024".
        xaxis: { type: "category", showgrid: false },
        yaxis: options.range === undefined
          ? { rangemode: "tozero" }
          : { range: [...options.range] },
      }),
      barmode: "group",
      bargap: 0.28,
      bargroupgap: 0.06,
      showlegend: options.series.length > 1,
    },
  };
}
