/**
 * Multi-order interaction strength (Deng et al. 2022): at which complexity of context two image
 * patches work together in a classifier's decision. A2MIM compares architectures and pretrainings
 * by it; the defaults are the settings of its released tool.
 *
 * @module
 */
import { foldIn, type Key, randomKey, type Tensor, tf } from "../engine/mod.ts";
import {
  type InteractionReward,
  interactionReward,
  interactionsOf,
} from "./interaction.ts";
import {
  interactionOrder,
  playerMasks,
  type PlayerPair,
  sampleContexts,
  samplePairs,
  showPlayers,
} from "./interaction_players.ts";

/** Settings of {@linkcode multiOrderInteraction}; the defaults are those of A2MIM's release. */
export interface MultiOrderInteractionOptions {
  /** Cells of the image's side; each is a player. Default: 16. */
  grid?: number;
  /** Pairs of each image. Default: 50. */
  pairs?: number;
  /** Contexts of each pair and order. Default: 50. */
  contexts?: number;
  /** Rows and columns that the second of a pair may be away from the first. Default: 2. */
  radius?: number;
  /** Orders as shares of the n − 2 other players. Default: 0, 0.05, 0.1, 0.2, … 0.9, 0.95, 1. */
  ratios?: readonly number[];
  /** Default: modified. */
  reward?: InteractionReward;
  /** Decides pairs and contexts. Default: 0. */
  seed?: number;
  /** Inputs that the classifier sees at once. Default: 256. */
  batch?: number;
  /** Called after each image. */
  onProgress?: (done: number, images: number) => void;
}

/** What {@linkcode multiOrderInteraction} measures, an entry for each ratio. */
export interface MultiOrderInteraction {
  ratios: readonly number[];
  /** Players of a context, m. */
  orders: number[];
  /** I(m), in the reward's unit. */
  magnitude: number[];
  /** J(m) = I(m) / mean over the orders. */
  strength: number[];
}

/** Images `(B, H, W, C)` to logits `(B, classes)`; a function or one under `jit`. */
export type InteractionClassifier = (images: Tensor) => Tensor | Promise<Tensor>;

const defaultRatios = [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];

/** The logits of all inputs `(inputs, classes)`, batch by batch. */
async function classifyShown(
  classifier: InteractionClassifier,
  image: Tensor,
  masks: Float32Array<ArrayBuffer>,
  { grid, batch }: { grid: number; batch: number },
): Promise<Tensor> {
  const players = grid * grid;
  const inputs = masks.length / players;
  const parts: Tensor[] = [];
  for (let start = 0; start < inputs; start += batch) {
    const end = Math.min(start + batch, inputs);
    const shown = tf.tidy(() =>
      showPlayers(
        image,
        tf.tensor2d(masks.subarray(start * players, end * players), [
          end - start,
          players,
        ]),
        grid,
      )
    );
    parts.push(await classifier(shown));
    shown.dispose();
  }
  const logits = tf.concat(parts, 0);
  tf.dispose(parts);
  return logits;
}

/** The inputs of all pairs, one after the other. */
function masksOf(
  pairs: readonly PlayerPair[],
  contextsOf: (pair: PlayerPair, place: number) => Int32Array[],
  grid: number,
): Float32Array<ArrayBuffer> {
  const parts = pairs.map((pair, place) =>
    playerMasks(pair, contextsOf(pair, place), grid)
  );
  const masks = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((start, part) => {
    masks.set(part, start);
    return start + part.length;
  }, 0);
  return masks;
}

/** What is measured of one image at one order. */
interface Measurement {
  label: number;
  pairs: readonly PlayerPair[];
  grid: number;
  order: number;
  contexts: number;
  reward: InteractionReward;
  batch: number;
}

/** The mean over pairs of the absolute value of their mean interaction. */
async function magnitudeOf(
  classifier: InteractionClassifier,
  image: Tensor,
  key: Key,
  { label, pairs, grid, order, contexts, reward, batch }: Measurement,
): Promise<number> {
  // With no other players, or all of them, there is but one context.
  const count = order === 0 || order === grid * grid - 2 ? 1 : contexts;
  const masks = masksOf(
    pairs,
    (pair, place) =>
      tf.tidy(() => sampleContexts(foldIn(key, place), pair, { grid, order, count })),
    grid,
  );
  const logits = await classifyShown(classifier, image, masks, { grid, batch });
  const [magnitude] = tf.tidy(() =>
    interactionsOf(interactionReward(logits, label, reward))
      .reshape([pairs.length, count]).mean(-1).abs().mean().dataSync()
  );
  logits.dispose();
  return magnitude!;
}

function requireSettings(
  images: Tensor,
  labels: ArrayLike<number>,
  numbers: Record<string, number>,
): void {
  if (labels.length !== images.shape[0]) {
    throw new Error(`There are ${images.shape[0]} images, but ${labels.length} labels`);
  }
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new Error(`${name} is ${value}: use a whole number from 1`);
    }
  }
}

/**
 * Interaction strength of a classifier at several orders.
 *
 * At the released settings an image takes 110,400 inputs. With no other players, or all of them,
 * there is only one context, which is evaluated once.
 *
 * @param images `(B, H, W, C)`, normalised.
 * @param labels the true class of each image.
 * @throws {Error} when the grid has more cells than the image has pixels along a side, a setting is
 *   out of range, or the reward never changes.
 *
 * @example
 * ```ts
 * import { multiOrderInteraction } from "./multi_order_interaction.ts";
 * import { type Tensor, tf } from "../engine/mod.ts";
 * const brightness = (images: Tensor) => {
 *   const mean = images.mean([1, 2, 3]);
 *   return tf.stack([mean.square(), mean.neg()], 1);
 * };
 * const options = { grid: 4, pairs: 2, contexts: 2, ratios: [0, 0.5, 1] };
 * const images = tf.ones([1, 8, 8, 1]);
 * const { strength } = await multiOrderInteraction(brightness, images, [0], options);
 * console.log(strength.length); // 3
 * ```
 */
export async function multiOrderInteraction(
  classifier: InteractionClassifier,
  images: Tensor,
  labels: ArrayLike<number>,
  options: MultiOrderInteractionOptions = {},
): Promise<MultiOrderInteraction> {
  const { grid = 16, pairs = 50, contexts = 50, radius = 2, reward = "modified" } =
    options;
  const { ratios = defaultRatios, seed = 0, batch = 256, onProgress } = options;
  requireSettings(images, labels, { contexts, batch, ratios: ratios.length });
  const orders = ratios.map((ratio) => interactionOrder(grid, ratio));
  const magnitude = orders.map(() => 0);
  const count = images.shape[0]!;
  for (let at = 0; at < count; at++) {
    const key = tf.tidy(() => foldIn(randomKey(seed), at));
    const image = tf.tidy(() => tf.squeeze(images.slice([at], [1]), [0]));
    const pairKey = foldIn(key, "pairs");
    const chosen = samplePairs(pairKey, { grid, count: pairs, radius });
    const measured = { label: labels[at]!, pairs: chosen, grid, contexts, reward, batch };
    for (const [index, order] of orders.entries()) {
      const ofOrder = foldIn(key, order);
      const one = await magnitudeOf(classifier, image, ofOrder, { ...measured, order });
      magnitude[index]! += one / count;
      ofOrder.dispose();
    }
    tf.dispose([key, pairKey, image]);
    onProgress?.(at + 1, count);
  }
  const mean = magnitude.reduce((sum, one) => sum + one, 0) / magnitude.length;
  if (!(mean > 0)) {
    throw new Error(
      `The classifier's "${reward}" reward shows no interaction at any order (mean ${mean}): ` +
        "its answer does not depend on pairs of cells",
    );
  }
  return { ratios, orders, magnitude, strength: magnitude.map((one) => one / mean) };
}
