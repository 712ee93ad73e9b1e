/**
 * `deno task notebooks run` executes the notebooks without a browser, `deno task notebooks
 * check` type checks their cells, `deno task notebooks make` writes one from a script. None
 * needs Python or Jupyter.
 */
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkNotebooks } from "./notebook/check.ts";
import { chooseNotebooks } from "./notebook/choose.ts";
import {
  executeNotebook,
  type Execution,
  type Scale,
  SCALES,
} from "./notebook/execute.ts";
import { readNotebook, writeNotebook } from "./notebook/format.ts";
import { notebookFromScript } from "./notebook/script.ts";

const USAGE = `Usage:
  deno task notebooks run [NAME…] [--scale smoke|default|full] [--save] [--timeout SECONDS]
  deno task notebooks check [NAME…] [--config FILE]
  deno task notebooks make SCRIPT.ts…

"make" turns a script with "// %%" and "// %% [markdown]" marks into a notebook beside it.
NAME is a notebook's name, the beginning of it, or a path; without one all are taken.
  --scale    how much work the cells do (they read MIMKIT_NOTEBOOK_SCALE); default: default
  --save     write the outputs into the notebooks whose cells all succeeded
  --timeout  longest time for one cell; default: 300 s, 30 min, 7 days by scale
  --config   the deno.json to check with, instead of the one that deno finds`;

/** Seconds that one cell may take: a cell that hangs must end a test, not a week of training. */
const CELL_TIMEOUT: Record<Scale, number> = {
  smoke: 300,
  default: 1800,
  full: 7 * 86400,
};

const NOTEBOOKS = join(import.meta.dirname ?? ".", "..", "notebooks");

/** Runs the command line; returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals: [command, ...names] } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        scale: { type: "string", default: "default" },
        save: { type: "boolean", default: false },
        timeout: { type: "string" },
        config: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help || command === undefined) {
      console.log(USAGE);
      return values.help ? 0 : 2;
    }
    if (command === "make") return await make(names);
    if (command !== "run" && command !== "check") {
      throw new Error(`"${command}" is none of run, check, make.`);
    }
    const paths = await chooseNotebooks(names, NOTEBOOKS);
    switch (command) {
      case "run": {
        const scale = scaleOf(values.scale);
        return await run(paths, scale, secondsOf(values.timeout, scale), values.save);
      }
      case "check":
        return await check(paths, values.config);
    }
  } catch (error) {
    console.error((error as Error).message);
    return 2;
  }
}

async function run(
  paths: readonly string[],
  scale: Scale,
  cellTimeout: number,
  save: boolean,
): Promise<number> {
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  Deno.addSignalListener("SIGINT", onInterrupt);
  let failed = 0;
  try {
    for (const path of paths) {
      const started = performance.now();
      const result = await executeNotebook(await readNotebook(path), {
        directory: dirname(path),
        scale,
        cellTimeout,
        signal: interrupt.signal,
        onCell: (cell, cells) =>
          showProgress(`${basename(path)}  cell ${cell} of ${cells}`),
      });
      showProgress("");
      if (interrupt.signal.aborted) {
        console.error(`${basename(path)}  interrupted; nothing was saved.`);
        return 130;
      }
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      if (result.failure) failed++;
      else if (save) await writeNotebook(path, result.notebook);
      console.log(summary(basename(path), result, seconds, save));
    }
  } finally {
    Deno.removeSignalListener("SIGINT", onInterrupt);
  }
  console.log(`${paths.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

function summary(
  name: string,
  result: Execution,
  seconds: string,
  save: boolean,
): string {
  const { notebook, failure } = result;
  if (failure) {
    const line = failure.line === null ? "" : ` line ${failure.line}`;
    const trace = failure.traceback.slice(1).filter((frame) =>
      frame.startsWith("    at ")
    );
    return [
      `${name}  failed after ${seconds} s${save ? "; nothing was saved" : ""}`,
      `${name} cell ${failure.cell}${line}: ${failure.message}`,
      ...trace,
    ].join("\n");
  }
  const cells = notebook.cells.filter((cell) => cell.cell_type === "code");
  const outputs = cells.reduce((sum, cell) => sum + (cell.outputs?.length ?? 0), 0);
  return `${name}  ${cells.length} code cells, ${outputs} outputs  ${seconds} s` +
    (save ? "  saved" : "");
}

async function check(
  paths: readonly string[],
  config: string | undefined,
): Promise<number> {
  const problems = await checkNotebooks(paths, config && resolve(config));
  for (const { path, place, message } of problems) {
    console.error(`${relative(Deno.cwd(), path)}${place}: ${message}`);
  }
  console.log(`notebooks checked: ${paths.length}, errors: ${problems.length}`);
  return problems.length > 0 ? 1 : 0;
}

async function make(scripts: readonly string[]): Promise<number> {
  if (scripts.length === 0) throw new Error('"make" needs the path of a script.');
  for (const script of scripts) {
    if (!script.endsWith(".ts")) throw new Error(`"${script}" is not a .ts file.`);
    const path = script.replace(/\.ts$/, ".ipynb");
    const notebook = notebookFromScript(await Deno.readTextFile(script));
    await writeNotebook(path, notebook);
    console.log(`${path}  ${notebook.cells.length} cells, without outputs`);
  }
  return 0;
}

/** One line that is overwritten; only where somebody watches. */
function showProgress(text: string): void {
  if (!Deno.stderr.isTerminal()) return;
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text}`));
}

function scaleOf(text: string): Scale {
  const scale = SCALES.find((known) => known === text);
  if (scale) return scale;
  throw new Error(`--scale "${text}" is none of ${SCALES.join(", ")}.`);
}

function secondsOf(text: string | undefined, scale: Scale): number {
  if (text === undefined) return CELL_TIMEOUT[scale];
  const seconds = Number(text);
  if (seconds > 0) return seconds;
  throw new Error(`--timeout "${text}" is not a number of seconds above 0.`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
