/**
 * The names of the models that the group `methods` measures, without their code.
 *
 * @module
 */

/** In the order in which they run. */
export const methodNames = ["mixmim", "resnet", "convnext"] as const;

/** The name of one. */
export type MethodName = (typeof methodNames)[number];
