/**
 * Jupyter's file format (nbformat 4.5), read and written byte for byte as JupyterLab itself
 * writes it, so that saving outputs changes nothing else in the file.
 */

/** A text as the file holds it: one string, or its lines. */
export type Multiline = string | string[];

/** What a code cell has published. */
export type Output =
  | { output_type: "stream"; name: string; text: Multiline }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] }
  | { output_type: "display_data"; data: MimeBundle; metadata: Metadata }
  | {
    output_type: "execute_result";
    execution_count: number | null;
    data: MimeBundle;
    metadata: Metadata;
  };

/** The same thing in several media types; the front end shows the richest that it knows. */
export type MimeBundle = Record<string, unknown>;
/** Free-form notes of front ends. */
export type Metadata = Record<string, unknown>;

/** A cell; `outputs` and `execution_count` belong to code cells. */
export interface Cell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  metadata: Metadata;
  source: Multiline;
  outputs?: Output[];
  execution_count?: number | null;
}

/** A notebook as it lies in the file. */
export interface Notebook {
  cells: Cell[];
  metadata: Metadata;
  nbformat: number;
  nbformat_minor: number;
}

/** The kernel that opens the notebook; the names are those of `deno jupyter --install`. */
export const KERNEL_SPEC = { display_name: "Deno", language: "typescript", name: "deno" };

/** Reads a notebook; says what is wrong with a file that is none. */
export async function readNotebook(path: string): Promise<Notebook> {
  const text = await Deno.readTextFile(path);
  let notebook: Partial<Notebook>;
  try {
    notebook = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not a notebook: ${(error as Error).message}`);
  }
  if (!Array.isArray(notebook?.cells) || notebook.nbformat !== 4) {
    throw new Error(
      `${path} is not a notebook of format 4: open it in JupyterLab and save it again.`,
    );
  }
  return {
    cells: notebook.cells,
    metadata: notebook.metadata ?? {},
    nbformat: 4,
    nbformat_minor: notebook.nbformat_minor ?? 5,
  };
}

/** Writes a notebook whole or not at all. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await Deno.writeTextFile(partial, notebookText(notebook));
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
  }
}

/** The file's text: keys sorted, one space of indent, texts as lists of lines. */
export function notebookText(notebook: Notebook): string {
  const cells = notebook.cells.map((cell, index) => ({
    ...cell,
    id: cell.id ?? `cell-${index + 1}`,
    source: splitLines(sourceText(cell)),
    ...(cell.cell_type === "code"
      ? {
        outputs: (cell.outputs ?? []).map(splitOutput),
        execution_count: cell.execution_count ?? null,
      }
      : {}),
  }));
  const metadata = { ...notebook.metadata, kernelspec: KERNEL_SPEC };
  const whole = { cells, metadata, nbformat: 4, nbformat_minor: 5 };
  return JSON.stringify(sortKeys(whole), null, 1) + "\n";
}

/** A cell's source as one string. */
export function sourceText(cell: Pick<Cell, "source">): string {
  return joined(cell.source);
}

/** A text of the file as one string. */
export function joined(text: Multiline): string {
  return typeof text === "string" ? text : text.join("");
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function splitOutput(output: Output): Output {
  switch (output.output_type) {
    case "stream":
      return { ...output, text: splitLines(joined(output.text)) };
    case "error":
      return output;
    case "display_data":
    case "execute_result":
      return { ...output, data: splitBundle(output.data) };
  }
}

function splitBundle(bundle: MimeBundle): MimeBundle {
  const isText = (type: string) =>
    type.startsWith("text/") || type === "image/svg+xml" ||
    type === "application/javascript";
  return Object.fromEntries(
    Object.entries(bundle).map(([type, value]) =>
      isText(type) && typeof value === "string"
        ? [type, splitLines(value)]
        : [type, value]
    ),
  );
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
