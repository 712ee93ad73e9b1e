/**
 * Makes one TypeScript file of a notebook's code cells, so that `deno check` can read them.
 * Each cell opens a block inside the block of the cell before it: it sees all earlier names
 * and may declare them anew, as in the kernel.
 */
import { syntaxError } from "./cell_lines.ts";
import { type Notebook, sourceText } from "./format.ts";
import { splitImports } from "./imports.ts";

/** A place in a notebook: cell and line, from 1. */
export interface CellLine {
  readonly cell: number;
  readonly line: number;
}

/** Something wrong at a place in a notebook. */
export interface CellProblem extends CellLine {
  readonly message: string;
}

/** The file and, for each of its lines, where that comes from. */
export interface ExtractedCode {
  readonly code: string;
  readonly origins: readonly (CellLine & { readonly isImport: boolean } | null)[];
  /** What makes checking pointless: cells that do not parse, names imported from two places. */
  readonly problems: readonly CellProblem[];
}

/** A modifier that the kernel accepts and a block does not. */
const EXPORT =
  /^export\s+(?=(?:declare|abstract|async|const|let|var|function|class|type|interface|enum)\b)/gm;

/** Extracts the code of a notebook. */
export function extractCode(notebook: Notebook): ExtractedCode {
  const problems: CellProblem[] = [];
  const importedAt = new Map<string, { statement: string; cell: number }>();
  const head: { text: string; origin: CellLine }[] = [];
  const body: { text: string; origin: CellLine | null }[] = [];
  let blocks = 0;

  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== "code") continue;
    const number = index + 1;
    const source = sourceText(cell);
    const unparsed = syntaxError(source);
    if (unparsed) {
      problems.push({ cell: number, ...unparsed });
      continue;
    }
    const { imports, rest } = splitImports(source);
    for (const { name, statement, line } of imports) {
      const earlier = importedAt.get(name || statement);
      if (earlier?.statement === statement) continue;
      if (earlier) {
        const message =
          `'${name}' is already imported from elsewhere in cell ${earlier.cell}; ` +
          "import it under another name.";
        problems.push({ cell: number, line, message });
        continue;
      }
      importedAt.set(name || statement, { statement, cell: number });
      head.push({ text: statement, origin: { cell: number, line } });
    }
    body.push({ text: "{", origin: null });
    blocks++;
    for (const [at, text] of rest.replaceAll(EXPORT, "").split("\n").entries()) {
      body.push({ text, origin: { cell: number, line: at + 1 } });
    }
  }
  // Without an import or export it would be a script, which knows no top-level await.
  body.push({ text: "}".repeat(blocks) + " export {};", origin: null });
  return {
    code: [...head, ...body].map(({ text }) => text).join("\n") + "\n",
    origins: [
      ...head.map(({ origin }) => ({ ...origin, isImport: true })),
      ...body.map(({ origin }) => origin && { ...origin, isImport: false }),
    ],
    problems,
  };
}
