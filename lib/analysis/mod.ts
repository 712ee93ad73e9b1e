/**
 * What a model costs, and what it does with images.
 *
 * @module
 */
export { attentionDistance, type AttentionDistanceOptions } from "./attention.ts";
export {
  type Complexity,
  complexity,
  type CountedOperator,
  countingRule,
  countParameters,
  isRunningStatistic,
  type ParameterCount,
} from "./complexity.ts";
export {
  featureVariance,
  logAmplitudeMap,
  relativeLogAmplitudes,
  tokensToMap,
} from "./fourier.ts";
export {
  type InteractionReward,
  interactionReward,
  interactionsOf,
  interactionStrength,
} from "./interaction.ts";
export {
  type ContextOptions,
  inputsPerContext,
  interactionOrder,
  type PairOptions,
  type PlayerContext,
  playerMasks,
  type PlayerPair,
  sampleContexts,
  samplePairs,
  showPlayers,
} from "./interaction_players.ts";
export {
  type InteractionClassifier,
  type MultiOrderInteraction,
  multiOrderInteraction,
  type MultiOrderInteractionOptions,
} from "./multi_order_interaction.ts";
export {
  agrees,
  type PublishedFigure,
  type PublishedFigures,
  publishedFigures,
} from "./published_figures.ts";
