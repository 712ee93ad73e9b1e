/** The curves of several runs in common figures. */

import { finalLoss } from "../loss_curves.ts";
import {
  drawingNote,
  evaluationQuantities,
  lossQuantity,
  metricFigure,
  type MetricLine,
  trainingQuantities,
} from "../metric_curves.ts";
import type { Figure } from "../figure.ts";
import type { RunGroup } from "./run_groups.ts";

/** A figure with its heading. */
export interface TitledFigure {
  readonly title: string;
  readonly figure: Figure;
  /** Said under it. */
  readonly note?: string;
}

/** The figures of one kind of training, such as all that pretrain. */
export interface ComparedCurves {
  readonly title: string;
  readonly loss: TitledFigure | undefined;
  readonly evaluations: readonly TitledFigure[];
  readonly training: readonly TitledFigure[];
  /** Whose curves these are. */
  readonly groups: readonly RunGroup[];
  /** How they are drawn. */
  readonly note: string;
}

interface Line extends MetricLine {
  readonly group: RunGroup;
  readonly kind: string;
}

/** Recipes say what a run trains; in other runs each phase is a kind of its own. */
function linesOf(group: RunGroup): Line[] {
  const [first] = group.runs;
  const phases = new Set(
    group.runs.flatMap(({ content }) => content.metrics.map(({ phase }) => phase)),
  );
  return [...phases].map((phase) => ({
    group,
    kind: first!.facts.task ?? phase,
    name: phases.size > 1 ? `${group.name}, ${phase}` : group.name,
    color: group.color ?? 0,
    cores: first!.content.run.machine.cores,
    seeds: group.runs.flatMap(({ content }) => {
      const metrics = content.metrics.filter((metric) => metric.phase === phase);
      return [...Map.groupBy(metrics, ({ seed }) => seed).values()];
    }),
  }));
}

/** Losses further apart than this are drawn on a logarithmic axis. */
const farApart = 8;

function lossFigure(lines: readonly Line[]): TitledFigure | undefined {
  const ends = lines.map(({ seeds }) => finalLoss(seeds) ?? NaN);
  const positive = lines.every(({ seeds }) =>
    seeds.flat().every(({ loss }) => loss === null || loss > 0)
  );
  const known = ends.filter(Number.isFinite);
  const logarithmic = positive && Math.max(...known) > farApart * Math.min(...known);
  const figure = metricFigure(lines, lossQuantity, { logarithmic });
  if (figure === undefined) return undefined;
  const methods = new Set(lines.map(({ group }) => group.runs[0]!.facts.method));
  const notes = [
    ...methods.size > 1
      ? ["The losses of different methods measure different things and do not compare."]
      : [],
    ...logarithmic ? ["The axis is logarithmic."] : [],
  ];
  return {
    ...{ title: "Loss", figure },
    ...notes.length === 0 ? {} : { note: notes.join(" ") },
  };
}

function figuresOf(
  lines: readonly Line[],
  quantities: typeof trainingQuantities,
): TitledFigure[] {
  return quantities.flatMap((quantity) => {
    // What many runs logged at each step would hide one another.
    const figure = metricFigure(lines, quantity, { raw: false });
    return figure === undefined ? [] : [{ title: quantity.title, figure }];
  });
}

/** The figures, kind by kind; each group of runs has the same colour in all of them. */
export function comparedCurves(groups: readonly RunGroup[]): ComparedCurves[] {
  const kinds = Map.groupBy(groups.flatMap(linesOf), ({ kind }) => kind);
  return [...kinds].map(([title, lines]) => ({
    title,
    loss: lossFigure(lines),
    evaluations: figuresOf(lines, evaluationQuantities(lines)),
    training: figuresOf(lines, trainingQuantities),
    groups: groups.filter((group) => lines.some((line) => line.group === group)),
    note: drawingNote(lines),
  }));
}
