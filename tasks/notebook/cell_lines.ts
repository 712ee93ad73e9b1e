/**
 * Finds the line of a cell that an error came from. The kernel strips types and reprints the
 * code before it runs it, and its traces count lines of that; the same transform with a source
 * map leads back to what the author wrote.
 */
import { SourceMap, stripTypeScriptTypes } from "node:module";

const SOURCE_MAP = "//# sourceMappingURL=data:application/json;base64,";

// The types that npm packages bring along lag behind: Deno has had these options from the start.
type Strip = (
  source: string,
  options: { mode: "transform"; sourceMap?: boolean },
) => string;
const strip = stripTypeScriptTypes as unknown as Strip;

/** The line (from 1) of `source` at which an error with this trace left the cell, if any. */
export function lineOfError(source: string, traceback: readonly string[]): number | null {
  // Functions of earlier cells are <anonymous> too; the outermost frame is this cell's own.
  const frames = [...traceback.join("\n").matchAll(/<anonymous>:(\d+):(\d+)/g)];
  const [, line, column] = frames.at(-1) ?? [];
  if (line === undefined || column === undefined) return null;
  const printed = strip(source, { mode: "transform", sourceMap: true });
  const encoded = printed.slice(printed.indexOf(SOURCE_MAP) + SOURCE_MAP.length).trim();
  const map = new SourceMap(JSON.parse(atob(encoded)));
  const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
  return "originalLine" in entry ? entry.originalLine + 1 : null;
}

/** Why a cell cannot even be parsed, and in which line; null if it can. */
export function syntaxError(source: string): { line: number; message: string } | null {
  try {
    strip(source, { mode: "transform" });
    return null;
  } catch (error) {
    const [message = ""] = (error as Error).message.split("\n");
    const [, line] = (error as Error).message.match(/\.ts:(\d+):\d+/) ?? [];
    return { line: Number(line ?? 1), message };
  }
}
