/**
 * Recipes: settings with their sources.
 *
 * @module
 */
export { backboneOf } from "./build_backbone.ts";
export { classifierOf } from "./build_classifier.ts";
export { clipOf, type ClipVocabulary } from "./build_clip.ts";
export { groupsOfRecipe } from "./build_groups.ts";
export {
  type OptimizationInput,
  optimizationOf,
  type RunLength,
  stepsOf,
  stepsPerEpoch,
} from "./build_optimization.ts";
export { maskerOf, type PretextInput, pretextOf, teacherWidth } from "./build_pretext.ts";
export {
  findRecipes,
  forImages,
  recipe,
  type RecipeGroup,
  recipeGroups,
  recipeNames,
} from "./catalogue.ts";
export type {
  CropSection,
  DataSection,
  EvaluationTransformSection,
  TransformSection,
} from "./data.ts";
export { type Changes, derive } from "./derive.ts";
export { effectiveLearningRate } from "./effective_learning_rate.ts";
export type { RecipeField, RecipeFields, RecipeSection } from "./fields.ts";
export {
  type CostInput,
  costOf,
  type Forward,
  type RecipeCost,
  recipeForward,
} from "./measure.ts";
export type {
  BackboneSection,
  ClassifierSection,
  ContrastiveSection,
  DecoderSection,
  MaskerSection,
  PretextSection,
  RegressionSection,
  TeacherSection,
  TokenSection,
} from "./model.ts";
export type {
  BatchSection,
  EmaSection,
  GroupsSection,
  MixingSection,
  OptimizerSection,
  ScheduleSection,
} from "./optimization.ts";
export { obstacleOf } from "./obstacle.ts";
export { recipeFields, resolveRecipe } from "./overrides.ts";
export {
  type PhaseRecipe,
  type QuickstartRecipe,
  quickstartRecipe,
  quickstartSources,
} from "./quickstart.ts";
export type {
  ContrastiveRecipe,
  FinetuneRecipe,
  LinearRecipe,
  PretrainRecipe,
  Recipe,
  RecipeTask,
  SharedSections,
} from "./recipe.ts";
export { renderFlags, renderRecipe, whereFrom } from "./render.ts";
export { renderList } from "./render_list.ts";
export { fixedFields, recipeSchema } from "./schema.ts";
export type { SmallSize } from "./small.ts";
