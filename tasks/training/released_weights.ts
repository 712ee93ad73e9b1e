/**
 * A released model's weights, where somebody names one in place of a file.
 *
 * @module
 */

/** The file of a released model, fetched if need be; undefined where the name is no such model's. */
export async function releasedWeights(name: string): Promise<string | undefined> {
  // Loaded when it is needed: most of these tasks are given files.
  const { isReleased, releasedModel } = await import("../../lib/zoo/registry/mod.ts");
  if (!isReleased(name)) return undefined;
  const { weightsFile } = await import("../../lib/zoo/download/mod.ts");
  return await weightsFile(releasedModel(name));
}
