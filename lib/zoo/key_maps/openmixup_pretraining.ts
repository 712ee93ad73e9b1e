/**
 * What openmixup's files hold besides a network: the rest of a method, and the state of its training.
 *
 * @module
 */
import type { KeyRule } from "./key_rules.ts";

/** What only masked image modelling has, in the kit's names. */
export const pretrainingNames: readonly string[] = [
  ...["backbone.mask_token", "backbone.mask_gamma", "neck.**"],
];

/** Moving averages and what goes with them. */
export const trainingState: readonly KeyRule[] = [
  // The EMA hook swaps the average into the parameters before it saves: these are the old ones.
  { kind: "drop", from: "ema_**" },
  ...["momentum", "momentum**", "**momentum", "**momentum**"]
    .map((from) => ({ kind: "drop", from }) as const),
];
