/**
 * Steps like those of a training, for the group `checkpoint`: how much later they end while a state
 * is saved in the background.
 *
 * @module
 */
import {
  disposeTree,
  jit,
  random,
  randomKey,
  type Tensor,
  tf,
} from "../../../lib/engine/mod.ts";
import { backgroundSaver } from "../../../lib/trainers/background_save.ts";
import type { TensorTree } from "../../../lib/trainers/checkpoint.ts";
import type { CheckpointFolder } from "../../../lib/trainers/checkpoint_folder.ts";
import { spreadOf } from "../statistics.ts";

/** Seconds by which steps are later. */
export interface Delays {
  longest: number;
  all: number;
}

/** Steps that save now and then. */
export interface Steps {
  whileSaving(folder: CheckpointFolder, step: number, state: TensorTree): Promise<Delays>;
  dispose(): void;
}

/** How much later steps end than the median of those before. */
export function delaysOf(
  undisturbed: readonly number[],
  saving: readonly number[],
): Delays {
  const { median } = spreadOf(undisturbed);
  const delays = saving.map((seconds) => seconds - median);
  return {
    longest: Math.max(...delays),
    all: delays.reduce((sum, delay) => sum + delay, 0),
  };
}

const undisturbedSteps = 20;
// A product of these takes some tens of milliseconds on two cores: long enough to be interrupted.
const width = 1024;
const products = 8;

/** Opens steps; the first has been taken. */
export async function openSteps(): Promise<Steps> {
  const weight = random.normal(randomKey(0), [width, width], {
    standardDeviation: width ** -0.5,
  });
  const body = jit((x: Tensor) => {
    for (let product = 0; product < products; product++) x = tf.matMul(x, weight);
    return x;
  }, { name: "steps", compiler: "graph" });
  /** As the training loop has it: on to the device, and the loss back. */
  const step = async (before: () => void = () => {}): Promise<number> => {
    const started = performance.now();
    before();
    const result = await body(weight);
    await result.data();
    disposeTree(result);
    return (performance.now() - started) / 1000;
  };
  await step();
  return {
    async whileSaving(folder, number, state) {
      const undisturbed: number[] = [];
      for (let k = 0; k < undisturbedSteps; k++) undisturbed.push(await step());
      const saver = backgroundSaver(folder, () => ({}));
      const saving = [await step(() => void saver.begin(number, state))];
      while (saver.saved === undefined) {
        saving.push(await step());
        saver.check();
      }
      await saver.settle();
      return delaysOf(undisturbed, saving);
    },
    dispose() {
      body.dispose();
      weight.dispose();
    },
  };
}
