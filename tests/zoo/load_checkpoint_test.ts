import { assert, assertEquals, assertRejects } from "@std/assert";
import { mixmimTransformer } from "../../lib/backbones/mixmim.ts";
import { vit } from "../../lib/backbones/vit.ts";
import { tf } from "../../lib/engine/mod.ts";
import { linear } from "../../lib/nn/linear.ts";
import { describeParameters, scope } from "../../lib/nn/scope.ts";
import type { StoredTensor } from "../../lib/zoo/element_types.ts";
import { readerOf, type TensorReader } from "../../lib/zoo/key_maps/map_reader.ts";
import { referenceShape } from "../../lib/zoo/layout.ts";
import { loadCheckpointInto } from "../../lib/zoo/load_checkpoint.ts";
import type { Specifications } from "../../lib/zoo/load_report.ts";
import { resizeTable, resizingOf } from "../../lib/zoo/resize_positions.ts";
import { readCase, stored } from "../parity/golden_case.ts";

/** Small numbers, none of which is as another. */
function values(shape: number[]): StoredTensor {
  const length = shape.reduce((product, axis) => product * axis, 1);
  const data = Float32Array.from({ length }, (_, at) => Math.sin(at + length));
  return { shape, dtype: "F32", data };
}

function checkpointOf(specifications: Specifications): Map<string, StoredTensor> {
  return new Map(
    [...specifications].map(([name, { shape, layout }]) => [
      name,
      values(referenceShape(shape, layout)),
    ]),
  );
}

const layer = describeParameters((scope, input) =>
  linear(scope.at("head"), input({ shape: [1, 3] }), 2)
);

Deno.test("loadCheckpointInto() reads one tensor after the other, in the kit's layout", async () => {
  const file = readerOf(checkpointOf(layer));
  let [open, most] = [0, 0];
  const counting: TensorReader = {
    entries: file.entries,
    async read(name) {
      most = Math.max(most, ++open);
      const tensor = await file.read(name);
      await new Promise((resolve) => setTimeout(resolve));
      open--;
      return tensor;
    },
  };
  const { parameters, report } = await loadCheckpointInto(layer, counting);
  assertEquals(most, 1);
  assertEquals(report.matched, ["head.weight", "head.bias"]);
  assertEquals(report.resized, []);
  const [weight] = file.entries.values();
  assertEquals(parameters["head.weight"]!.shape, [3, 2]);
  const first = (weight as StoredTensor).data[1]; // of the second input
  assertEquals(parameters["head.weight"]!.dataSync()[2], first);
});

Deno.test("loadCheckpointInto() leaves no tensor behind when reading fails", async () => {
  const before = tf.memory().numTensors;
  const { entries, read } = readerOf(checkpointOf(layer));
  const torn: TensorReader = {
    entries,
    read: (name) =>
      name.endsWith("bias") ? Promise.reject(new Error("torn")) : read(name),
  };
  await assertRejects(() => loadCheckpointInto(layer, torn), Error, "torn");
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("loadCheckpointInto() refuses before anything is read", async () => {
  const unread = (tensors: Map<string, StoredTensor>): TensorReader => ({
    entries: tensors,
    read: (name) => Promise.reject(new Error(`${name} was read`)),
  });
  const some = new Map([["head.weight", values([2, 3])], ["tail", values([1])]]);
  await assertRejects(
    () => loadCheckpointInto(layer, unread(some)),
    Error,
    "The checkpoint does not fit the model: 1 missing: head.bias; 1 unexpected: tail. Choose",
  );
  await assertRejects(
    () => loadCheckpointInto(layer, unread(new Map()), { strict: false }),
    Error,
    "none of the model's parameters, such as head.weight: it is empty",
  );
  const { parameters } = await loadCheckpointInto(layer, readerOf(some), {
    strict: false,
  });
  assertEquals(Object.keys(parameters), ["head.weight"]);
});

for (const name of ["up", "down"]) {
  Deno.test(`resizeTable() is as PyTorch in the golden case pos-embed-interp-${name}`, async () => {
    const folder = new URL(`../fixtures/pos-embed-interp-${name}`, import.meta.url);
    const golden = await readCase(folder.pathname);
    const [old, wanted] = ["in/pos_embed", "out/resized"].map((key) =>
      stored(golden, key)
    ) as [StoredTensor, StoredTensor];
    const resizing = resizingOf("backbone.pos_embed", old.shape, wanted.shape)!;
    tf.tidy(() => {
      const actual = resizeTable(
        tf.tensor(old.data as Float32Array, old.shape),
        resizing,
      );
      assertEquals(actual.shape, wanted.shape);
      const expected = tf.tensor(wanted.data as Float32Array, wanted.shape);
      const difference = actual.sub(expected).abs().max().dataSync()[0]!;
      assert(difference < 1e-5, `${difference}`);
    });
  });
}

const small = { patchSize: 4, width: 8, depth: 1, heads: 2, relativePositions: true };

function vitSpecifications(imageSize: number): Specifications {
  return describeParameters((scope, input) =>
    vit(scope, input({ shape: [1, imageSize, imageSize, 3] }), { imageSize, ...small })
  );
}

Deno.test("loadCheckpointInto() resizes a ViT's positions and says which", async () => {
  const checkpoint = checkpointOf(vitSpecifications(16));
  const wanted = vitSpecifications(24);
  const file = readerOf(checkpoint);
  const { parameters, report } = await loadCheckpointInto(wanted, file);
  const table = "blocks.0.attn.relative_position_bias_table";
  assertEquals(
    new Set(report.resized.map(({ name }) => name)),
    new Set(["pos_embed", table]),
  );
  assertEquals(report.resized.find(({ name }) => name === table), {
    ...{ name: table, stored: [7 * 7 + 3, 2], expected: [11 * 11 + 3, 2] },
  });
  assertEquals(report.matched.length, wanted.size);
  // The class token keeps its position, and its three numbers at the end of the table.
  const [positions, biases] = ["pos_embed", table].map((name) => checkpoint.get(name)!);
  const resized = parameters["pos_embed"]!.dataSync();
  assertEquals([...resized.slice(0, 8)], [...positions!.data.slice(0, 8)]);
  assertEquals(
    [...parameters[table]!.dataSync().slice(-6)],
    [...biases!.data.slice(-6)],
  );
  await assertRejects(
    () => loadCheckpointInto(wanted, file, { resize: false }),
    Error,
    "2 of another shape: pos_embed (is [1,17,8], the model needs [1,37,8])",
  );
});

Deno.test("loadCheckpointInto() resizes a MixMIM's tables, and the model runs", async () => {
  const configuration = (imageSize: number, window: number) => ({
    ...{ imageSize, patchSize: 2, width: 8 },
    ...{ depths: [1, 1], heads: [1, 2], windows: [window, window] },
  });
  const specificationsOf = (imageSize: number, window: number): Specifications =>
    describeParameters((scope, input) =>
      mixmimTransformer(
        scope,
        input({ shape: [1, imageSize, imageSize, 3] }),
        configuration(imageSize, window),
      )
    );
  const file = readerOf(checkpointOf(specificationsOf(16, 4)));
  const wanted = specificationsOf(24, 6);
  const { parameters, report } = await loadCheckpointInto(wanted, file);
  assertEquals(report.resized.map(({ name }) => name).sort(), [
    "absolute_pos_embed",
    "layers.0.blocks.0.attn.relative_position_bias_table",
    "layers.1.blocks.0.attn.relative_position_bias_table",
  ]);
  tf.tidy(() => {
    const images = tf.zeros([1, 24, 24, 3]);
    const { feature } = mixmimTransformer(
      scope(parameters),
      images,
      configuration(24, 6),
    );
    assert(Number.isFinite(feature.sum().dataSync()[0]));
  });
});

Deno.test("resizingOf() resizes nothing but square tables of the same width", () => {
  assertEquals(resizingOf("norm.weight", [9], [16]), undefined);
  assertEquals(resizingOf("pos_embed", [1, 17, 8], [1, 37, 16]), undefined);
  assertEquals(resizingOf("pos_embed", [1, 13, 8], [1, 37, 8]), undefined);
  assertEquals(resizingOf("pos_embed", [1, 16, 8], [1, 37, 8]), undefined);
  assertEquals(resizingOf("visual.positional_embedding", [50, 8], [197, 8]), {
    ...{ grid: [7, 7], newGrid: [14, 14], extraBehind: 0 },
  });
  assertEquals(resizingOf("decoder_pos_embed", [1, 49, 8], [1, 144, 8]), {
    ...{ grid: [7, 7], newGrid: [12, 12], extraBehind: 0 },
  });
});

Deno.test("loadCheckpointInto() reads matrices into the same room, and each keeps its values", async () => {
  const rooms = new Set<unknown>();
  const shapes = { "a.weight": [3, 2], "b.weight": [5, 4], "c.weight": [2, 2] };
  const tensors = new Map<string, StoredTensor>();
  for (const [index, [name, [rows, columns]]] of Object.entries(shapes).entries()) {
    const from = (shape: number[], first: number, step: number): StoredTensor => {
      const length = shape.reduce((product, axis) => product * axis, 1);
      const data = Float32Array.from({ length }, (_, k) => first + step * k);
      return { shape, dtype: "F32", data };
    };
    tensors.set(name, from([rows!, columns!], 100 * index, 1));
    tensors.set(name.replace("weight", "bias"), from([rows!], -100 * index, -1));
  }
  const reader: TensorReader = {
    entries: tensors,
    read(name, take) {
      const { data, ...rest } = tensors.get(name)!;
      if (take === undefined) return Promise.resolve({ ...rest, data });
      const bytes = take(data.byteLength);
      rooms.add(bytes.buffer);
      bytes.set(new Uint8Array(data.buffer));
      const copy = new Float32Array(bytes.buffer, 0, data.length);
      return Promise.resolve({ ...rest, data: copy });
    },
  };
  const specifications = describeParameters((scope, input) => {
    for (const [name, [rows, columns]] of Object.entries(shapes)) {
      linear(scope.at(name[0]!), input({ shape: [1, columns!] }), rows!);
    }
  });
  const { parameters } = await loadCheckpointInto(specifications, reader);
  assertEquals(rooms.size, 2); // one grew
  assertEquals([...parameters["a.weight"]!.dataSync()], [0, 2, 4, 1, 3, 5]);
  assertEquals([...parameters["b.bias"]!.dataSync()], [-100, -101, -102, -103, -104]);
  assertEquals([...parameters["c.weight"]!.dataSync()], [200, 202, 201, 203]);
  tf.dispose(parameters);
});
