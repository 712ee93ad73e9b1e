/** The report's page: from what a run folder holds to HTML that needs nothing else. */

import { type Markup, markup, trustedMarkup } from "./html.ts";
import { type LossCurve, lossCurves } from "./loss_curves.ts";
import {
  drawingNote,
  evaluationQuantities,
  metricFigure,
  type MetricLine,
  trainingQuantities,
} from "./metric_curves.ts";
import { recipeMarkup, settingsOf } from "./recipe_markup.ts";
import { figureMarkup } from "./report_figure.ts";
import { reportStyle } from "./report_style.ts";
import { noResults, resultsMarkup } from "./results_markup.ts";
import type { RunFolder, RunPicture } from "../runs/run_folder.ts";
import type { Run } from "../runs/run_schema.ts";
import { digitsFor, formatNumber } from "./statistics.ts";

/** The whole page as HTML text. */
export async function reportPage(folder: RunFolder): Promise<string> {
  const { run, tables, pictures, warnings } = folder;
  const curves: Markup[] = [];
  for (const curve of lossCurves(folder.metrics)) curves.push(await curveMarkup(curve));
  const lines = linesOf(folder);
  const more: Markup[] = [];
  for (const quantity of [...evaluationQuantities(lines), ...trainingQuantities]) {
    const figure = metricFigure(lines, quantity, { legend: true });
    if (figure === undefined) continue;
    more.push(await figureMarkup({ title: quantity.title, figure }));
  }
  const notices = [
    ...(run.finishedAt !== undefined ? [] : [
      "This run is not finished. The numbers below are those that it had when this " +
      "report was written; the command at the end goes on with it.",
    ]),
    ...warnings,
  ];
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${run.name} · mimkit report</title>
<style>${trustedMarkup(reportStyle)}</style>
</head>
<body>
<main>
<header>
<p class="kicker">mimkit report</p>
<h1>${run.name}</h1>
<p>${summarySentence(run)}</p>
${notices.map((notice) => markup`<div class="warning"><p>${notice}</p></div>`)}
</header>
${tables.length > 0 ? tables.map(resultsMarkup) : noResults}
${trainingMarkup(curves, more, drawingNote(lines))}
${pictures.length > 0 ? picturesMarkup(pictures) : ""}
<section>
<h2>Recipe</h2>
${recipeMarkup(settingsOf(run.recipe, run.sources))}
</section>
<section>
<h2>Machine, data and versions</h2>
${factsMarkup(run)}
</section>
<section>
<h2>Reproduce</h2>
<pre>${run.command}</pre>
<p class="note">${seedText(run.seeds)} Another machine or other versions can give slightly
different numbers.</p>
</section>
<footer class="quiet">Written by mimkit from the files in this run's folder.</footer>
</main>
</body>
</html>
`.html;
}

/** A line for each phase, over all of its seeds. */
function linesOf({ run, metrics }: RunFolder): MetricLine[] {
  return [...Map.groupBy(metrics, ({ phase }) => phase)].map((
    [phase, ofPhase],
    color,
  ) => ({
    ...{ name: phase, color, cores: run.machine.cores },
    seeds: [...Map.groupBy(ofPhase, ({ seed }) => seed).values()],
  }));
}

function trainingMarkup(
  curves: readonly Markup[],
  more: readonly Markup[],
  note: string,
): Markup {
  const several = curves.length > 1
    ? " The losses of different methods measure different things and do not compare."
    : "";
  const content = curves.length > 0
    ? markup`<div class="curves">${curves}${more}</div>
<p class="note">${note}${several}</p>`
    : markup`<p class="quiet">No step has been logged yet.</p>`;
  return markup`<section>
<h2>Training</h2>
${content}
</section>`;
}

function seedText(seeds: readonly number[]): string {
  return `${seeds.length === 1 ? "Seed" : "Seeds"} ${seeds.join(", ")}.`;
}

/** What was run, on how much data, how often and for how long. */
function summarySentence(run: Run): string {
  const counts = Object.entries(run.dataset.counts)
    .map(([use, count]) => `${formatNumber(count, 0)} ${use}`).join(", ");
  const seeds = run.seeds.length === 1 ? "1 seed" : `${run.seeds.length} seeds`;
  const time = run.minutes === undefined
    ? ""
    : `, ${formatNumber(run.minutes, 1)} minutes`;
  const { accelerator, cores, cpu } = run.machine;
  return `${run.dataset.name}${
    counts === "" ? "" : ` (${counts} images)`
  }, ${seeds}${time}` +
    ` on ${accelerator ?? `${cores} cores of ${cpu}`}.`;
}

async function curveMarkup(curve: LossCurve): Promise<Markup> {
  const { phase, figure, finalLoss, imagesPerSecond, lastStep } = curve;
  const facts = [
    `to step ${formatNumber(lastStep, 0)}`,
    ...(finalLoss === undefined
      ? []
      : [`loss at the end ${formatNumber(finalLoss, digitsFor(finalLoss))}`]),
    ...(imagesPerSecond === undefined
      ? []
      : [`${formatNumber(imagesPerSecond, 0)} images/s (median)`]),
  ];
  const note = facts.join(" · ");
  return figure === undefined
    ? markup`<figure><h3>${phase}</h3><figcaption>${note}</figcaption></figure>`
    : await figureMarkup({ title: phase, figure, note });
}

function picturesMarkup(pictures: readonly RunPicture[]): Markup {
  return markup`<section class="pictures">
<h2>Pictures</h2>
${
    pictures.map(({ title, caption, png }) =>
      markup`<figure><h3>${title}</h3>
<img alt="${title}" src="data:image/png;base64,${png.toBase64()}">
<figcaption>${caption}</figcaption></figure>`
    )
  }
</section>`;
}

function factsMarkup(run: Run): Markup {
  const { machine, dataset, versions } = run;
  const list = (facts: readonly (readonly [string, string])[]): Markup =>
    markup`<dl>${
      facts.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)
    }</dl>`;
  const counts = Object.entries(dataset.counts)
    .map(([use, count]) => `${use}: ${formatNumber(count, 0)}`).join(", ");
  return markup`<div class="facts">
${
    list([
      ["processor", `${machine.cpu}, ${machine.cores} cores`],
      ...(machine.accelerator === undefined
        ? []
        : [["accelerator", machine.accelerator] as const]),
      ["memory", `${formatNumber(machine.memoryBytes / 2 ** 30, 1)} GiB`],
      ["system", machine.os],
      ["data", dataset.name],
      ["images", counts],
      ["fingerprint", dataset.fingerprint],
    ])
  }
${
    list([
      ...Object.entries(versions),
      ["started", run.startedAt],
      ["finished", run.finishedAt ?? "not yet"],
      ["minutes", run.minutes === undefined ? "–" : formatNumber(run.minutes, 1)],
    ])
  }
</div>`;
}
