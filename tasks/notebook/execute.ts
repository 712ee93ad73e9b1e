/**
 * Runs one notebook from its first cell to its last in a kernel of its own, and collects the
 * outputs. The first cell that fails ends the run.
 */
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { lineOfError, syntaxError } from "./cell_lines.ts";
import { type Cell, type Notebook, type Output, sourceText } from "./format.ts";
import { startKernel } from "./kernel.ts";
import type { KernelMessage } from "./messages.ts";
import { outputCollector } from "./outputs.ts";

/** How much work the cells should do; they read it from `MIMKIT_NOTEBOOK_SCALE`. */
export const SCALES = ["smoke", "default", "full"] as const;
/** One of {@linkcode SCALES}. */
export type Scale = typeof SCALES[number];

/** What to run, where, and for how long at most. */
export interface ExecuteOptions {
  readonly directory: string;
  readonly scale: Scale;
  /** Seconds that one cell may take. */
  readonly cellTimeout: number;
  readonly signal?: AbortSignal;
  /** Called before each cell. */
  readonly onCell?: (cell: number, cells: number) => void;
}

/** Where and why a run ended early. `cell` counts all cells from 1, as the file does. */
export interface CellFailure {
  readonly cell: number;
  readonly line: number | null;
  readonly message: string;
  readonly traceback: readonly string[];
}

/** A finished run: the notebook with its outputs, and the failure if there was one. */
export interface Execution {
  readonly notebook: Notebook;
  readonly failure: CellFailure | null;
}

/** Jupyter's tag for a cell that shows an error on purpose. */
const MUST_FAIL = "raises-exception";

/** Runs a notebook; the one given is not changed. */
export async function executeNotebook(
  source: Notebook,
  options: ExecuteOptions,
): Promise<Execution> {
  const notebook = structuredClone(source);
  const collector = outputCollector();
  const kernel = await startKernel({
    directory: options.directory,
    // Without NO_COLOR values are printed with ANSI codes, which GitHub shows as garbage.
    environment: { NO_COLOR: "1", MIMKIT_NOTEBOOK_SCALE: options.scale },
  });
  // Saved traces must not tell where on somebody's disk the project lies.
  const root = pathToFileURL(dirname(options.directory)).href + "/";
  const stop = () => void kernel.stop();
  options.signal?.addEventListener("abort", stop);
  try {
    let count = 0;
    for (const cell of notebook.cells) {
      if (cell.cell_type !== "code") continue;
      cell.outputs = [];
      cell.execution_count = null;
    }
    for (const [index, cell] of notebook.cells.entries()) {
      const code = sourceText(cell);
      if (cell.cell_type !== "code" || code.trim() === "") continue;
      options.onCell?.(index + 1, notebook.cells.length);
      cell.execution_count = ++count;
      const outputs: Output[] = cell.outputs ?? [];
      const failure = await runCell(code, mustFail(cell), outputs);
      if (failure) return { notebook, failure: { cell: index + 1, ...failure } };
    }
    return { notebook, failure: null };
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await kernel.stop();
  }

  async function runCell(
    code: string,
    mustFail: boolean,
    outputs: Output[],
  ): Promise<Omit<CellFailure, "cell"> | null> {
    let reply;
    try {
      reply = await kernel.execute(
        code,
        (message) => collector.take(outputs, withoutRoot(message, root)),
        options.cellTimeout * 1000,
      );
    } catch (error) {
      return { line: null, message: (error as Error).message, traceback: [] };
    }
    if (mustFail) {
      return reply.status === "error" ? null : {
        line: null,
        message: `the cell is tagged "${MUST_FAIL}" and did not fail`,
        traceback: [],
      };
    }
    if (reply.status === "ok") return null;
    // Of a cell that does not parse the kernel says only "Execution failed".
    const unparsed = syntaxError(code);
    if (unparsed) return { ...unparsed, traceback: [] };
    return {
      line: lineOfError(code, reply.traceback),
      message: `${reply.name}: ${reply.message.trim()}`,
      traceback: reply.traceback,
    };
  }
}

function mustFail(cell: Cell): boolean {
  return Array.isArray(cell.metadata.tags) && cell.metadata.tags.includes(MUST_FAIL);
}

function withoutRoot(message: KernelMessage, root: string): KernelMessage {
  if (message.type !== "error" && message.type !== "stream") return message;
  const content = JSON.parse(JSON.stringify(message.content).replaceAll(root, ""));
  return { ...message, content };
}
