/**
 * Type checks notebooks with `deno check`, which itself does not look into them, and gives
 * each error as notebook, cell and line.
 */
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { extractCode, type ExtractedCode } from "./extract.ts";
import { readNotebook } from "./format.ts";

/** One error: the notebook (or a module that it imports), " cell 3 line 2", what is wrong. */
export interface Problem {
  readonly path: string;
  readonly place: string;
  readonly message: string;
}

/** An error as `deno check` reports it; `url` is null for one without a place. */
interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly url: string | null;
  readonly line: number;
}

/** TS6133, 6192, 6196, 6198: something is declared and never used. */
const UNUSED = new Set(["TS6133", "TS6192", "TS6196", "TS6198"]);

/** Checks notebooks (paths); `config` is passed on to `deno check`. */
export async function checkNotebooks(
  paths: readonly string[],
  config?: string,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const byDirectory = Map.groupBy(paths, (path) => dirname(path));
  for (const [directory, notebooks] of byDirectory) {
    problems.push(...await checkDirectory(directory, notebooks, config));
  }
  return problems;
}

async function checkDirectory(
  directory: string,
  paths: readonly string[],
  config: string | undefined,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const extracted = new Map<string, { path: string; code: ExtractedCode }>();
  const files: string[] = [];
  try {
    for (const path of paths) {
      const code = extractCode(await readNotebook(path));
      problems.push(...code.problems.map(({ cell, line, message }) => ({
        path,
        place: ` cell ${cell} line ${line}`,
        message,
      })));
      if (code.problems.length > 0) continue;
      // Beside the notebook, so that "./x.ts" and the import map mean the same as in it.
      const id = crypto.randomUUID().slice(0, 8);
      const file = join(directory, `.${basename(path, ".ipynb")}.${id}.check.ts`);
      files.push(file);
      await Deno.writeTextFile(file, code.code);
      extracted.set(pathToFileURL(file).href, { path, code });
    }
    if (files.length === 0) return problems;
    const diagnostics = await denoCheck(
      directory,
      files.map((file) => basename(file)),
      config,
    );
    for (const { code, message, url, line } of diagnostics) {
      const source = extracted.get(url ?? "");
      if (!source) {
        // An error in a module that a cell imports.
        const isFile = url?.startsWith("file:");
        problems.push({
          path: url === null ? directory : isFile ? fileURLToPath(url) : url,
          place: url === null ? "" : ` line ${line}`,
          message,
        });
        continue;
      }
      const origin = source.code.origins[line - 1];
      // What a cell declares is there for the reader to go on with; only imports must be used.
      if (UNUSED.has(code) && !origin?.isImport) continue;
      const place = origin ? ` cell ${origin.cell} line ${origin.line}` : "";
      problems.push({ path: source.path, place, message });
    }
    return problems;
  } finally {
    await Promise.all(files.map((file) => Deno.remove(file).catch(() => {})));
  }
}

async function denoCheck(
  directory: string,
  files: readonly string[],
  config: string | undefined,
): Promise<Diagnostic[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", ...(config ? ["--config", config] : []), ...files],
    cwd: directory,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (success) return [];
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const diagnostics = parseDiagnostics(text);
  return diagnostics.length > 0
    ? diagnostics
    : [{ code: "", message: text.trim(), url: null, line: 0 }];
}

/** Reads the report of `deno check`; exported for its test. */
export function parseDiagnostics(report: string): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  let current: { code: string; lines: string[] } | null = null;
  for (const line of report.split("\n")) {
    const [, code, first] = line.match(/^(?:(TS\d+) \[ERROR\]|error): (.*)$/) ?? [];
    if (first !== undefined) {
      current = { code: code ?? "", lines: [first] };
      continue;
    }
    const [, url, row] = line.match(/^\s*at (\S+):(\d+):\d+$/) ?? [];
    if (url === undefined || current === null) {
      current?.lines.push(line);
      continue;
    }
    // Further places of the same error are "related information": the first one counts.
    const message = withoutSourceFrame(current.lines).join("\n");
    diagnostics.push({ code: current.code, message, url, line: Number(row) });
    current = null;
  }
  return diagnostics;
}

/** Drops the quoted source line and the ~~~ below it. */
function withoutSourceFrame(lines: readonly string[]): string[] {
  const underline = lines.findLastIndex((line) => /^[\s|]*[~^]+\s*$/.test(line));
  return lines.slice(0, underline > 1 ? underline - 1 : lines.length)
    .filter((line) => line.trim() !== "");
}
