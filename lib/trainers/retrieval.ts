/**
 * Finding the same thing by its features: in another drawing, or from its caption.
 *
 * @module
 */
import type { Features } from "./features.ts";
import { nearestNeighbours } from "./nearest_neighbours.ts";

/** Features, and a number for each that is equal where they are of the same thing. */
export interface IdentifiedFeatures {
  features: Features;
  ids: Int32Array;
}

/**
 * Share in percent of the queries that have their like among the `count` most similar of the bank.
 *
 * @throws {Error} when the features differ in width, or there are not as many ids as features.
 *
 * @example
 * ```ts
 * import { recallAt } from "./retrieval.ts";
 * const values = new Float32Array([1, 0, 0, 1]);
 * const features = { values, length: 2, width: 2 };
 * const queries = { features, ids: new Int32Array([7, 8]) };
 * const bank = { features, ids: new Int32Array([7, 9]) };
 * console.log(await recallAt(1, queries, bank)); // 50
 * ```
 */
export async function recallAt(
  count: number,
  queries: IdentifiedFeatures,
  bank: IdentifiedFeatures,
): Promise<number> {
  for (const { features, ids } of [queries, bank]) {
    if (ids.length !== features.length) {
      throw new Error(`There are ${features.length} features, but ${ids.length} ids`);
    }
  }
  const shown = Math.min(count, bank.features.length);
  const found = await nearestNeighbours(bank.features, queries.features, shown);
  const right = found.filter((indices, query) =>
    indices.some((index) => bank.ids[index] === queries.ids[query])
  );
  return 100 * right.length / found.length;
}
