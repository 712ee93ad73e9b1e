/**
 * Parameter lists of the original implementations: names and shapes in PyTorch's layout.
 *
 * @module
 */

/** A manifest's shapes by parameter name. */
export async function manifest(name: string): Promise<Map<string, number[]>> {
  const text = await Deno.readTextFile(new URL(`${name}.json`, import.meta.url));
  return new Map((JSON.parse(text) as { keys: [string, number[]][] }).keys);
}
