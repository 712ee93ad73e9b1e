/**
 * A training job from a loss: parameters, their gradients and an optimiser, as one pure step.
 *
 * @module
 */
import {
  foldIn,
  type Key,
  randomKey,
  type Tensor,
  tf,
  valueAndGradients,
} from "../engine/mod.ts";
import { batches, type BatchOptions, type ImageDataset } from "../data/mod.ts";
import {
  initializeParameters,
  type Parameters,
  type ParameterSpecification,
  type Scope,
  scope,
} from "../nn/scope.ts";
import type { TensorTree } from "./checkpoint.ts";
import { emaUpdate } from "./ema.ts";
import { learningRateOf } from "./learning_rate.ts";
import { type Optimization, optimizerFor } from "./optimization.ts";
import { clipByGlobalNorm } from "./optimizers/gradient_norm.ts";
import type { Optimizer, OptimizerState } from "./optimizers/optimizer.ts";
import type { TrainingJob } from "./training_loop.ts";

export type { EmaChoice, Optimization } from "./optimization.ts";

/** What to train, and on what. */
export interface GradientJobOptions<Batch extends Record<string, Tensor>> {
  /** Names the job in logs, and its checkpoint. */
  phase: string;
  seed: number;
  specifications: ReadonlyMap<string, ParameterSpecification>;
  /** Parameters to start from; what is missing here is drawn. */
  start?: Parameters;
  optimization: Optimization;
  /** The data of one step, from its number alone. */
  batch(step: number): Batch;
  /** A scalar; the scope is in training, and the key differs at every step. */
  loss(scope: Scope, batch: Batch, key: Key): Tensor;
  /** Changes the parameters after an update, to keep them within bounds. */
  constrain?(parameters: Parameters): Parameters;
}

/** The parameters of a job's state. */
export function parametersOf(state: TensorTree): Parameters {
  return state.parameters as Parameters;
}

/**
 * The parameters to evaluate: the moving average where the job keeps one, and the parameters
 * themselves for what is not averaged.
 */
export function averagedParametersOf(state: TensorTree): Parameters {
  return { ...parametersOf(state), ...(state.ema as Parameters | undefined) };
}

function initialState<Batch extends Record<string, Tensor>>(
  { specifications, start = {}, seed, phase, optimization }: GradientJobOptions<Batch>,
  trainable: readonly string[],
  optimizer: Optimizer,
): TensorTree {
  for (const [name, { shape }] of specifications) {
    const given = start[name]?.shape;
    if (given !== undefined && given.join() !== shape.join()) {
      throw new Error(
        `${phase} cannot start from these parameters: ${name} is [${given}], it needs [${shape}]`,
      );
    }
  }
  return tf.tidy(() => {
    const missing = new Map(
      [...specifications].filter(([name]) => start[name] === undefined),
    );
    const drawn = initializeParameters(
      missing,
      foldIn(randomKey(seed), `${phase} parameters`),
    );
    const parameters = Object.fromEntries(
      [...specifications.keys()].map((
        name,
      ) => [name, start[name]?.clone() ?? drawn[name]!]),
    );
    const trained = Object.fromEntries(
      trainable.map((name) => [name, parameters[name]!]),
    );
    const state = { parameters, optimizer: optimizer.initial(trained) };
    const { ema } = optimization;
    if (ema === undefined) return state;
    const averaged = ema.of === "parameters" ? trained : parameters;
    const copies = Object.entries(averaged).map(([name, value]) => [name, value.clone()]);
    return { ...state, ema: Object.fromEntries(copies) };
  });
}

/**
 * The training job of a loss.
 *
 * @example
 * ```ts
 * import { gradientJob, parametersOf } from "./gradient_job.ts";
 * import { noProgress } from "./progress.ts";
 * import { train } from "./training_loop.ts";
 * import { tf } from "../engine/mod.ts";
 * import { linear } from "../nn/linear.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linear(scope, input({ shape: [2, 1] }), 1)
 * );
 * const job = gradientJob({
 *   phase: "line",
 *   seed: 0,
 *   specifications,
 *   optimization: { learningRate: 0.1, steps: 100, batchSize: 2, groups: new Map() },
 *   batch: () => ({ x: tf.tensor2d([[0], [1]]), y: tf.tensor2d([[1], [3]]) }),
 *   loss: (scope, { x, y }) => linear(scope, x!, 1).sub(y!).square().mean(),
 * });
 * const state = await train(job, { progress: noProgress });
 * console.log(parametersOf(state).bias!.dataSync()[0]!.toFixed(1)); // 1.0
 * ```
 */
export function gradientJob<Batch extends Record<string, Tensor>>(
  options: GradientJobOptions<Batch>,
): TrainingJob<Batch> {
  const { phase, seed, specifications, optimization, batch, loss } = options;
  const { steps, batchSize, maximumGradientNorm, ema } = optimization;
  const optimizer = optimizerFor(optimization);
  const trainable = [...specifications].flatMap(([name, { trainable }]) =>
    trainable ? [name] : []
  );
  return {
    phase,
    steps,
    batchSize,
    seed,
    batch,
    learningRate: learningRateOf(optimization),
    initial: () => initialState(options, trainable, optimizer),
    step: (state, batch, { learningRate, step, key }) => {
      const parameters = parametersOf(state);
      const trained = Object.fromEntries(
        trainable.map((name) => [name, parameters[name]!]),
      );
      const { value, gradients, auxiliary } = valueAndGradients(trained, (trained) => {
        const statistics: Parameters = {};
        const scoped = scope({ ...parameters, ...trained }, key, statistics);
        return { loss: loss(scoped, batch, key), auxiliary: statistics };
      });
      const updated = optimizer.update({
        parameters,
        gradients: maximumGradientNorm === undefined
          ? gradients
          : clipByGlobalNorm(gradients, maximumGradientNorm),
        state: state.optimizer as OptimizerState<string>,
        learningRate,
        step,
      });
      const next = {
        ...options.constrain?.(updated.parameters) ?? updated.parameters,
        ...auxiliary,
      };
      const average = ema === undefined
        ? undefined
        : emaUpdate(ema, { average: state.ema as Parameters, parameters: next, step });
      return {
        loss: value,
        state: {
          parameters: next,
          optimizer: updated.state,
          ...(average === undefined ? {} : { ema: average }),
        },
      };
    },
  };
}

/** Images of one step, and where they lie in the data set. */
export interface ImageBatch {
  /** Bytes, `(B, H, W, C)` int32. */
  images: Tensor;
  /** `(B)` */
  indices: Int32Array;
}

/**
 * The images of a step from its number alone. Steps in order are quickest: an epoch is shuffled
 * once.
 *
 * @example
 * ```ts
 * import { imageBatches } from "./gradient_job.ts";
 * import { fashionMnist } from "../data/mod.ts";
 * const batchOf = imageBatches(await fashionMnist({ split: "test" }), { batchSize: 8, seed: 0 });
 * console.log(batchOf(0).images.shape); // [ 8, 28, 28, 1 ]
 * ```
 */
export function imageBatches(
  dataset: ImageDataset,
  options: BatchOptions,
): (step: number) => ImageBatch {
  let stream = batches(dataset, options);
  let next = 0;
  return (step) => {
    if (step !== next) stream = batches(dataset, { ...options, startStep: step });
    next = step + 1;
    const { images, shape, indices } = stream.next().value;
    return { images: tf.tensor4d(Int32Array.from(images), [...shape], "int32"), indices };
  };
}
