/** Points in a plane, such as embedded images or speed against accuracy. */

import {
  type Figure,
  type FigureLabels,
  houseLayout,
  plainNumbers,
  requireSameLength,
  seriesColor,
} from "./figure.ts";

/** Points of one colour and shape. */
export interface ScatterSeries {
  /** Name in the legend. */
  readonly name: string;
  /** Places of the points to the right. */
  readonly x: ArrayLike<number>;
  /** Places of the points upwards. */
  readonly y: ArrayLike<number>;
  /**
   * A name for each point: beside it with `showNames`, else when the mouse is over it.
   */
  readonly names?: readonly string[];
}

/** Settings of {@linkcode scatterFigure}. */
export interface ScatterFigureOptions extends FigureLabels {
  /** The clouds of points. */
  readonly series: readonly ScatterSeries[];
  /** Width of a point in pixels, 8 when left out. */
  readonly pointSize?: number;
  /** Writes the points' names beside them. */
  readonly showNames?: boolean;
  /** One unit is as long upwards as sideways. */
  readonly equalAxes?: boolean;
}

/** Colour alone is not enough for every reader: series differ in shape too. */
const shapes = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star"];

/**
 * A figure of points.
 *
 * @throws if `x`, `y` and `names` of a series differ in length
 *
 * @example
 * ```ts
 * import { scatterFigure } from "./scatter_figure.ts";
 *
 * const figure = scatterFigure({
 *   xLabel: "minutes",
 *   yLabel: "accuracy (%)",
 *   series: [{ name: "MAE", x: [1, 2, 4], y: [60, 70, 76] }],
 * });
 * console.log(figure.data[0]?.mode); // "markers"
 * ```
 */
export function scatterFigure(options: ScatterFigureOptions): Figure {
  const data = options.series.map((series, index) => {
    const { name, x, y, names } = series;
    requireSameLength(`y of "${name}"`, y.length, "its x", x.length);
    if (names !== undefined) {
      requireSameLength(`names of "${name}"`, names.length, "its x", x.length);
    }
    return {
      type: "scatter",
      mode: options.showNames ? "markers+text" : "markers",
      name,
      x: plainNumbers(x),
      y: plainNumbers(y),
      ...(names === undefined ? {} : { text: [...names] }),
      textposition: "top center",
      textfont: { size: 11 },
      marker: {
        color: seriesColor(index),
        symbol: shapes[index % shapes.length],
        size: options.pointSize ?? 8,
        opacity: 0.85,
        line: { width: 0 },
      },
    };
  });
  return {
    data,
    layout: {
      ...houseLayout(options, {
        yaxis: options.equalAxes ? { scaleanchor: "x", scaleratio: 1 } : {},
      }),
      showlegend: options.series.length > 1,
    },
  };
}
