/** Finds the notebooks that a user means by names such as `00`, `01-milan` or a path. */
import { basename, resolve } from "node:path";

/** Paths of the notebooks that `names` mean in `directory`; all of them for no names. */
export async function chooseNotebooks(
  names: readonly string[],
  directory: string,
): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    if (entry.isFile && entry.name.endsWith(".ipynb")) found.push(entry.name);
  }
  found.sort();
  if (names.length === 0) return found.map((name) => resolve(directory, name));
  return await Promise.all(names.map(async (name) => {
    if (name.endsWith(".ipynb")) {
      const isFile = await Deno.stat(name).then((info) => info.isFile).catch(() => false);
      if (isFile) return resolve(name);
    }
    const wanted = basename(name, ".ipynb");
    const matches = found.filter((file) => file.startsWith(wanted));
    const exact = matches.find((file) => file === `${wanted}.ipynb`);
    const [only] = exact ? [exact] : matches;
    if (only !== undefined && (exact || matches.length === 1)) {
      return resolve(directory, only);
    }
    const list = (matches.length > 1 ? matches : found).join(", ") || "none";
    throw new Error(
      matches.length > 1
        ? `"${name}" may mean several notebooks: ${list}.`
        : `There is no notebook "${name}". There are: ${list}.`,
    );
  }));
}
