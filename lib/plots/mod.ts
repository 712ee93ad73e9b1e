/**
 * Figures, grids of pictures, notebook outputs and the report of a run.
 *
 * Plain numbers go in; nothing here knows tensors or models. Plotly, jsdom and sharp are
 * loaded at the first drawing.
 *
 * @module
 */

export { barFigure, type BarFigureOptions, type BarSeries } from "./bar_figure.ts";
export {
  type ComparedRun,
  compareRuns,
  type Comparison,
  comparisonJson,
  comparisonText,
  type DifferingSetting,
  type ReadableRun,
  type RunFacts,
  type RunGroup,
} from "./comparison/mod.ts";
export { colorAt, type ColorScale } from "./color_scale.ts";
export { pictureOf } from "./dataset_picture.ts";
export {
  currentNotebook,
  type Displayable,
  type DisplayBundle,
  displayBundle,
  type Notebook,
  show,
  type ShowOptions,
} from "./display.ts";
export { type Figure, type FigureLabels, seriesColors } from "./figure.ts";
export {
  heatmapFigure,
  type HeatmapFigureOptions,
  type Matrix,
} from "./heatmap_figure.ts";
export { imageGrid, type ImageGridOptions } from "./image_grid.ts";
export { lineFigure, type LineFigureOptions, type LineSeries } from "./line_figure.ts";
export {
  type LiveDisplay,
  liveDisplay,
  type LiveDisplayOptions,
} from "./live_display.ts";
export {
  heatOverlay,
  type HeatOverlayOptions,
  maskOverlay,
  type MaskOverlayOptions,
} from "./overlays.ts";
export { byScale, type NotebookScale } from "./notebook_scale.ts";
export { enlarge, type Picture, toRgb } from "./picture.ts";
export { renderPng, type RenderSize, renderSvg } from "./render.ts";
export { writeComparison, writeReport } from "./report.ts";
export {
  scatterFigure,
  type ScatterFigureOptions,
  type ScatterSeries,
} from "./scatter_figure.ts";
export { movingAverage, summarize, type Summary } from "./statistics.ts";
