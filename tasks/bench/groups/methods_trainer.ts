/**
 * Who trains one of the models of the group `methods`, with the library's own training job: the same
 * start for all.
 *
 * @module
 */
import {
  disposeTree,
  foldIn,
  jit,
  type JitOptions,
  type Key,
  type Profile,
  profile,
  random,
  randomKey,
  type Tensor,
  tf,
} from "../../../lib/engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters as ParameterRecord,
  type ParameterSpecification,
} from "../../../lib/nn/scope.ts";
import type { TensorTree } from "../../../lib/trainers/checkpoint.ts";
import { gradientJob, parametersOf } from "../../../lib/trainers/gradient_job.ts";
import type { MethodBatch, MethodModel } from "./methods_models.ts";

/** What both sides of a comparison give AdamW. */
export const optimizerSettings = {
  learningRate: 1e-4,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  weightDecay: 0.05,
} as const;

/** Where every contender starts. */
export interface MethodStart {
  specifications: Map<string, ParameterSpecification>;
  parameters: ParameterRecord;
}

// Scales of 1e-6 and of 0 hide what they scale: errors there would not show in the loss.
const vectorNoise = 0.1;

/** Initial parameters, with noise on all vectors. */
export function startOf({ loss, batch }: MethodModel): MethodStart {
  const specifications = describeParameters((scope, input) => {
    const inputs = Object.entries(batch).map(([name, { shape, dtype }]) => [
      name,
      input({ shape, dtype: dtype as "float32" | "int32" }),
    ]);
    loss(scope, Object.fromEntries(inputs) as MethodBatch);
  });
  const parameters = initializeParameters(specifications, randomKey(0));
  for (const [name, { shape, trainable }] of specifications) {
    const isVector = shape.filter((length) => length > 1).length === 1;
    if (!trainable || !isVector) continue;
    const before = parameters[name]!;
    parameters[name] = tf.tidy(() =>
      before.add(random.normal(foldIn(randomKey(3), name), shape).mul(vectorNoise))
    );
    before.dispose();
  }
  return { specifications, parameters };
}

/** One who trains: each call of `step` is one update. */
export interface MethodTrainer {
  /** Updates the parameters; gives the loss before. */
  step(): Promise<number>;
  /** The parameters now. */
  parameters(): ParameterRecord;
  /** The compiler of the step, once it ran. */
  compiler(): "xla" | "graph" | undefined;
  /** What takes the time of a step, run as a graph. */
  profile(): Promise<Profile>;
  dispose(): void;
}

/**
 * A trainer.
 *
 * @param compiler the choice of `jit`.
 */
export function methodTrainer(
  model: MethodModel,
  { specifications, parameters }: MethodStart,
  compiler: NonNullable<JitOptions["compiler"]>,
): MethodTrainer {
  const { learningRate, weightDecay, betas } = optimizerSettings;
  const group = { learningRateScale: 1, weightDecay };
  const job = gradientJob<MethodBatch>({
    phase: model.label,
    seed: 0,
    specifications,
    start: parameters,
    optimization: {
      learningRate,
      betas,
      steps: 1,
      batchSize: model.batch.images.shape[0]!,
      groups: new Map([...specifications.keys()].map((name) => [name, group])),
    },
    batch: () => model.batch,
    loss: (scope, batch) => model.loss(scope, batch),
  });
  let state = job.initial();
  let done = 0;
  const key = randomKey(4);
  const rate = tf.scalar(learningRate);
  const body = (
    state: TensorTree,
    batch: MethodBatch,
    inputs: { learningRate: Tensor; step: Tensor },
    key: Key,
  ) => job.step(state, batch, { ...inputs, key });
  const step = jit(body, { compiler, name: model.label });
  const argumentsOf = (number: number): Parameters<typeof body> => [
    state,
    model.batch,
    { learningRate: rate, step: tf.scalar(number) },
    key,
  ];

  return {
    async step() {
      const args = argumentsOf(++done);
      const { loss, state: next } = await step(...args);
      const value = loss.dataSync()[0]!;
      disposeTree([state, args[2].step, loss]);
      state = next;
      return value;
    },
    parameters: () => parametersOf(state),
    compiler: () => step.compiler(),
    async profile() {
      const args = argumentsOf(done + 1);
      const result = await profile(body, args, { rounds: 2 });
      args[2].step.dispose();
      return result;
    },
    dispose() {
      step.dispose();
      disposeTree([state, rate, key]);
    },
  };
}
