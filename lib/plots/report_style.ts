/** The report's style sheet: light and dark, narrow and wide, screen and paper. */

/** CSS text. The figures take their colours from the same variables. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f7f8fa; --line: #e4e7eb; --ink: #1f2933;
  --quiet: #52606d; --accent: #0b63a5; --warn-ground: #fff6e0; --warn-line: #e0a100;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181d; --raised: #1c2229; --line: #323b46; --ink: #e6e9ed;
    --quiet: #a3afbc; --accent: #6cb6f0; --warn-ground: #33290d; --warn-line: #c99a1c;
  }
  figure svg .lines path, figure svg .points path, figure svg .legendlines path,
  .sample path { filter: brightness(1.35); }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
main.wide { max-width: 84rem; }
header { border-bottom: 1px solid var(--line); padding-bottom: 1.25rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.015em; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .75rem; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: .5rem 0; max-width: 46rem; }
.kicker {
  color: var(--quiet); font-size: .8rem; letter-spacing: .06em; text-transform: uppercase;
  margin: 0 0 .35rem;
}
.note, figcaption, .quiet { color: var(--quiet); font-size: .9rem; }
.note { margin: .4rem 0; }
.warning {
  background: var(--warn-ground); border-left: 4px solid var(--warn-line);
  padding: .7rem 1rem; border-radius: 0 .4rem .4rem 0; margin: 1rem 0;
}
.warning p { margin: 0; }
code, pre { font: .88em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre {
  background: var(--raised); border: 1px solid var(--line); border-radius: .5rem;
  padding: .9rem 1rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere;
}
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .9rem; border-bottom: 1px solid var(--line); text-align: left; }
thead th, thead td { border-bottom: 2px solid var(--line); font-weight: 600; }
th:first-child, td:first-child { padding-left: 0; }
tbody th { font-weight: 500; }
.results table { min-width: 30rem; width: 100%; }
.results th:not(:first-child), .results td { text-align: right; white-space: nowrap; }
.results tbody tr:hover { background: var(--raised); }
.unit, .spread, .missing { color: var(--quiet); font-weight: 400; }
.settings { font-size: .92rem; }
.settings td, .settings th { padding: .3rem .9rem .3rem 0; vertical-align: top; }
.settings td code { overflow-wrap: anywhere; }
.source { color: var(--quiet); }
.curves {
  display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr));
}
.curves figure { max-width: 34rem; }
.large { max-width: 60rem; }
.curves:not(:first-child) { margin-top: 1.5rem; }
figure { margin: 0; min-width: 0; }
figure > svg { display: block; width: 100%; height: auto; }
.pictures figure { margin: 0 0 2rem; }
.pictures img {
  display: block; max-width: 100%; height: auto; background: #fff; border-radius: .5rem;
  border: 1px solid var(--line); margin: .5rem 0;
}
.side-by-side {
  display: grid; gap: 1.5rem; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr));
}
.sample { vertical-align: .1em; margin-right: .5rem; flex: none; }
.legend {
  display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; list-style: none; padding: 0;
  margin: .5rem 0 1rem; font-size: .95rem;
}
.runs table, .compared { min-width: 100%; font-size: .92rem; }
.runs th, .runs td { padding: .4rem 1.1rem .4rem 0; vertical-align: top; }
.runs .words { min-width: 9rem; }
.compared td { min-width: 6.5rem; }
.runs th:first-child, .compared th:first-child {
  position: sticky; left: 0; background: var(--ground); padding-right: 1rem;
}
.runs tbody th, .compared thead th { white-space: nowrap; }
.runs tbody tr:hover { background: var(--raised); }
.number { text-align: right; white-space: nowrap; }
dl {
  display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0;
}
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.facts {
  display: grid; gap: 1rem 3rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
}
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); }
@media print {
  :root { --ground: #fff; --raised: #fff; --line: #ccc; --ink: #000; --quiet: #444; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  figure, tr, pre { break-inside: avoid; }
  .scroll { overflow: visible; }
}
`;
