/**
 * Parameter lists of the original implementations: names and shapes in PyTorch's layout.
 *
 * @module
 */

interface Manifest {
  keys: [string, number[]][];
  params_total: number;
  params_trainable: number;
}

async function read(name: string): Promise<Manifest> {
  return JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, import.meta.url)));
}

/** The models of which there is a manifest. */
export async function manifestNames(): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(new URL(".", import.meta.url)));
  return files.map(({ name }) => name)
    .filter((name) => name.endsWith(".json") && name !== "complexity.json")
    .map((name) => name.replace(/\.json$/, ""))
    .sort();
}

/** A manifest's shapes by parameter name; PyTorch's buffers are among them. */
export async function manifest(name: string): Promise<Map<string, number[]>> {
  return new Map((await read(name)).keys);
}

/** The numbers of a manifest's parameters. */
export async function manifestCounts(
  name: string,
): Promise<{ total: number; trainable: number }> {
  const { params_total: total, params_trainable: trainable } = await read(name);
  return { total, trainable };
}
