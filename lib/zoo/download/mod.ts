/**
 * Files of released weights: where they come from, and how they get into the cache.
 *
 * @module
 */
export {
  type ModelWeights,
  weightsFile,
  type WeightsFileOptions,
  weightsPath,
} from "./weights_file.ts";
export { WeightsError } from "./weights_error.ts";
export type { Checksum, WeightsSource } from "./weights_source.ts";
