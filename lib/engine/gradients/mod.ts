/**
 * Gradients that tfjs lacks: without them its tape stops at einsum, Fourier transforms, gatherND,
 * topk and even at comparisons. And two that it has, but too slow to use.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { registerComparisonGradients } from "./comparison.ts";
import { registerComplexGradients } from "./complex.ts";
import { registerEinsumGradient } from "./einsum.ts";
import { registerIndexingGradients } from "./indexing.ts";
import { registerReluGradient } from "./relu.ts";
import { registerTileGradient } from "./tile.ts";

/** Registers them, once. */
export function registerGradients(): void {
  if (tf.getGradient(tf.FFT) != null) return;
  registerComparisonGradients();
  registerComplexGradients();
  registerEinsumGradient();
  registerIndexingGradients();
  registerReluGradient();
  registerTileGradient();
}
