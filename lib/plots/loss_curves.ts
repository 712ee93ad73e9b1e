/**
 * The loss curves of a run, one figure per phase, and a line of numbers on each phase.
 */

import type { Figure } from "./figure.ts";
import { lineFigure, type LineSeries } from "./line_figure.ts";
import type { Metric } from "../runs/run_schema.ts";
import { median, movingAverage } from "./statistics.ts";

/** A phase of a run and its curve. */
export interface LossCurve {
  readonly phase: string;
  readonly figure: Figure;
  readonly lastStep: number;
  /** Mean loss over the last twentieth of the logged steps, over all seeds. */
  readonly finalLoss: number | undefined;
  readonly imagesPerSecond: number | undefined;
}

/** More points than a screen has pixels only make the file larger. */
const mostPoints = 600;

/** The curves in the order of the phases. */
export function lossCurves(metrics: readonly Metric[]): LossCurve[] {
  const phases = Map.groupBy(metrics, (metric) => metric.phase);
  return [...phases].map(([phase, ofPhase]) => {
    const seeds = [...Map.groupBy(ofPhase, (metric) => metric.seed)];
    const series = seeds.flatMap(([seed, ofSeed], index) =>
      curve(ofSeed, seed === undefined ? phase : `seed ${seed}`, index)
    );
    const speeds = ofPhase.flatMap((metric) => metric.imagesPerSecond ?? []);
    return {
      phase,
      figure: lineFigure({ xLabel: "step", yLabel: "loss", series }),
      lastStep: ofPhase.at(-1)?.step ?? 0,
      finalLoss: finalLoss(seeds.map(([, ofSeed]) => ofSeed)),
      imagesPerSecond: median(speeds),
    };
  });
}

/** The loss as logged, pale, under its running mean; a short curve alone. */
function curve(metrics: readonly Metric[], name: string, color: number): LineSeries[] {
  const x = metrics.map((metric) => metric.step);
  const y = metrics.map((metric) => metric.loss);
  if (metrics.length < 40) return [{ name, x, y, color }];
  const smooth = movingAverage(y, Math.max(3, Math.round(metrics.length / 40)));
  const keep = thin(metrics.length);
  const kept = <Value>(values: readonly Value[]): Value[] =>
    values.filter((_, index) => keep(index));
  return [
    { name: `${name}, each logged step`, x: kept(x), y: kept(y), color, faint: true },
    { name, x: kept(x), y: kept(smooth), color },
  ];
}

/** Keeps every n-th point, and the last. */
function thin(length: number): (index: number) => boolean {
  const every = Math.ceil(length / mostPoints);
  return (index) => index % every === 0 || index === length - 1;
}

function finalLoss(seeds: readonly (readonly Metric[])[]): number | undefined {
  const ends = seeds.flatMap((metrics) =>
    metrics.slice(-Math.max(1, Math.round(metrics.length / 20)))
      .flatMap((metric) => metric.loss ?? [])
  );
  return ends.length === 0
    ? undefined
    : ends.reduce((sum, loss) => sum + loss, 0) / ends.length;
}
