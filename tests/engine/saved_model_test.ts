import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { memory, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  type OpenedSavedModel,
  openSavedModel,
  saveModel,
  type ServedFunction,
} from "../../lib/engine/saved_model/mod.ts";

function assertClose(actual: Tensor, expected: Tensor, tolerance: number): void {
  assertEquals(actual.shape, expected.shape);
  const distance = actual.toFloat().sub(expected.toFloat()).abs().max().dataSync()[0]!;
  assertLess(distance, tolerance);
}

/** A folder that is there as long as the test runs. */
function folder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "mimkit-saved-model-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

type Run = ServedFunction["run"];

/** Saves a function of `x` alone, whose first axis is the batch, and opens it again. */
async function served(
  path: string,
  shape: (number | null)[],
  run: (x: Tensor) => Tensor,
): Promise<OpenedSavedModel> {
  await saveModel(path, {
    parameters: {},
    signatures: {
      serving_default: {
        inputs: { x: { shape } },
        run: (_, { x }) => ({ y: run(x!) }),
      },
    },
  });
  return openSavedModel(path);
}

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

async function refusal(
  run: Run,
  shape: (number | null)[] = [null, 3],
): Promise<string> {
  using place = folder();
  const signatures = { serving_default: { inputs: { x: { shape } }, run } };
  const { message } = await assertRejects(
    () => saveModel(`${place.path}/model`, { parameters: {}, signatures }),
    Error,
  );
  assertEquals(await Array.fromAsync(Deno.readDir(place.path)), []);
  return message;
}

const network: Run = ({ weight, "norm.bias": bias }, { x }) => {
  const hidden = tf.matMul(x!.reshape([x!.shape[0]!, 4]), weight!).add(bias!);
  return { hidden, sums: hidden.sum(1) };
};

Deno.test("saveModel() writes what openSavedModel() runs, for batches of any size", async () => {
  using place = folder();
  const parameters = {
    weight: tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]),
    "norm.bias": tf.tensor1d([0.5, -0.5]),
    "decoder.weight": tf.ones([9]),
  };
  const content = await saveModel(`${place.path}/new/model`, {
    parameters,
    signatures: {
      serving_default: { inputs: { x: { shape: [null, 2, 2] } }, run: network },
      bytes: {
        inputs: { x: { shape: [null, 2, 2], dtype: "uint8" } },
        run: (parameters, { x }) => network(parameters, { x: x!.toFloat().div(255) }),
      },
    },
  });
  assertEquals(content.variables, ["weight", "norm.bias"]);
  assertEquals(content.unused, ["decoder.weight"]);

  const model = openSavedModel(`${place.path}/new/model`);
  assertEquals(Object.keys(model.signatures).sort(), ["bytes", "serving_default"]);
  assertEquals(model.signatures.bytes, {
    inputs: { x: { dtype: "uint8", shape: [null, 2, 2] } },
    outputs: {
      hidden: { dtype: "float32", shape: [null, 2] },
      sums: { dtype: "float32", shape: [null] },
    },
  });
  for (const batch of [1, 7]) {
    const x = tf.randomUniform([batch, 2, 2], 0, 256, "int32", 1);
    const scaled = x.toFloat().div(255);
    const expected = network(parameters, { x: scaled });
    for (const given of [model.run({ x: scaled }), model.run({ x }, "bytes")]) {
      const { hidden, sums } = await given;
      assertClose(hidden!, expected.hidden!, 1e-5);
      assertClose(sums!, expected.sums!, 1e-5);
    }
  }
  model.dispose();
  model.dispose(); // twice is once
  await assertRejects(() => model.run({}), Error, "was disposed");
});

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

Deno.test("saveModel() saves tensors of the outside, and leaves none in memory", async () => {
  using place = folder();
  const table = tf.tensor1d([1, 2, 3]);
  const later = tf.scalar(0);
  const before = memory();
  (await served(`${place.path}/first`, [null, 3], (x) => x.add(table))).dispose();
  assertEquals(memory().handles, before.handles + 1); // the table, which tfjs brought there
  await saveModel(`${place.path}/model`, {
    parameters: { scale: tf.scalar(1) },
    signatures: {
      add: {
        inputs: { x: { shape: [null, 3] } },
        run: ({ scale }, { x }) => ({ y: x!.add(table).mul(scale!).add(later) }),
      },
      subtract: {
        inputs: { x: { shape: [3] } },
        run: (_, { x }) => ({ y: x!.sub(table) }),
      },
    },
  });
  table.dispose();
  const model = openSavedModel(`${place.path}/model`);
  const { y } = await model.run({ x: tf.zeros([2, 3]) }, "add");
  assertEquals([...y!.dataSync()], [1, 2, 3, 1, 2, 3]);
  y!.dispose();
  const other = await model.run({ x: tf.zeros([3]) }, "subtract");
  assertEquals([...other.y!.dataSync()], [-1, -2, -3]);
  other.y!.dispose();
  model.dispose();
  // The table is gone; scale and the two zeros are still there.
  assertEquals(memory().tensors, before.tensors - 1 + 3);
});

Deno.test("saveModel() keeps what is there", async () => {
  using place = folder();
  const path = `${place.path}/model`;
  const save = (value: number, folder = path, overwrite = false) =>
    saveModel(folder, {
      parameters: { value: tf.scalar(value) },
      signatures: { read: { inputs: {}, run: ({ value }) => ({ value: value! }) } },
    }, { overwrite });
  const read = async () => {
    const model = openSavedModel(path);
    const { value } = await model.run({}, "read");
    model.dispose();
    return value!.dataSync()[0];
  };
  await save(1);
  await assertRejects(() => save(2), Error, "a model is there already");
  assertEquals(await read(), 1);
  await save(3, `${path}/`, true);
  assertEquals(await read(), 3);

  const notes = `${place.path}/notes`;
  await Deno.mkdir(notes);
  await save(4, notes); // it is empty
  await Deno.remove(`${notes}/saved_model.pb`);
  await assertRejects(
    () => save(5, notes, true),
    Error,
    'notes": the folder holds other things (such as "variables"); choose another',
  );
  await Deno.writeTextFile(`${place.path}/file`, "");
  await assertRejects(() => save(6, `${place.path}/file`), Error, "a file is there");
  await assertRejects(() => save(6, `${place.path}/file/model`), Error, "Cannot write");
  const names = (await Array.fromAsync(Deno.readDir(place.path))).map(({ name }) => name);
  assertEquals(names.sort(), ["file", "model", "notes"]);
});

Deno.test("saveModel() refuses names and results that a SavedModel cannot have", async () => {
  assertStringIncludes(
    await refusal((() => tf.zeros([1])) as unknown as Run),
    "must return a record of tensors such as { logits }, it returned a tensor",
  );
  assertStringIncludes(
    await refusal(() => ({ "a b": tf.zeros([1]) }), [1]),
    'no output "a b": use letters, digits and _, a letter first',
  );
  const save = (parameters: Record<string, Tensor>, name = "serving_default") =>
    saveModel("/nowhere", {
      parameters,
      signatures: { [name]: { inputs: {}, run: (parameters) => parameters } },
    });
  await assertRejects(() => save({}, "a/b"), Error, 'no signature "a/b"');
  await assertRejects(() => save({ "a b": tf.scalar(1) }), Error, 'no parameter "a b"');
  await assertRejects(
    () => save({ a: tf.scalar(1), "a/Read": tf.scalar(1) }),
    Error,
    'no output "a/Read"',
  );
  await assertRejects(
    () =>
      saveModel("/nowhere", {
        parameters: { a: tf.scalar(1), "a/Read": tf.scalar(1) },
        signatures: {
          add: { inputs: {}, run: (all) => ({ y: tf.addN(Object.values(all)) }) },
        },
      }),
    Error,
    'would be called "a/Read"',
  );
  await assertRejects(
    () => saveModel("/nowhere", { parameters: {}, signatures: {} }),
    Error,
    "needs a function",
  );
});

Deno.test("openSavedModel() names what is wrong", async () => {
  assertThrows(
    () => openSavedModel("/nowhere"),
    Error,
    'The SavedModel "/nowhere" cannot',
  );
  using place = folder();
  const model = await served(`${place.path}/model`, [null, 3], (x) => x.relu());
  const x = tf.ones([2, 3]);
  const fails = (inputs: Record<string, Tensor>, message: string, signature?: string) =>
    assertRejects(() => model.run(inputs, signature), Error, message);
  await fails({}, '"serving_default" needs the input "x"');
  await fails({ x, z: x }, 'takes no "z", only x');
  await fails({ x: x.toInt() }, "is float32 [any,3], got int32 [2,3]");
  await fails({ x: x.reshape([6]) }, "got float32 [6]");
  await fails({ x }, 'has no "other", only serving_default', "other");
  const running = model.run({ x });
  model.dispose(); // waits for it
  assert((await running).y!.dataSync().every((value) => value === 1));
  await Deno.writeFile(
    `${place.path}/model/saved_model.pb`,
    new Uint8Array(100).fill(255),
  );
  assertThrows(() => openSavedModel(`${place.path}/model`), Error, "cannot be opened");
});
