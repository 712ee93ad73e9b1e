/**
 * Batch norm in the training loop: what a loss takes down becomes the next step's parameters.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { resnet, type ResnetConfiguration } from "../../lib/backbones/resnet.ts";
import {
  disposeTree,
  jit,
  memory,
  random,
  randomKey,
  type Tensor,
  tf,
} from "../../lib/engine/mod.ts";
import { pooledClassifier } from "../../lib/heads/pooled_classifier.ts";
import { crossEntropy, softTargets } from "../../lib/losses/cross_entropy.ts";
import { describeParameters, type Scope } from "../../lib/nn/scope.ts";
import type { TensorTree } from "../../lib/trainers/checkpoint.ts";
import { gradientJob, parametersOf } from "../../lib/trainers/gradient_job.ts";

function worstDifference(a: Tensor, b: Tensor): number {
  assertEquals(a.shape, b.shape);
  return a.sub(b).abs().max().dataSync()[0]!;
}

const tiny: ResnetConfiguration = {
  depths: [1, 1],
  stemChannels: 8,
  baseChannels: 4,
  expansion: 2,
  dropPathRate: 0.2,
};

/** Two classes: brighter images and darker ones. */
function batch(step: number) {
  return tf.tidy(() => {
    const labels = tf.tensor1d([0, 1, 0, 1], "int32");
    const noise = random.normal(randomKey(step), [4, 16, 16, 3]);
    return { images: noise.add(labels.reshape([4, 1, 1, 1])), labels };
  });
}

function tinyJob() {
  const model = (scope: Scope, images: Tensor): Tensor => {
    const { pooled } = resnet(scope.at("backbone"), images, tiny);
    return pooledClassifier(scope.at("head"), pooled, 2);
  };
  return gradientJob({
    phase: "tiny",
    seed: 0,
    specifications: describeParameters((scope, input) =>
      model(scope, input({ shape: [4, 16, 16, 3] }))
    ),
    optimization: { learningRate: 0.01, steps: 4, batchSize: 4, groups: new Map() },
    batch,
    loss: (scope, { images, labels }) =>
      crossEntropy(model(scope, images!), softTargets(labels!, 2)),
  });
}

const steps = 4;

interface Given {
  state: TensorTree;
  batch: ReturnType<typeof batch>;
  learningRate: Tensor;
  step: Tensor;
}

type Run = (given: Given) => Promise<{ state: TensorTree; loss: Tensor }>;

/** Runs the job's steps one by one, each from its own tensors, and disposes all but the state. */
async function trainWith(run: Run, initial: TensorTree): Promise<TensorTree> {
  let state = initial;
  for (let index = 0; index < steps; index++) {
    const given: Given = {
      ...{ state, batch: batch(index) },
      ...{ learningRate: tf.scalar(0.01), step: tf.scalar(index + 1) },
    };
    const result = await run(given);
    disposeTree([given, result.loss]);
    ({ state } = result);
  }
  return state;
}

Deno.test("a ResNet's running statistics move in training, the same eagerly and jitted", async () => {
  const job = tinyJob();
  const step = ({ state, batch, ...inputs }: Given) =>
    job.step(state, batch, { ...inputs, key: randomKey(9) });
  const before = memory();
  const initial = job.initial();
  const start = Object.fromEntries(
    Object.entries(parametersOf(initial)).map(([name, value]) =>
      [name, value.arraySync()] as const
    ),
  );
  const eager = await trainWith(
    (given) => Promise.resolve(tf.tidy(() => step(given))),
    initial,
  );
  const after = parametersOf(eager);
  const counts = Object.keys(after).filter((name) => name.endsWith("_tracked"));
  assertEquals(counts.length, 8); // bn1, three in each of two blocks, downsample in one
  for (const name of counts) assertEquals(after[name]!.dataSync()[0], steps, name);
  for (const [name, value] of Object.entries(after)) {
    assert(
      JSON.stringify(value.arraySync()) !== JSON.stringify(start[name]),
      `${name} did not change`,
    );
  }

  const jitted = jit(step, { name: "tiny ResNet step" });
  const compiled = await trainWith(
    (...given) => jitted(...given) as never,
    job.initial(),
  );
  assertEquals(jitted.compiler(), "graph");
  for (const [name, value] of Object.entries(parametersOf(compiled))) {
    const difference = tf.tidy(() => worstDifference(value, after[name]!));
    assert(difference < 1e-3, `${name} differs by ${difference}`);
  }
  jitted.dispose();
  disposeTree([eager, compiled]);
  const { tensors, handles } = memory();
  assertEquals({ tensors, handles }, {
    tensors: before.tensors,
    handles: before.handles,
  });
});
