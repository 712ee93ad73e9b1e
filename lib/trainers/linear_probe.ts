/**
 * Linear probing: a linear classifier on frozen features says how much of the classes they hold.
 *
 * @module
 */
import {
  foldIn,
  jit,
  randomKey,
  type Tensor,
  tf,
  valueAndGradients,
} from "../engine/mod.ts";
import { classifier } from "../heads/classifier.ts";
import { crossEntropy, softTargets } from "../losses/cross_entropy.ts";
import { describeParameters, initializeParameters, scope } from "../nn/scope.ts";
import type { Features, LabelledFeatures } from "./features.ts";
import { adamW } from "./optimizers/adamw.ts";
import { cosineWithWarmup } from "./schedules.ts";

/** Options of {@linkcode linearProbeAccuracy}. */
export interface LinearProbeOptions {
  classes: number;
  seed: number;
  /** Steps over the whole training set at once. Default: 300. */
  steps?: number;
  /** Default: 0.03. */
  learningRate?: number;
}

/** Mean and deviation of each feature over the training set: what batch normalisation learns. */
function standardization(
  { values, length, width }: Features,
): { mean: Tensor; scale: Tensor } {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(tf.tensor2d(values, [length, width]), 0);
    return { mean: tf.keep(mean), scale: tf.keep(variance.add(1e-6).rsqrt()) };
  });
}

/**
 * Accuracy in percent on `test` of a linear classifier trained on `train`. Features are
 * standardised (the batch normalisation without affine of MAE's probe), and all training features
 * fit into one batch, so that the result does not depend on their order.
 *
 * @example
 * ```ts
 * import { linearProbeAccuracy } from "./linear_probe.ts";
 * const features = { values: new Float32Array([1, 2, -1, -2]), length: 4, width: 1 };
 * const labelled = { features, labels: new Uint8Array([0, 0, 1, 1]) };
 * const accuracy = await linearProbeAccuracy(labelled, labelled, { classes: 2, seed: 0 });
 * console.log(accuracy); // 100
 * ```
 */
export async function linearProbeAccuracy(
  train: LabelledFeatures,
  test: LabelledFeatures,
  { classes, seed, steps = 300, learningRate = 0.03 }: LinearProbeOptions,
): Promise<number> {
  const { width } = train.features;
  const specifications = describeParameters((scope, input) =>
    classifier(scope, input({ shape: [1, width] }), classes)
  );
  const { mean, scale } = standardization(train.features);
  const standardize = ({ values, length }: Features): Tensor =>
    tf.tidy(() => tf.tensor2d(values, [length, width]).sub(mean).mul(scale));
  const x = standardize(train.features);
  const labels = tf.tensor1d(Int32Array.from(train.labels), "int32");
  const optimizer = adamW();
  let state = tf.tidy(() => {
    const key = foldIn(randomKey(seed), "linear probe");
    const parameters = initializeParameters(specifications, key);
    return { parameters, optimizer: optimizer.initial(parameters) };
  });
  const step = jit(
    (current: typeof state, x: Tensor, labels: Tensor, rate: Tensor, count: Tensor) => {
      const { gradients } = valueAndGradients(
        current.parameters,
        (parameters) =>
          crossEntropy(
            classifier(scope(parameters), x, classes),
            softTargets(labels, classes),
          ),
      );
      const updated = optimizer.update({
        parameters: current.parameters,
        gradients,
        state: current.optimizer,
        learningRate: rate,
        step: count,
      });
      return { parameters: updated.parameters, optimizer: updated.state };
    },
    { name: "linear probe" },
  );
  const schedule = { base: learningRate, warmupEpochs: 0, epochs: steps };
  for (let index = 0; index < steps; index++) {
    const rate = tf.scalar(cosineWithWarmup(schedule, index));
    const count = tf.scalar(index + 1);
    const next = await step(state, x, labels, rate, count);
    tf.dispose([state as never, rate, count]);
    state = next;
  }
  const predicted = tf.tidy(() =>
    classifier(scope(state.parameters), standardize(test.features), classes).argMax(-1)
      .dataSync()
  );
  tf.dispose([state as never, x, labels, mean, scale]);
  step.dispose();
  const right = predicted.filter((label, index) => label === test.labels[index]).length;
  return 100 * right / test.features.length;
}
