/**
 * Where features go: looked at first, as a pass over many pictures takes hours and its result would be
 * lost.
 *
 * @module
 */
import { explainWriting, makeFolder } from "../../lib/runs/mod.ts";

/** Throws unless a file can be made in a folder. */
async function tryFolder(folder: string, path: string): Promise<void> {
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".features-" }));
  } catch (error) {
    throw explainWriting(error, path);
  }
}

/**
 * Makes the folder of a file of features, where there is none yet.
 *
 * @throws {Error} in one sentence, when the file's ending is another format's, it is there already, or
 *   it cannot be written.
 */
export async function requireWritable(path: string, force: boolean): Promise<void> {
  if (!path.endsWith(".safetensors")) {
    throw new Error(`Features are written as safetensors: end "${path}" in .safetensors`);
  }
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : ".";
  await makeFolder(folder);
  const found = await Deno.stat(path).catch(() => undefined);
  if (found !== undefined && !(force && found.isFile)) {
    throw new Error(
      found.isFile
        ? `There is a "${path}" already: name another file with --out, or replace it with --force`
        : `"${path}" is a folder: name a file with --out`,
    );
  }
  await tryFolder(folder, path);
}
