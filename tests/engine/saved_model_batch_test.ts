import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openSavedModel, saveModel, type Tensor, tf } from "../../lib/engine/mod.ts";
import { assertClose, folder, refusal, served } from "./saved_model_places.ts";

/** Compares a function with itself, saved for any batch, on batches of several sizes. */
async function assertServes(run: (x: Tensor) => Tensor): Promise<void> {
  using place = folder();
  const model = await served(`${place.path}/model`, [null, 3], run);
  for (const batch of [1, 2, 7]) {
    const x = tf.randomUniform([batch, 3], -1, 1, "float32", batch);
    const { y } = await model.run({ x });
    const expected = run(x);
    assertEquals(y!.shape, expected.shape);
    assertClose(y!, expected, 1e-6);
  }
  model.dispose();
}

Deno.test("saveModel() finds sizes that grow with the batch wherever they went", async (t) => {
  const batchOf = (x: Tensor): number => x.shape[0]!;
  const functions: Record<string, (x: Tensor) => Tensor> = {
    "a shape": (x) => x.reshape([batchOf(x) * 3]).reshape([batchOf(x), 1, 3]),
    "two axes": (x) => x.expandDims(1).tile([1, batchOf(x), 1]),
    "a multiple and a rest": (x) =>
      tf.concat([tf.zeros([1]), x.flatten()]).slice([1], [batchOf(x) * 3]),
    "a constant of the function": (x) => x.mul(tf.ones([batchOf(x), 3])),
    "a constant in its middle": (x) =>
      tf.concat([
        x.expandDims(0),
        tf.tensor2d([[1, 2, 3]]).tile([batchOf(x), 1]).expandDims(0),
      ], 0),
    "rows of a constant": (x) =>
      x.add(
        tf.tensor(Array.from({ length: batchOf(x) }, () => [1, 2, 3]), [batchOf(x), 3]),
      ),
    "a filled tensor": (x) => x.mul(tf.fill([batchOf(x), 3], 2)),
    "a number": (x) => x.mul(tf.scalar(batchOf(x), "int32").toFloat()),
    "a batch at the end": (x) => x.transpose().reshape([3, batchOf(x)]).square(),
    "several outputs of one node": (x) => tf.split(x, 3, 1)[1]!,
    "the input itself": (x) => x,
  };
  for (const [name, run] of Object.entries(functions)) {
    await t.step(name, () => assertServes(run));
  }
});

Deno.test("saveModel() takes the same batch from several inputs", async () => {
  using place = folder();
  await saveModel(`${place.path}/model`, {
    parameters: {},
    signatures: {
      serving_default: {
        inputs: {
          weight: { shape: [] },
          x: { shape: [2, null] },
          isKept: { shape: [null, 1], dtype: "bool" },
        },
        run: (_, { weight, x, isKept }) => ({
          y: tf.where(
            isKept!.reshape([x!.shape[1]!]).tile([2]).reshape([2, -1]),
            x!.mul(weight!),
            tf.zerosLike(x!),
          ),
        }),
      },
    },
  });
  const model = openSavedModel(`${place.path}/model`);
  const { y } = await model.run({
    weight: tf.scalar(10),
    x: tf.tensor2d([[1, 2, 3], [4, 5, 6]]),
    isKept: tf.tensor2d([[1], [0], [1]], [3, 1], "bool"),
  });
  assertEquals(y!.arraySync(), [[10, 0, 30], [40, 0, 60]]);
  model.dispose();
});

Deno.test("saveModel() refuses what would be wrong for another batch", async () => {
  assertStringIncludes(
    await refusal((_, { x }) => ({ y: x!.mul(1 / x!.shape[0]!) })),
    "depend on the batch: give the input a batch of fixed size",
  );
  assertStringIncludes(
    await refusal((_, { x }) => ({ y: x!.add(x!.shape[0]! ** 2) })),
    "depend on the batch",
  );
  assertStringIncludes(
    await refusal((_, { x }) => ({
      y: x!.slice([0], [Math.ceil(x!.shape[0]! / 2)]),
    })),
    "is 1, 2, 3 for batches of 2, 3, 5, which is no multiple",
  );
  assertStringIncludes(
    await refusal((_, { x }) => ({
      y: x!.add(tf.tensor2d([...Array(x!.shape[0]).keys()], [x!.shape[0]!, 1])),
    })),
    "depend on the batch",
  );
  assertStringIncludes(
    await refusal((_, { x }) => ({
      y: x!.add(tf.tensor2d(Array(x!.shape[0]).fill([1, 2, x!.shape[0]!]))),
    })),
    "depend on the batch",
  );
  assertStringIncludes(
    await refusal((_, { x }) => {
      const [one, other] = [x!.relu(), x!.exp()];
      return { y: x!.shape[0] === 2 ? one : other };
    }),
    "The function returns something else for another batch",
  );
  assertStringIncludes(
    await refusal((_, { x }) => ({ y: x!.shape[0] === 2 ? x!.relu() : x!.exp() })),
    '"serving_default" cannot be served for batches of any size. The function does something else',
  );
  assertStringIncludes(
    await refusal((_, { x }) => ({ y: x!.shape[0] === 2 ? x!.relu() : x!.relu().exp() })),
    "The function does more for another batch",
  );
});

Deno.test("saveModel() keeps a batch of fixed size", async () => {
  using place = folder();
  const model = await served(
    `${place.path}/model`,
    [2, 3],
    (x) => x.mul(1 / x.shape[0]!),
  );
  assertEquals(model.signatures.serving_default!.inputs.x!.shape, [2, 3]);
  const { y } = await model.run({ x: tf.ones([2, 3]) });
  assertEquals([...y!.dataSync()], new Array(6).fill(0.5));
  await assertRejects(
    () => model.run({ x: tf.ones([1, 3]) }),
    Error,
    'The input "x" of "serving_default" is float32 [2,3], got float32 [1,3]',
  );
  model.dispose();
});
