/**
 * The parts of tfjs's gradient tape that its type declarations keep private: operations with a
 * gradient of their own and several results, and a gradient inside a gradient.
 *
 * @module
 */
import { type Tensor, tf } from "./tensorflow.ts";

/** An operation with a gradient of its own. */
export interface CustomOperation {
  inputs: Record<string, Tensor>;
  forwardFunc: (backend: unknown, save: (tensors: Tensor[]) => void) => Tensor[];
  /** The upstream gradient comes alone when there is one result. */
  backwardsFunc: (dy: Tensor | Tensor[], saved: Tensor[]) => Record<string, () => Tensor>;
}

interface Engine {
  state: { activeTape: { saved?: Tensor[] }[] | null; gradientDepth: number };
  runKernelFunc(operation: CustomOperation): Tensor[];
}

function engine(): Engine {
  return tf.engine() as unknown as Engine;
}

/** Whether operations are being recorded for a gradient. */
export function isTapeOn(): boolean {
  return engine().state.gradientDepth > 0;
}

/** Forgets a tape that an error left behind, and what it kept. */
export function dropTape(): void {
  const { state } = engine();
  for (const { saved } of state.activeTape ?? []) {
    saved?.forEach((tensor) => tensor.dispose());
  }
  state.activeTape = null;
}

/** Runs an operation with a gradient of its own; unlike `tf.customGrad`, with several results. */
export function runCustomOperation(operation: CustomOperation): Tensor[] {
  return engine().runKernelFunc(operation);
}

/**
 * The gradients of `body` at `inputs` for upstream gradients `dys`, taken while another gradient is
 * being computed: tfjs keeps one tape, so the outer one is put aside.
 */
export function gradientsOf(
  body: (inputs: Tensor[]) => Tensor[],
  inputs: Tensor[],
  dys: Tensor[],
): Tensor[] {
  const { state } = engine();
  const outerTape = state.activeTape;
  try {
    const product = (...given: Tensor[]): Tensor => {
      const terms = body(given).map((result, index) =>
        tf.sum(tf.mul(result, dys[index]!))
      );
      return terms.length === 1 ? terms[0]! : tf.addN(terms);
    };
    return tf.grads(product)(inputs);
  } finally {
    state.activeTape = outerTape;
  }
}
