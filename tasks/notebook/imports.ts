/**
 * Finds the static imports of a cell. They may stand in any cell, and the same name may be
 * imported again in a later one; a TypeScript file wants them once, and at its top.
 */

/** One name that a cell imports, as a statement of its own. */
export interface ImportBinding {
  /** The local name; empty for `import "./x.ts"`. */
  readonly name: string;
  readonly statement: string;
  /** Line of the cell, from 1. */
  readonly line: number;
}

/** Import statements begin a line: `deno fmt` never indents them. */
const IMPORT =
  /^import\b(?!\s*[(.])\s*(type\b(?!\s*,|\s*from))?\s*([^;"'()]*?)(?:\bfrom\s*)?("[^"\n]*"|'[^'\n]*')(\s*with\s*\{[^}]*\})?;?/gm;

/** Splits a cell into its imports and the rest; the rest keeps its lines. */
export function splitImports(source: string): { imports: ImportBinding[]; rest: string } {
  const imports: ImportBinding[] = [];
  const rest = source.replace(IMPORT, (statement, ...groups) => {
    const [type = "", clause = "", from = "", attributes = "", offset = 0] = groups;
    const line = source.slice(0, offset).split("\n").length;
    for (const [name, binding] of bindings(clause, type ? "type " : "")) {
      const what = binding === "" ? "" : `${binding} from `;
      imports.push({ name, line, statement: `import ${what}${from}${attributes};` });
    }
    return statement.replaceAll(/[^\n]/g, "");
  });
  return { imports, rest };
}

/** `d, { a, b as c }` → `d` as `d`, `a` as `{ a }`, `c` as `{ b as c }`. */
function bindings(clause: string, type: string): [name: string, binding: string][] {
  if (clause.trim() === "") return [["", ""]];
  const [, outside = "", named] = clause.match(/^([^{]*)(?:\{([^}]*)\})?/) ?? [];
  const parts = (text: string) =>
    text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  const localName = (part: string) => part.split(/\s+/).at(-1) ?? part;
  return [
    ...parts(outside).map((part): [string, string] => [localName(part), type + part]),
    ...parts(named ?? "").map((part): [string, string] => [
      localName(part),
      `${type}{ ${part} }`,
    ]),
  ];
}
