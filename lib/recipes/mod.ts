/**
 * Recipes: settings with their sources.
 *
 * @module
 */
export {
  type ClipDataset,
  clipDatasets,
  type ClipRecipe,
  clipRecipe,
  clipSources,
} from "./clip.ts";
export {
  type PhaseRecipe,
  type QuickstartRecipe,
  quickstartRecipe,
  quickstartSources,
} from "./quickstart.ts";
