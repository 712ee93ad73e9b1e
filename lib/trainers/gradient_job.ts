/**
 * A training job from a loss: parameters, their gradients and an optimiser, as one pure step.
 *
 * @module
 */
import {
  foldIn,
  type Key,
  type Precision,
  randomKey,
  type Tensor,
  tf,
  valueAndGradients,
} from "../engine/mod.ts";
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
import type { StepHalves, TrainingJob } from "./training_job.ts";

export type { EmaChoice, Optimization } from "./optimization.ts";

/** A loss with what else is to be seen of a step. */
export interface LossWithMetrics {
  loss: Tensor;
  /** Scalars by name. */
  metrics: Record<string, Tensor>;
}

/** What to train, and on what. */
export interface GradientJobOptions<Batch extends Record<string, Tensor>> {
  /** Names the job in logs, and its checkpoint. */
  phase: string;
  seed: number;
  specifications: ReadonlyMap<string, ParameterSpecification>;
  /** Parameters to start from; what is missing here is drawn. */
  start?: Parameters;
  optimization: Optimization;
  /** Default: float32. */
  precision?: Precision;
  /**
   * Whether the blocks of the backbone keep their inputs only, and run once more for the gradient:
   * less memory for a third more time. Default: false.
   */
  rematerialize?: boolean;
  /** The data of one step, or of one part of it, from these numbers alone. */
  batch(step: number, part?: number): Batch | Promise<Batch>;
  /** Ends what makes batches. */
  close?(): Promise<void>;
  /**
   * A scalar, or that with further scalars to log; the scope is in training, and the key differs at
   * every step. With `microBatchSize` it must be a mean over the images.
   */
  loss(scope: Scope, batch: Batch, key: Key): Tensor | LossWithMetrics;
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

// Tells a metric from a running statistic, in whose names there is no slash.
const metricPrefix = "metric/";

function halvesOf<Batch extends Record<string, Tensor>>(
  { optimization, loss, constrain, rematerialize = false }: GradientJobOptions<Batch>,
  trainable: readonly string[],
  optimizer: Optimizer,
): StepHalves<Batch> {
  const { maximumGradientNorm, ema } = optimization;
  return {
    differentiate(state, batch, { key }) {
      const parameters = parametersOf(state);
      const trained = Object.fromEntries(
        trainable.map((name) => [name, parameters[name]!]),
      );
      const { value, gradients, auxiliary } = valueAndGradients(trained, (trained) => {
        const statistics: Parameters = {};
        const scoped = scope({ ...parameters, ...trained }, key, statistics, {
          rematerialize: rematerialize ? new Set(trainable) : undefined,
        });
        const result = loss(scoped, batch, key);
        if (!("metrics" in result)) return { loss: result, auxiliary: statistics };
        const metrics = Object.entries(result.metrics)
          .map(([name, metric]) => [metricPrefix + name, metric]);
        const auxiliary = { ...statistics, ...Object.fromEntries(metrics) };
        return { loss: result.loss, auxiliary };
      });
      const isMetric = ([name]: [string, Tensor]) => name.startsWith(metricPrefix);
      const others = Object.entries<Tensor>(auxiliary);
      const metrics = others.filter(isMetric)
        .map(([name, metric]) => [name.slice(metricPrefix.length), metric]);
      return {
        loss: value,
        gradients,
        metrics: Object.fromEntries(metrics),
        statistics: Object.fromEntries(others.filter((entry) => !isMetric(entry))),
      };
    },
    update(state, { loss, gradients, metrics, statistics }, { learningRate, step }) {
      const updated = optimizer.update({
        parameters: parametersOf(state),
        gradients: maximumGradientNorm === undefined
          ? gradients
          : clipByGlobalNorm(gradients, maximumGradientNorm),
        state: state.optimizer as OptimizerState<string>,
        learningRate,
        step,
      });
      const next = {
        ...constrain?.(updated.parameters) ?? updated.parameters,
        ...statistics,
      };
      const average = ema === undefined
        ? undefined
        : emaUpdate(ema, { average: state.ema as Parameters, parameters: next, step });
      return {
        ...{ loss, metrics },
        state: {
          parameters: next,
          optimizer: updated.state,
          ...(average === undefined ? {} : { ema: average }),
        },
      };
    },
  };
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
  const { phase, seed, specifications, optimization, batch } = options;
  const { steps, batchSize, microBatchSize } = optimization;
  const optimizer = optimizerFor(optimization);
  const trainable = [...specifications].flatMap(([name, { trainable }]) =>
    trainable ? [name] : []
  );
  const halves = halvesOf(options, trainable, optimizer);
  return {
    ...{ phase, steps, batchSize, seed, batch, halves },
    ...(microBatchSize === undefined ? {} : { microBatchSize }),
    ...(options.close === undefined ? {} : { close: options.close }),
    ...(options.precision === undefined ? {} : { precision: options.precision }),
    learningRate: learningRateOf(optimization),
    initial: () => initialState(options, trainable, optimizer),
    step: (state, batch, inputs) =>
      halves.update(state, halves.differentiate(state, batch, inputs), inputs),
  };
}
