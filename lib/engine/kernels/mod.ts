/**
 * Kernels of the engine's own, in place of those of tfjs-node that TensorFlow 2.21 or tracing does
 * not agree with, and of those that it lacks.
 *
 * @module
 */
import { registerDepthwiseConvolution } from "./depthwise_convolution.ts";
import { registerExplicitPadding } from "./explicit_padding.ts";
import { registerGather } from "./gather.ts";
import { registerMissing } from "./missing.ts";
import { registerRound } from "./round.ts";
import { registerScatter } from "./scatter.ts";

/** Registers them; tfjs-node's kernels must be there already. */
export function registerKernels(): void {
  registerDepthwiseConvolution();
  registerExplicitPadding();
  registerGather();
  registerMissing();
  registerRound();
  registerScatter();
}
