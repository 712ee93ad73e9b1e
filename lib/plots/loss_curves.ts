/**
 * The loss curves of a run, one figure per phase, and a line of numbers on each phase.
 */

import type { Figure } from "./figure.ts";
import { lossQuantity, metricFigure } from "./metric_curves.ts";
import type { Metric } from "../runs/run_schema.ts";
import { median } from "./statistics.ts";

/** A phase of a run and its curve. */
export interface LossCurve {
  readonly phase: string;
  /** Undefined as long as there are not two steps to draw a line through. */
  readonly figure: Figure | undefined;
  readonly lastStep: number;
  /** Mean loss over the last twentieth of the logged steps, over all seeds. */
  readonly finalLoss: number | undefined;
  readonly imagesPerSecond: number | undefined;
}

/** The curves in the order of the phases. */
export function lossCurves(metrics: readonly Metric[]): LossCurve[] {
  const phases = Map.groupBy(metrics, (metric) => metric.phase);
  return [...phases].map(([phase, ofPhase]) => {
    const seeds = [...Map.groupBy(ofPhase, (metric) => metric.seed)];
    const lines = seeds.map(([seed, ofSeed], color) => ({
      name: seed === undefined ? phase : `seed ${seed}`,
      ...{ color, seeds: [ofSeed], cores: 1 },
    }));
    const speeds = ofPhase.flatMap((metric) => metric.imagesPerSecond ?? []);
    return {
      phase,
      figure: metricFigure(lines, lossQuantity, { legend: true }),
      lastStep: ofPhase.at(-1)?.step ?? 0,
      finalLoss: finalLoss(seeds.map(([, ofSeed]) => ofSeed)),
      imagesPerSecond: median(speeds),
    };
  });
}

/** The mean over the ends of several seeds. */
export function finalLoss(seeds: readonly (readonly Metric[])[]): number | undefined {
  const ends = seeds.flatMap((metrics) =>
    metrics.slice(-Math.max(1, Math.round(metrics.length / 20)))
      .flatMap((metric) => metric.loss ?? [])
  );
  return ends.length === 0
    ? undefined
    : ends.reduce((sum, loss) => sum + loss, 0) / ends.length;
}
