/**
 * The training step that the group `step` measures: a stack of transformer blocks with a linear
 * head, the mean squared error, and AdamW. Written with the library's plain layers, as a user would.
 *
 * @module
 */
import {
  disposeTree,
  jit,
  type JitOptions,
  random,
  randomKey,
  type Tensor,
  tf,
  valueAndGradients,
} from "../../../lib/engine/mod.ts";
import { linear } from "../../../lib/nn/linear.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../../lib/nn/scope.ts";
import { transformerBlock } from "../../../lib/nn/transformer_block.ts";
import { adamW, type AdamWMoment } from "../../../lib/trainers/optimizers/adamw.ts";
import type { OptimizerState } from "../../../lib/trainers/optimizers/optimizer.ts";

/** Sizes of the model and its batch. */
export interface StepSizes {
  width: number;
  blocks: number;
  tokens: number;
  batch: number;
}

/** What both sides of a comparison give AdamW. */
export const optimizerSettings = {
  learningRate: 1e-4,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  weightDecay: 0.05,
} as const;

const headWidth = 64;
/** Outputs of the head: the 16 · 16 · 3 values of a ViT/16's patch, as in a masked autoencoder. */
export const outputs = 768;

function model(scope: Scope, inputs: Tensor, { width, blocks }: StepSizes): Tensor {
  let x = inputs; // (B, N, D)
  const options = { heads: width / headWidth, hidden: 4 * width };
  for (let index = 0; index < blocks; index++) {
    x = transformerBlock(scope.at("blocks").at(index), x, options).tokens;
  }
  return linear(scope.at("head"), x, outputs, { bias: false });
}

/** The parameters, a batch and its targets; the same for the same sizes. */
export function initialTensors(
  sizes: StepSizes,
): { parameters: Parameters; inputs: Tensor; targets: Tensor } {
  const { batch, tokens, width } = sizes;
  const specifications = describeParameters((scope, input) =>
    model(scope, input({ shape: [batch, tokens, width] }), sizes)
  );
  return {
    parameters: initializeParameters(specifications, randomKey(0)),
    inputs: random.normal(randomKey(1), [batch, tokens, width]),
    targets: random.normal(randomKey(2), [batch, tokens, outputs]),
  };
}

interface State {
  parameters: Parameters;
  state: OptimizerState<AdamWMoment>;
}

/** One who trains from the same start: each call of `step` is one update. */
export interface Trainer {
  /** Updates the parameters; gives the loss before. */
  step(): Promise<number>;
  dispose(): void;
}

/**
 * A trainer.
 *
 * @param how `"eager"`, or how the step is compiled.
 */
export function trainer(
  sizes: StepSizes,
  start: ReturnType<typeof initialTensors>,
  how: "eager" | JitOptions,
): Trainer {
  const { learningRate, ...options } = optimizerSettings;
  const optimizer = adamW(options);
  const { inputs, targets } = start;
  const rate = tf.scalar(learningRate);
  let state: State = {
    parameters: Object.fromEntries(
      Object.entries(start.parameters).map(([name, value]) => [name, value.clone()]),
    ),
    state: optimizer.initial(start.parameters),
  };
  let done = 0;

  const trainStep = (
    { parameters, state }: State,
    batch: { inputs: Tensor; targets: Tensor },
    learningRate: Tensor,
    step: Tensor,
  ): State & { loss: Tensor } => {
    const { value: loss, gradients } = valueAndGradients(
      parameters,
      (parameters) =>
        model(scope(parameters), batch.inputs, sizes).sub(batch.targets).square().mean(),
    );
    const updated = optimizer.update({
      parameters,
      gradients,
      state,
      learningRate,
      step,
    });
    return { ...updated, loss };
  };
  const jitted = how === "eager" ? undefined : jit(trainStep, how);

  return {
    async step() {
      const step = tf.scalar(++done);
      const args = [state, { inputs, targets }, rate, step] as const;
      const { loss, ...next } = jitted === undefined
        ? tf.tidy(() => trainStep(...args) as never) as ReturnType<typeof trainStep>
        : await jitted(...args);
      const value = loss.dataSync()[0]!;
      disposeTree([state, step, loss]);
      state = next;
      return value;
    },
    dispose() {
      jitted?.dispose();
      disposeTree([state, rate]);
    },
  };
}
