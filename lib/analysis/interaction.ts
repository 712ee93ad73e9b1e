/**
 * Interactions of two image patches in a classifier's decision (Deng et al. 2022), from its answers
 * to the inputs of `playerMasks()`; rewards and averages are those of A2MIM's released tool.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { inputsPerContext } from "./interaction_players.ts";

/**
 * What the players win, for the true class y: `normal` log p_y; `modified` log p_y / (1 − p_y);
 * `yi` its logit.
 */
export type InteractionReward = "normal" | "modified" | "yi";

/** Every class but one, `(…, K)` → `(…, K - 1)`. */
function otherClasses(logits: Tensor, label: number): Tensor {
  const before = tf.slice(logits, [0, 0], [-1, label]);
  const after = tf.slice(logits, [0, label + 1], [-1, -1]);
  return tf.concat([before, after], 1);
}

/**
 * The reward of each input, `(inputs)`.
 *
 * @param logits `(inputs, classes)`
 * @param label the true class of the image.
 * @throws {Error} when there is no such class.
 *
 * @example
 * ```ts
 * import { interactionReward } from "./interaction.ts";
 * import { tf } from "../engine/mod.ts";
 * const reward = interactionReward(tf.tensor2d([[2, 1]]), 0, "modified");
 * console.log(reward.dataSync()[0]); // 1
 * ```
 */
export function interactionReward(
  logits: Tensor,
  label: number,
  reward: InteractionReward = "modified",
): Tensor {
  const [inputs, classes] = logits.shape as [number, number];
  if (!Number.isInteger(label) || label < 0 || label >= classes || classes < 2) {
    throw new Error(
      `The label is ${label}, the classifier has ${classes} classes: ` +
        "interactions need a label from 0 to classes - 1, and two classes",
    );
  }
  return tf.tidy(() => {
    const logit = logits.slice([0, label], [-1, 1]).reshape([inputs]);
    switch (reward) {
      case "normal":
        return logit.sub(tf.logSumExp(logits, 1));
      case "modified":
        return logit.sub(tf.logSumExp(otherClasses(logits, label), 1));
      case "yi":
        return logit;
    }
  });
}

/**
 * Interactions in each context: Δv = v(S ∪ {i, j}) − v(S ∪ {i}) − v(S ∪ {j}) + v(S).
 *
 * @param rewards `(4 · contexts)`, in the order of `playerMasks()`.
 * @returns `(contexts)`
 *
 * @example
 * ```ts
 * import { interactionsOf } from "./interaction.ts";
 * import { tf } from "../engine/mod.ts";
 * console.log(interactionsOf(tf.tensor1d([5, 2, 1, 0])).dataSync()[0]); // 2
 * ```
 */
export function interactionsOf(rewards: Tensor): Tensor {
  return tf.tidy(() => {
    const signs = tf.tensor1d([1, -1, -1, 1]);
    return rewards.reshape([-1, inputsPerContext]).mul(signs).sum(1);
  });
}

/**
 * Strength J of each order, `(orders)`: the interactions' mean over contexts, with its sign; its
 * absolute value; the mean over images and pairs; all that over its mean over the orders.
 *
 * @param interactions of each order, `(images, pairs, contexts)`.
 *
 * @example
 * ```ts
 * import { interactionStrength } from "./interaction.ts";
 * import { tf } from "../engine/mod.ts";
 * const strength = interactionStrength([tf.fill([1, 1, 2], -1), tf.fill([1, 1, 2], 3)]);
 * console.log(strength.dataSync()); // Float32Array(2) [ 0.5, 1.5 ]
 * ```
 */
export function interactionStrength(interactions: readonly Tensor[]): Tensor {
  return tf.tidy(() => {
    const magnitude = tf.stack(interactions.map((one) => one.mean(-1).abs().mean()));
    return magnitude.div(magnitude.mean());
  });
}
