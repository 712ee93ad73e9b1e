/**
 * The process that the group `startup` starts: two steps of a tiny MAE, and a line of JSON that says
 * how long the first one took to come.
 *
 * @module
 */
import {
  jit,
  type Key,
  random,
  randomKey,
  type Tensor,
  tf,
  valueAndGradients,
} from "../../../lib/engine/mod.ts";
import { patchCount, vitVariant } from "../../../lib/backbones/vit.ts";
import { randomMask } from "../../../lib/maskers/random.ts";
import { mae } from "../../../lib/methods/mae.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../../lib/nn/scope.ts";
import { adamW } from "../../../lib/trainers/optimizers/adamw.ts";
import { useThreads } from "../threads.ts";

/** Seconds. */
export interface StartupPhases {
  /** From the start of the process until all imports are there and TensorFlow is open. */
  imports: number;
  initialization: number;
  trace: number;
  /** What the first call takes beyond its trace and a step. */
  compilation: number;
  /** A later step. */
  step: number;
  /** From the start of the process to the end of the first step. */
  firstStep: number;
}

/** Images of a batch. */
export const batch = 128;

// The tiny ViT of the quickstart, on pictures of Fashion-MNIST's size.
const imageSize = 28;
const backbone = { ...vitVariant("tiny/4", imageSize), channels: 1 };
const decoder = { width: 64, depth: 2, heads: 4 };

function loss(scope: Scope, images: Tensor, key: Key): Tensor {
  const mask = randomMask(key, {
    batch,
    length: patchCount(backbone),
    maskRatio: 0.75,
  });
  return mae(scope, images, mask, { backbone, decoder }).loss;
}

/**
 * Runs the steps.
 *
 * @param started when the process was started, in milliseconds since 1970.
 */
async function measure(started: number, threads: number): Promise<StartupPhases> {
  const since = (): number =>
    (performance.timeOrigin + performance.now() - started) / 1000;
  const imports = since();
  useThreads(threads);
  const specifications = describeParameters((scope, input) =>
    loss(scope, input({ shape: [batch, imageSize, imageSize, 1] }), randomKey(0))
  );
  const all = initializeParameters(specifications, randomKey(0));
  const isTrained = (name: string): boolean => specifications.get(name)!.trainable;
  const pick = (wanted: boolean): Parameters =>
    Object.fromEntries(
      Object.entries(all).filter(([name]) => isTrained(name) === wanted),
    );
  const [parameters, fixed] = [pick(true), pick(false)];
  const optimizer = adamW({ betas: [0.9, 0.95], weightDecay: 0.05 });
  const state = optimizer.initial(parameters);
  const images = random.normal(randomKey(1), [batch, imageSize, imageSize, 1]);
  const rate = tf.scalar(1e-3);
  images.dataSync();
  const initialized = since();

  const step = jit((
    { parameters, fixed, state }: {
      parameters: Parameters;
      fixed: Parameters;
      state: ReturnType<typeof optimizer.initial>;
    },
    images: Tensor,
    key: Key,
    learningRate: Tensor,
    step: Tensor,
  ) => {
    const { value, gradients } = valueAndGradients(
      parameters,
      (trained) => loss(scope({ ...trained, ...fixed }), images, key),
    );
    const updated = optimizer.update({
      parameters,
      gradients,
      state,
      learningRate,
      step,
    });
    return { ...updated, loss: value };
  });
  const call = (count: number) =>
    step({ parameters, fixed, state }, images, randomKey(count), rate, tf.scalar(count));

  const result = call(1); // the trace is over when the call returns; TensorFlow goes on elsewhere
  const traced = since();
  const first = (await result).loss.dataSync()[0]!;
  const firstStep = since();
  const second = (await call(2)).loss.dataSync()[0]!;
  const later = since() - firstStep;
  if (!Number.isFinite(first + second)) {
    throw new Error(`The losses of the tiny MAE are ${first} and ${second}`);
  }
  return {
    imports,
    initialization: initialized - imports,
    trace: traced - initialized,
    compilation: Math.max(firstStep - traced - later, 0.001),
    step: later,
    firstStep,
  };
}

if (import.meta.main) {
  const [started, threads] = Deno.args.map(Number) as [number, number];
  console.log(JSON.stringify(await measure(started, threads)));
}
