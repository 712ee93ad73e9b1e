/**
 * What to say when numbers are not finite: which tensor was the first.
 *
 * @module
 */
import {
  firstNonFinite,
  firstNonFiniteResult,
  type Tensor,
  tf,
  withPrecision,
} from "../engine/mod.ts";
import type { Parameters } from "../nn/scope.ts";
import { type TensorTree, walkTree } from "./checkpoint.ts";
import type { StepInputs, TrainingJob } from "./training_job.ts";

/** The loss, or what is trained, was not a finite number. */
export class NonFiniteLoss extends Error {
  override readonly name = "NonFiniteLoss";
  /** Whether the data are to blame, and not the training. */
  readonly isData: boolean;

  constructor(sentence: string, { isData = false }: { isData?: boolean } = {}) {
    super(sentence);
    this.isData = isData;
  }
}

/** A tensor that is not finite. */
export interface NonFiniteTensor {
  /** What it is, such as `the gradient of "head.weight"`. */
  what: string;
  value: number;
  /** Whether the data are to blame, and not the training. */
  isData?: boolean;
}

/** What is known beside the number that is not finite. */
export interface NonFiniteFacts {
  learningRate: number;
  first?: NonFiniteTensor | undefined;
  /** The step of the newest checkpoint; null where there is none, and nothing where none is written. */
  kept?: number | null | undefined;
}

/** The error that ends a training job. */
export function nonFiniteError(
  what: string,
  { learningRate, first, kept }: NonFiniteFacts,
): NonFiniteLoss {
  const named = first === undefined
    ? ""
    : `; the first tensor that is not finite is ${first.what}, with ${first.value}`;
  const way = first?.isData === true
    ? "look at the data of this step"
    : `lower the learning rate (it was ${learningRate.toExponential(2)})`;
  const left = kept === undefined
    ? ""
    : kept === null
    ? "; there is no checkpoint before that"
    : `; the checkpoint after step ${kept} is kept`;
  const isData = first?.isData === true;
  return new NonFiniteLoss(`${what}${named}: ${way}${left}`, { isData });
}

function firstIn(
  tree: TensorTree,
  describe: (path: string) => string,
): NonFiniteTensor | undefined {
  let found: NonFiniteTensor | undefined;
  walkTree(tree, (path, tensor) => {
    if (found !== undefined || tensor.dtype !== "float32") return;
    const value = firstNonFinite(tensor.dataSync() as Float32Array);
    if (value !== undefined) found = { what: describe(path), value };
  });
  return found;
}

/** The first that appears when a step is run again, operation by operation: forward, then backward. */
function firstInStep<Batch extends Record<string, Tensor>>(
  { halves, precision = "float32" }: Pick<TrainingJob<Batch>, "halves" | "precision">,
  state: TensorTree,
  batch: Batch,
  inputs: StepInputs,
): NonFiniteTensor | undefined {
  if (halves === undefined) return undefined;
  let wrongGradient: NonFiniteTensor | undefined;
  const found = tf.tidy(() =>
    firstNonFiniteResult(() => {
      const { gradients } = withPrecision(
        precision,
        () => halves.differentiate(state, batch, inputs),
      );
      wrongGradient = firstIn(gradients, (path) => `the gradient of "${path}"`);
    }, state.parameters as Parameters) as never
  ) as ReturnType<typeof firstNonFiniteResult>;
  if (found === undefined) return wrongGradient;
  const { operation, after, value } = found;
  const place = after === undefined ? "" : ` after "${after}"`;
  return { what: `the result of ${operation}${place}`, value };
}

/**
 * The first tensor that is not finite, in the order in which a step makes them: the data, the state
 * before the step, then, with the step run once more piece by piece, its results and gradients.
 */
export function firstNonFiniteTensor<Batch extends Record<string, Tensor>>(
  job: Pick<TrainingJob<Batch>, "halves" | "precision">,
  state: TensorTree,
  batch: Batch,
  inputs: StepInputs,
): NonFiniteTensor | undefined {
  const inData = firstIn(batch, (path) => `"${path}" of the data`);
  if (inData !== undefined) return { ...inData, isData: true };
  return firstIn(state, (path) => `"${path}" before the step`) ??
    firstInStep(job, state, batch, inputs);
}
