/** A matrix as colours, such as an attention map or a confusion matrix. */

import { type ColorScale, plotlyColorScale } from "./color_scale.ts";
import {
  type Figure,
  type FigureLabels,
  houseLayout,
  plainNumbers,
  requireSameLength,
} from "./figure.ts";

/** Numbers in rows: the first row is drawn on top. */
export interface Matrix {
  /** Row after row, `rows · columns` numbers. */
  readonly values: ArrayLike<number>;
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly columns: number;
}

/** Settings of {@linkcode heatmapFigure}. */
export interface HeatmapFigureOptions extends FigureLabels {
  /** The numbers; what is not finite stays blank. */
  readonly matrix: Matrix;
  /** Names under the columns. */
  readonly columnNames?: readonly string[];
  /** Names beside the rows. */
  readonly rowNames?: readonly string[];
  /** `sequential` when left out. */
  readonly colorScale?: ColorScale;
  /** Values at the two ends of the scale; lowest and highest value when left out. */
  readonly range?: readonly [number, number];
  /** Digits after the point of the number written in each cell; none without it. */
  readonly valueDigits?: number;
  /** Square cells. */
  readonly squareCells?: boolean;
  /** What the colours measure, beside their scale. */
  readonly valueLabel?: string;
}

/**
 * A figure of coloured cells.
 *
 * @throws if `matrix.values` are not `rows · columns`, or the names not one each
 *
 * @example
 * ```ts
 * import { heatmapFigure } from "./heatmap_figure.ts";
 *
 * const figure = heatmapFigure({
 *   title: "attention",
 *   matrix: { values: [0.1, 0.9, 0.4, 0.6], rows: 2, columns: 2 },
 * });
 * console.log(figure.data[0]?.type); // "heatmap"
 * ```
 */
export function heatmapFigure(options: HeatmapFigureOptions): Figure {
  const { matrix, rowNames, columnNames } = options;
  const { rows, columns } = matrix;
  requireSameLength(
    "matrix.values",
    matrix.values.length,
    `a matrix of ${rows} × ${columns}`,
    rows * columns,
  );
  if (rowNames) requireSameLength("rowNames", rowNames.length, "the matrix' rows", rows);
  if (columnNames) {
    requireSameLength("columnNames", columnNames.length, "the matrix' columns", columns);
  }
  const values = plainNumbers(matrix.values);
  const table = Array.from(
    { length: rows },
    (_, row) => values.slice(row * columns, (row + 1) * columns),
  );
  const digits = options.valueDigits;
  return {
    data: [{
      type: "heatmap",
      z: table,
      ...(columnNames ? { x: [...columnNames] } : {}),
      ...(rowNames ? { y: [...rowNames] } : {}),
      ...(options.range ? { zmin: options.range[0], zmax: options.range[1] } : {}),
      ...(digits === undefined ? {} : {
        text: table.map((row) => row.map((value) => value?.toFixed(digits) ?? "–")),
        texttemplate: "%{text}",
        textfont: { size: 11 },
      }),
      colorscale: plotlyColorScale(options.colorScale ?? "sequential"),
      colorbar: {
        thickness: 14,
        outlinewidth: 0,
        title: { text: options.valueLabel ?? "", side: "right", font: { size: 12 } },
        tickfont: { size: 11 },
      },
    }],
    layout: houseLayout(options, {
      xaxis: {
        showgrid: false,
        ticks: "",
        ...(columnNames ? { type: "category" } : {}),
        ...(options.squareCells ? { constrain: "domain" } : {}),
      },
      yaxis: {
        showgrid: false,
        ticks: "",
        autorange: "reversed",
        ...(rowNames ? { type: "category" } : {}),
        ...(options.squareCells
          ? { scaleanchor: "x", scaleratio: 1, constrain: "domain" }
          : {}),
      },
    }),
  };
}
