/**
 * Many paths in one word, as shards are given: `train-{000000..000146}.tar`, `{a,b}/*.tar`.
 *
 * @module
 */

/**
 * What braces stand for: `{a,b}` for each of the words, `{08..11}` for each number, with as many
 * digits as the first has.
 *
 * @throws {Error} if there are more than a million.
 *
 * @example
 * ```ts
 * import { expandBraces } from "./path_pattern.ts";
 * console.log(expandBraces("s-{08..10}.tar")); // ["s-08.tar", "s-09.tar", "s-10.tar"]
 * ```
 */
export function expandBraces(pattern: string): string[] {
  // The innermost braces first: those without braces within.
  const [whole, inner] = /\{([^{}]*)\}/.exec(pattern) ?? [];
  if (whole === undefined || inner === undefined) return [pattern];
  const at = pattern.indexOf(whole);
  const before = pattern.slice(0, at);
  const after = pattern.slice(at + whole.length);
  const words = wordsOf(inner, pattern);
  const expanded = words.flatMap((word) => expandBraces(before + word + after));
  return [...new Set(expanded)];
}

const MOST = 1_000_000;

function wordsOf(inner: string, pattern: string): string[] {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(inner) ?? [];
  if (from === undefined || to === undefined) return inner.split(",");
  const first = Number(from);
  const count = Number(to) - first + 1;
  if (count < 1 || count > MOST) {
    throw new Error(
      `{${inner}} in ${pattern} is no range of numbers: write {first..last}`,
    );
  }
  return Array.from(
    { length: count },
    (_, k) => String(first + k).padStart(from.length, "0"),
  );
}

/**
 * The files that a pattern stands for: braces, and in a path's last part `*` and `?`. What braces
 * name must be there; what `*` and `?` match comes in the order of its names.
 *
 * @throws {Error} if a named file is missing or nothing matches, in one sentence.
 *
 * @example
 * ```ts
 * import { filesMatching } from "./path_pattern.ts";
 * const folder = decodeURIComponent(new URL("../../data/emoji", import.meta.url).pathname);
 * console.log((await filesMatching(`${folder}/*.webp`)).length); // 2
 * ```
 */
export async function filesMatching(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for (const path of expandBraces(pattern)) {
    if (/[*?]/.test(path)) files.push(...await matchesOf(path));
    else {
      const found = await Deno.stat(path).catch((cause) => {
        if (cause instanceof Deno.errors.NotFound) return undefined;
        throw cause;
      });
      if (found === undefined) {
        const named = path === pattern ? "" : `, which ${pattern} names`;
        throw new Error(`There is no file ${path}${named}: check the path`);
      }
      files.push(path);
    }
  }
  return files;
}

async function matchesOf(path: string): Promise<string[]> {
  const end = path.lastIndexOf("/");
  const folder = end < 0 ? "." : path.slice(0, end) || "/";
  const last = path.slice(end + 1);
  if (end >= 0 && /[*?]/.test(folder)) {
    throw new Error(
      `${path} has a * or ? in a folder's name: use them in the file's alone`,
    );
  }
  const source = last.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")
    .replaceAll("?", ".");
  const matcher = new RegExp(`^${source}$`);
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (matcher.test(name) && !name.startsWith(".")) names.push(name);
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
  if (names.length === 0) {
    throw new Error(`No file matches ${path}: check the path`);
  }
  return names.sort().map((name) => end < 0 ? name : `${path.slice(0, end)}/${name}`);
}
