/**
 * What the machine can do at best: the matrix products of a training step without anything around
 * them. No library's step in float32 takes less time than that.
 *
 * @module
 */
import {
  disposeTree,
  jit,
  random,
  randomKey,
  type Tensor,
  tf,
} from "../../../lib/engine/mod.ts";
import type { Contender } from "../group.ts";
import { outputs, type StepSizes } from "./step_model.ts";

/** Floating-point operations of a step's products: forward, and twice that backward. */
export function productOperations({ width, blocks, tokens, batch }: StepSizes): number {
  // qkv 3 D², projection D², and the MLP's 4 D² + 4 D²
  const weights = blocks * 12 * width ** 2 + width * outputs;
  const attention = blocks * 2 * tokens * width; // q kᵀ and its product with v, per token
  return 3 * 2 * batch * tokens * (weights + attention);
}

const pairs = 8;

/** The MLP's two products, again and again, in milliseconds per step's worth of operations. */
export async function matrixProducts(
  sizes: StepSizes,
): Promise<Contender & { dispose(): void }> {
  const { width, tokens, batch } = sizes;
  const rows = batch * tokens;
  const weight = (seed: number, shape: [number, number]): Tensor =>
    // So that values neither grow nor vanish from product to product.
    random.normal(randomKey(seed), shape, { standardDeviation: shape[0] ** -0.5 });
  const args = [
    random.normal(randomKey(3), [rows, width]),
    weight(4, [width, 4 * width]),
    weight(5, [4 * width, width]),
  ] as [Tensor, Tensor, Tensor];
  const products = jit((x: Tensor, up: Tensor, down: Tensor) => {
    for (let pair = 0; pair < pairs; pair++) x = tf.matMul(tf.matMul(x, up), down);
    return x;
  }, { compiler: "graph", name: "matrix products" });
  const stepsPerCall = pairs * 2 * 2 * rows * 4 * width ** 2 / productOperations(sizes);
  const call = async (): Promise<void> => {
    const result = await products(...args);
    result.dataSync();
    result.dispose();
  };
  await call();
  return {
    name: "matrix products alone",
    round: async () => {
      await call();
      const started = performance.now();
      await call();
      return (performance.now() - started) / stepsPerCall;
    },
    dispose: () => {
      products.dispose();
      disposeTree(args);
    },
  };
}
