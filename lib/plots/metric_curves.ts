/**
 * Curves of what a run logs beside its loss, one line for each run or phase: speed, waiting for data,
 * how busy the hardware was, and evaluations while training.
 */

import { mostPoints, pointsToDraw } from "./downsample.ts";
import type { Figure } from "./figure.ts";
import { lineFigure, type LineSeries } from "./line_figure.ts";
import type { Metric } from "../runs/run_schema.ts";
import { formatNumber, movingAverage, summarize } from "./statistics.ts";

/** One line of a figure. */
export interface MetricLine {
  readonly name: string;
  /** Place in the palette. */
  readonly color: number;
  /** The logged steps; one list for each seed, which are drawn as their mean. */
  readonly seeds: readonly (readonly Metric[])[];
  /** Processor cores of the machine. */
  readonly cores: number;
}

/** What is drawn over the steps. */
export interface Quantity {
  readonly title: string;
  readonly yLabel: string;
  /** The number in a line of the log, if it is there; `null` is one that was not finite. */
  value(metric: Metric, cores: number): number | null | undefined;
  /** Logged at every step, so that a running mean says more. */
  readonly noisy: boolean;
  /** Drawn from 0 up: a change of a few percent must look like one. */
  readonly fromZero?: boolean;
}

/** The loss. */
export const lossQuantity: Quantity = {
  title: "Loss",
  yLabel: "loss",
  value: ({ loss }) => loss,
  noisy: true,
};

const share = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : 100 * value;
const gibibytes = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : bytes / 2 ** 30;

/** What every training logs. */
export const trainingQuantities: readonly Quantity[] = [
  {
    ...{ title: "Learning rate", yLabel: "learning rate", noisy: false },
    value: ({ learningRate }) => learningRate,
  },
  {
    ...{ title: "Speed", yLabel: "images per second", noisy: true, fromZero: true },
    value: ({ imagesPerSecond }) => imagesPerSecond,
  },
  {
    ...{
      title: "Waiting for data",
      yLabel: "% of the step",
      noisy: true,
      fromZero: true,
    },
    value: ({ dataWait }) => share(dataWait),
  },
  {
    ...{ title: "Processors", yLabel: "% of the cores", noisy: true, fromZero: true },
    value: ({ processors }, cores) =>
      share(processors === undefined ? undefined : processors / cores),
  },
  {
    ...{ title: "Main memory", yLabel: "GiB", noisy: false, fromZero: true },
    value: ({ residentBytes }) => gibibytes(residentBytes),
  },
  {
    ...{ title: "Graphics card", yLabel: "% of the time", noisy: true, fromZero: true },
    value: ({ gpuUse }) => share(gpuUse),
  },
  {
    ...{
      title: "Memory of the graphics card",
      yLabel: "GiB",
      noisy: false,
      fromZero: true,
    },
    value: ({ gpuMemoryBytes }) => gibibytes(gpuMemoryBytes),
  },
];

/** What stands in a line of the log besides evaluations. */
const usual: ReadonlySet<string> = new Set([
  ...["phase", "step", "seed", "loss", "time", "learningRate", "imagesPerSecond"],
  ...["dataWait", "processors", "residentBytes", "gpuUse", "gpuMemoryBytes"],
]);

/** Evaluations that trainers name: heading and axis. */
const evaluations: Readonly<Record<string, readonly [string, string]>> = {
  knn: ["Nearest neighbours", "accuracy in %"],
  top1: ["Top-1", "accuracy in %"],
  top5: ["Top-5", "accuracy in %"],
};

/** The numbers that some lines hold beyond the usual ones, such as the accuracy of kNN. */
export function evaluationQuantities(lines: readonly MetricLine[]): Quantity[] {
  const names = new Set<string>();
  for (const metric of lines.flatMap(({ seeds }) => seeds).flat()) {
    for (const [name, value] of Object.entries(metric)) {
      if (!usual.has(name) && typeof value === "number") names.add(name);
    }
  }
  return [...names].map((name) => {
    const [title, yLabel] = evaluations[name] ?? [name, name];
    return {
      ...{ title, yLabel, noisy: true },
      value: (metric) => {
        const value = (metric as unknown as Record<string, unknown>)[name];
        return typeof value === "number" ? value : undefined;
      },
    };
  });
}

interface Points {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

function pointsOf(metrics: readonly Metric[], quantity: Quantity, cores: number): Points {
  const x: number[] = [];
  const y: (number | null)[] = [];
  for (const metric of metrics) {
    const value = quantity.value(metric, cores);
    if (value === undefined) continue;
    x.push(metric.step);
    y.push(value);
  }
  return { x, y };
}

/** Fewer points than this are drawn as they are. */
const fewPoints = 40;

function smoothed({ x, y }: Points): Points {
  return { x, y: movingAverage(y, Math.max(3, Math.round(y.length / fewPoints))) };
}

function drawn({ x, y }: Points, spread?: readonly number[]): Points & {
  readonly spread?: readonly number[];
} {
  const places = pointsToDraw(y);
  return {
    x: places.map((place) => x[place]!),
    y: places.map((place) => y[place] ?? null),
    ...spread === undefined ? {} : { spread: places.map((place) => spread[place]!) },
  };
}

/** The mean of several seeds at the steps that all of them logged, and their deviation. */
function meanOf(seeds: readonly Points[]): Points & { spread: number[] } {
  const bySteps = seeds.map(({ x, y }) => new Map(x.map((step, at) => [step, y[at]!])));
  const steps = seeds[0]!.x.filter((step) => bySteps.every((values) => values.has(step)));
  const summaries = steps.map((step) =>
    summarize(bySteps.map((values) => values.get(step) ?? null))
  );
  return {
    x: steps,
    y: summaries.map((summary) => summary?.mean ?? null),
    spread: summaries.map((summary) => summary?.deviation ?? 0),
  };
}

function seriesOf(line: MetricLine, quantity: Quantity, raw: boolean): LineSeries[] {
  const { name, color, seeds, cores } = line;
  const points = seeds.map((metrics) => pointsOf(metrics, quantity, cores))
    .filter(({ x }) => x.length > 0);
  const [first] = points;
  if (first === undefined) return [];
  const smooth = quantity.noisy && points.every(({ x }) => x.length >= fewPoints);
  if (points.length > 1) {
    const { spread, ...mean } = meanOf(smooth ? points.map(smoothed) : points);
    return [{ name, color, ...drawn(mean, spread) }];
  }
  if (!smooth) return [{ name, color, ...drawn(first) }];
  const mean = { name, color, ...drawn(smoothed(first)) };
  if (!raw) return [mean];
  return [
    { name: `${name}, each logged step`, color, faint: true, ...drawn(first) },
    mean,
  ];
}

/** How a figure is drawn. */
export interface MetricFigureOptions {
  /** Names the lines in the drawing; else the page around it does. */
  readonly legend?: boolean;
  readonly logarithmic?: boolean;
  /** Draws what was logged under its running mean; true when left out. */
  readonly raw?: boolean;
}

/** 1, 2, 5, 10, … within a range, or powers of ten alone where these would be too many. */
function logarithmicTicks(lowest: number, highest: number): number[] {
  const [first, last] = [lowest, highest].map((value) => Math.floor(Math.log10(value)));
  const powers = Array.from(
    { length: last! - first! + 1 },
    (_, place) => 10 ** (first! + place),
  );
  const within = (steps: readonly number[]): number[] =>
    powers.flatMap((power) => steps.map((step) => Number((step * power).toPrecision(1))))
      .filter((value) => value >= lowest && value <= highest);
  const fine = within([1, 2, 5]);
  return fine.length <= 9 ? fine : within([1]);
}

/** Plotly's own logarithmic axis sets half of its numbers too small to read. */
function withPlainTicks(figure: Figure, series: readonly LineSeries[]): Figure {
  const heights = series.flatMap(({ y }) => Array.from(y))
    .filter((value): value is number => value !== null && value > 0);
  const tickvals = logarithmicTicks(Math.min(...heights), Math.max(...heights));
  const yaxis = {
    ...figure.layout.yaxis as Record<string, unknown>,
    ...{ tickvals, ticktext: tickvals.map(String) },
  };
  return { ...figure, layout: { ...figure.layout, yaxis } };
}

/**
 * The lines of one quantity: each pale as it was logged and bold as its running mean; several seeds as
 * their mean with a band of one standard deviation.
 *
 * @returns `undefined` where no line has two points
 */
export function metricFigure(
  lines: readonly MetricLine[],
  quantity: Quantity,
  { legend = false, logarithmic = false, raw = true }: MetricFigureOptions = {},
): Figure | undefined {
  const series = lines.flatMap((line) => seriesOf(line, quantity, raw));
  const longest = Math.max(0, ...series.map(({ y }) => y.length));
  if (longest < 2) return undefined;
  const figure = lineFigure({
    ...{ xLabel: "step", yLabel: quantity.yLabel, series, logarithmic },
    ...{ markers: longest <= 20, fromZero: quantity.fromZero ?? false },
  });
  const ticked = logarithmic ? withPlainTicks(figure, series) : figure;
  // 100,000 steps read better than 1×10⁵.
  const xaxis = {
    ...ticked.layout.xaxis as Record<string, unknown>,
    exponentformat: "none",
  };
  const layout = { ...ticked.layout, xaxis };
  return { ...ticked, layout: legend ? layout : { ...layout, showlegend: false } };
}

/** How the lines are drawn, for the reader. */
export function drawingNote(lines: readonly MetricLine[]): string {
  const lengths = lines.flatMap(({ seeds }) => seeds.map(({ length }) => length));
  const longest = Math.max(0, ...lengths);
  const averaged = lines.some(({ seeds }) => seeds.length > 1);
  return [
    ...lengths.some((length) => length >= fewPoints)
      ? ["Pale: as logged. Bold: the running mean over a fortieth of the steps."]
      : [],
    ...averaged ? ["Several seeds: their mean ± standard deviation."] : [],
    ...longest > mostPoints
      ? [
        `Of ${formatNumber(longest, 0)} logged steps the curves show about ` +
        `${mostPoints} points: the lowest and the highest of each stretch.`,
      ]
      : [],
  ].join(" ");
}
