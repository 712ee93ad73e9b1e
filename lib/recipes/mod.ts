/**
 * Recipes: settings with their sources.
 *
 * @module
 */
export {
  type PhaseRecipe,
  type QuickstartRecipe,
  quickstartRecipe,
  quickstartSources,
} from "./quickstart.ts";
