import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  memory,
  openSavedModel,
  saveModel,
  type Tensor,
  tf,
} from "../../lib/engine/mod.ts";
import { assertClose, folder, refusal, type Run, served } from "./saved_model_places.ts";

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
    'There is no SavedModel "/nowhere"',
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
