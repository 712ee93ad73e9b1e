/** A comparison as one HTML page that needs nothing else. */

import { type FactColumn, factTable, nothing, stateText } from "./cell_text.ts";
import { type ComparedRun, isReadable, type ReadableRun } from "./compared_run.ts";
import { type ComparedCurves, comparedCurves } from "./comparison_curves.ts";
import type { DifferingSetting } from "./differing_settings.ts";
import { type Markup, markup, trustedMarkup } from "../html.ts";
import type { Comparison } from "./mod.ts";
import { figureMarkup, lineSample } from "../report_figure.ts";
import { reportStyle } from "../report_style.ts";
import { noResults, resultsMarkup } from "../results_markup.ts";
import type { RunGroup } from "./run_groups.ts";
import { formatNumber } from "../statistics.ts";
import type { RunPicture } from "../../runs/run_folder.ts";

/** The whole page as HTML text. */
export async function comparisonPage(comparison: Comparison): Promise<string> {
  const { runs, groups, differing, tables } = comparison;
  const curves: Markup[] = [];
  for (const kind of comparedCurves(groups)) curves.push(await curvesMarkup(kind));
  const title = runs.map(({ name }) => name).join(" · ");
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · mimkit comparison</title>
<style>${trustedMarkup(reportStyle)}</style>
</head>
<body>
<main class="wide">
<header>
<p class="kicker">mimkit comparison</p>
<h1>${runs.length} ${runs.length === 1 ? "run" : "runs"} side by side</h1>
${noticesMarkup(runs)}
</header>
${runsMarkup(comparison)}
${tables.length > 0 ? tables.map((table) => resultsMarkup(table)) : noResults}
${curves.length > 0 ? curves : noCurves}
${picturesMarkup(groups)}
${settingsMarkup(differing, groups)}
<section>
<h2>Reproduce</h2>
<pre>${runs.filter(isReadable).map(({ content }) => content.run.command).join("\n")}</pre>
</section>
<footer class="quiet">Written by mimkit from the files in these runs' folders.</footer>
</main>
</body>
</html>
`.html;
}

const noCurves = markup`<section>
<h2>Training</h2>
<p class="quiet">No step has been logged yet.</p>
</section>`;

/** What a reader must know before the numbers. */
function noticesMarkup(runs: readonly ComparedRun[]): Markup[] {
  const unfinished = runs.filter(({ state }) => state === "unfinished");
  const names = unfinished.map(({ name }) => name).join(", ");
  const notices = [
    ...unfinished.length === 0
      ? []
      : [`Not finished: ${names}. What is shown of them is what they had until now.`],
    ...runs.flatMap((run) =>
      run.state === "damaged"
        ? [`${run.name} cannot be read: ${run.problem}`]
        : run.content.warnings.map((warning) => `${run.name}: ${warning}`)
    ),
  ];
  return notices.map((notice) => markup`<div class="warning"><p>${notice}</p></div>`);
}

/** A run's name behind the line that its group is drawn with. */
function nameMarkup(run: ComparedRun, groups: readonly RunGroup[]): Markup {
  const group = groups.find(({ runs }) => runs.some((other) => other === run));
  return markup`<th scope="row">${lineSample(group?.color)}${run.name}</th>`;
}

function runsMarkup({ runs, groups }: Comparison): Markup {
  const { columns, common } = factTable(runs);
  const classOf = ({ number, long }: FactColumn): string =>
    number ? "number" : long ? "words" : "";
  const rows = runs.map((run) =>
    markup`<tr>${nameMarkup(run, groups)}<td>${stateText(run)}</td>${
      columns.map((column) =>
        markup`<td class="${classOf(column)}">${
          "facts" in run ? column.text(run.facts) : nothing
        }</td>`
      )
    }</tr>`
  );
  return markup`<section class="runs">
<h2>Runs</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">run</th><th scope="col">state</th>${
    columns.map((column) =>
      markup`<th scope="col" class="${classOf(column)}">${column.label}</th>`
    )
  }</tr></thead>
<tbody>${rows}</tbody>
</table></div>
${
    common.length === 0
      ? ""
      : markup`<p class="note">All of them: ${
        common.map((fact) => fact.join(" ")).join(", ")
      }.</p>`
  }
<p class="note">Loss: the mean over the last twentieth of the logged steps. Images/s: the median
over the logged steps.</p>
</section>`;
}

function legendMarkup(groups: readonly RunGroup[]): Markup {
  return markup`<ul class="legend">${
    groups.map(({ name, color }) => markup`<li>${lineSample(color)}${name}</li>`)
  }</ul>`;
}

const kindTitles: Record<string, string> = {
  pretrain: "Pretraining",
  finetune: "Fine-tuning",
  linear: "Linear probe",
  clip: "Training of CLIP",
};

async function curvesMarkup(
  { title, loss, evaluations, training, groups, note }: ComparedCurves,
): Promise<Markup> {
  const small: Markup[] = [];
  for (const figure of [...evaluations, ...training]) {
    small.push(await figureMarkup(figure));
  }
  const large = loss === undefined
    ? ""
    : await figureMarkup(loss, { width: 760, height: 360 });
  return markup`<section>
<h2>${kindTitles[title] ?? title}</h2>
${legendMarkup(groups)}
<div class="large">${large}</div>
<div class="curves">${small}</div>
<p class="note">${note}</p>
</section>`;
}

/** A reconstruction, if a run has one; else its first picture. */
function pictureOf({ content }: ReadableRun): RunPicture | undefined {
  const { pictures } = content;
  return pictures.find(({ title }) => /reconstruct|what .* makes of/i.test(title)) ??
    pictures[0];
}

function picturesMarkup(groups: readonly RunGroup[]): Markup | string {
  const shown = groups.flatMap(({ name, color, runs }) => {
    const picture = runs.map(pictureOf).find((picture) => picture !== undefined);
    if (picture === undefined) return [];
    const { title, caption, png } = picture;
    return [
      markup`<figure><h3>${lineSample(color)}${name}</h3>
<img alt="${title}" src="data:image/png;base64,${png.toBase64()}">
<figcaption>${title}. ${caption}</figcaption></figure>`,
    ];
  });
  if (shown.length === 0) return "";
  return markup`<section class="pictures">
<h2>Pictures</h2>
<div class="side-by-side">${shown}</div>
</section>`;
}

function settingsMarkup(
  differing: readonly DifferingSetting[],
  groups: readonly RunGroup[],
): Markup {
  if (differing.length === 0) {
    const text = groups.flatMap(({ runs }) => runs).length < 2
      ? "There is no second run to differ from."
      : "These runs have the same settings.";
    return markup`<section><h2>Settings that differ</h2><p class="quiet">${text}</p></section>`;
  }
  const rows = differing.map(({ path, values }) =>
    markup`<tr><th scope="row"><code>${path}</code></th>${
      values.map((value) =>
        value === undefined
          ? markup`<td class="missing">${nothing}</td>`
          : markup`<td><code>${value}</code></td>`
      )
    }</tr>`
  );
  return markup`<section>
<h2>Settings that differ</h2>
<div class="scroll"><table class="settings compared">
<thead><tr><th scope="col">setting</th>${
    groups.map(({ name, color }) =>
      markup`<th scope="col">${lineSample(color)}${name}</th>`
    )
  }</tr></thead>
<tbody>${rows}</tbody>
</table></div>
<p class="note">${
    formatNumber(differing.length, 0)
  } settings; in all others the runs are the same.</p>
</section>`;
}
