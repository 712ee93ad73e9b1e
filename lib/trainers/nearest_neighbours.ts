/**
 * Nearest neighbours in feature space: a classifier without training (Wu et al. 2018), and the
 * search behind pictures of similar images.
 *
 * @module
 */
import { jit, type Tensor, tf } from "../engine/mod.ts";
import type { Features, LabelledFeatures } from "./features.ts";

/** Options of {@linkcode knnAccuracy}. */
export interface KnnOptions {
  /** k. Default: 20. */
  neighbours?: number;
  /** Weights are exp(cosine / temperature). Default: 0.07 (Wu et al. 2018). */
  temperature?: number;
}

// Queries at a time: 500 × 60,000 similarities are 120 MB.
const queriesAtOnce = 500;

function unit(features: Tensor): Tensor {
  return features.div(features.square().sum(-1, true).sqrt().maximum(1e-12));
}

function toTensor({ values, length, width }: Features): Tensor {
  return tf.tensor2d(values, [length, width]);
}

async function search<Result extends Tensor[]>(
  bank: Features,
  queries: Features,
  perChunk: (similarities: Tensor) => Result,
  visit: (start: number, result: Result) => void,
): Promise<void> {
  if (bank.width !== queries.width) {
    throw new Error(`The features differ in width: ${bank.width} and ${queries.width}`);
  }
  const compiled = jit(
    (bank: Tensor, chunk: Tensor): Tensor[] =>
      perChunk(tf.matMul(unit(chunk), bank, false, true)),
    // XLA sorts whole rows on a CPU to find the few largest: thirty times slower.
    { name: "nearest neighbours", compiler: "graph" },
  );
  const bankUnit = tf.tidy(() => unit(toTensor(bank)));
  try {
    for (let start = 0; start < queries.length; start += queriesAtOnce) {
      const count = Math.min(queriesAtOnce, queries.length - start);
      const { width } = queries;
      const chunk = tf.tensor2d(
        queries.values.subarray(start * width, (start + count) * width),
        [count, width],
      );
      const result = await compiled(bankUnit, chunk);
      visit(start, result as Result);
      tf.dispose([chunk, ...result]);
    }
  } finally {
    bankUnit.dispose();
    compiled.dispose();
  }
}

/**
 * Accuracy in percent of a vote of the nearest labelled images, weighted by similarity.
 *
 * @param bank features of labelled images, with their labels.
 * @param queries features of the images to classify, with their true labels.
 *
 * @example
 * ```ts
 * import { knnAccuracy } from "./nearest_neighbours.ts";
 * const values = new Float32Array([1, 0, 0, 1]);
 * const features = { values, length: 2, width: 2 };
 * const labels = new Uint8Array([0, 1]);
 * console.log(await knnAccuracy({ features, labels }, { features, labels }, 2)); // 100
 * ```
 */
export async function knnAccuracy(
  bank: LabelledFeatures,
  queries: LabelledFeatures,
  classes: number,
  { neighbours = 20, temperature = 0.07 }: KnnOptions = {},
): Promise<number> {
  const count = Math.min(neighbours, bank.features.length);
  const labels = tf.tidy(() =>
    tf.oneHot(tf.tensor1d(Int32Array.from(bank.labels), "int32"), classes).toFloat()
  );
  let right = 0;
  const vote = (similarities: Tensor): Tensor[] => {
    const { values } = tf.topk(similarities, count);
    // Everything at least as similar as the k-th votes: a product instead of a gather.
    const threshold = values.slice([0, count - 1], [-1, 1]);
    const isNear = tf.cast(tf.greaterEqual(similarities, threshold), "float32");
    const weights = isNear.mul(similarities.sub(1).div(temperature).exp());
    return [tf.argMax(tf.matMul(weights, labels), -1)];
  };
  await search(bank.features, queries.features, vote, (start, [predicted]) => {
    predicted!.dataSync().forEach((label, index) => {
      if (label === queries.labels[start + index]) right++;
    });
  });
  labels.dispose();
  return 100 * right / queries.features.length;
}

/**
 * The most similar images of a bank for each query, `(Q, count)` indices, nearest first.
 */
export async function nearestNeighbours(
  bank: Features,
  queries: Features,
  count: number,
): Promise<Int32Array[]> {
  const found: Int32Array[] = [];
  const nearest = (
    similarities: Tensor,
  ): Tensor[] => [tf.topk(similarities, count).indices];
  await search(bank, queries, nearest, (_, [indices]) => {
    const data = indices!.dataSync() as Int32Array;
    for (let row = 0; row < data.length / count; row++) {
      found.push(data.slice(row * count, (row + 1) * count));
    }
  });
  return found;
}
