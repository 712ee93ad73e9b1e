// deno-lint-ignore-file no-explicit-any -- calls as plain JavaScript makes them: with anything
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import type { Attribute } from "../../lib/engine/attributes.ts";
import { AttributeKind } from "../../lib/engine/attributes.ts";
import { binding } from "../../lib/engine/binding.ts";
import { DataType } from "../../lib/engine/dtypes.ts";
import { handleCount } from "../../lib/engine/handles.ts";

const floats = (shape: number[], values: number[]): number =>
  binding.createTensor(shape, DataType.float32, new Float32Array(values));
const integers = (shape: number[], values: number[]): number =>
  binding.createTensor(shape, DataType.int32, new Int32Array(values));
const int = (name: string, value: unknown): Attribute => ({
  name,
  type: AttributeKind.int,
  value,
});
const text = (name: string, value: unknown): Attribute => ({
  name,
  type: AttributeKind.string,
  value,
});

/** The error of a call, which must be an Error with a sentence in it. */
function errorOf(body: () => unknown): string {
  return assertThrows(body, Error).message;
}

const create = binding.createTensor as (...given: any[]) => number;
const execute = binding.executeOp as (
  ...given: any[]
) => { id: number; shape: number[] }[];

const x = floats([3], [1, 2, 3]);
const texts = binding.createTensor([2], DataType.string, [
  new Uint8Array([104, 105]),
  new Uint8Array(0),
]);
const scalar = integers([], [0]);

Deno.test("createTensor() refuses shapes that are none", () => {
  for (const shape of [undefined, null, 3, "3", {}, new Int32Array([3])]) {
    assertMatch(errorOf(() => create(shape, 1, [1, 2, 3])), /shape must be an array/);
  }
  for (
    const shape of [[-1], [1.5], [NaN], [Infinity], ["3"], [null], [2 ** 60], [3n], [{}]]
  ) {
    assertMatch(errorOf(() => create(shape, 1, [1, 2, 3])), /shape takes whole numbers/);
  }
  assertMatch(
    errorOf(() => create(Array(65).fill(1), 1, [1])),
    /at most 64 axes, got 65/,
  );
  assertMatch(errorOf(() => create([2 ** 40, 2 ** 40], 1, [])), /at most \d+ elements/);
  assertMatch(
    errorOf(() => create([2 ** 52, 2 ** 52, 0], 1, [])),
    /at most \d+ elements/,
  );
});

Deno.test("createTensor() refuses values of another number than the shape's", () => {
  assertMatch(
    errorOf(() => create([2], 1, [1, 2, 3])),
    /float32 tensor \[2\] needs 2 values, got 3/,
  );
  assertMatch(
    errorOf(() => create([2 ** 40], 1, [1])),
    /needs 1099511627776 values, got 1/,
  );
  assertMatch(
    errorOf(() => create([2], 8, new Float32Array(2))),
    /complex64 .*needs 2 values/,
  );
  assertMatch(
    errorOf(() => create([2], 7, [new Uint8Array(1)])),
    /string .*needs 2 values, got 1/,
  );
  assertMatch(
    errorOf(() => create([0], 7, [new Uint8Array(1)])),
    /string .*needs 0 values, got 1/,
  );
});

Deno.test("createTensor() refuses values of another kind than the type's", () => {
  for (const values of [undefined, null, 5, "abc", () => 0, {}]) {
    assertMatch(errorOf(() => create([3], 1, values)), /takes an array of values/);
  }
  assertMatch(errorOf(() => create([1], 1, [2n])), /cannot take .*BigInt/);
  assertMatch(errorOf(() => create([1], 1, [Symbol("s")])), /cannot take/);
  assertMatch(errorOf(() => create([1], 1, { length: 1e15 })), /cannot take/);
  assertMatch(errorOf(() => create([1], 9, [1])), /int64/);
  assertMatch(errorOf(() => create([1], 1, new BigInt64Array(1))), /cannot take/);
  assertMatch(errorOf(() => create([1], 7, ["text"])), /takes bytes, got "text" at 0/);
  assertMatch(
    errorOf(() => create([1], 7, new Float32Array(1))),
    /takes bytes, got 0 at 0/,
  );
  for (const type of [undefined, null, "float32", 0, -1, 99, NaN, 20, 21]) {
    assertMatch(errorOf(() => create([1], type, [1])), /tensor of/);
  }
});

Deno.test("createTensor() copies: later changes of the array or shape do not matter", () => {
  const shape = [2];
  const values = new Float32Array([1, 2]);
  const id = create(shape, 1, values);
  shape[0] = 2 ** 40;
  values[0] = 9;
  assertEquals([...binding.tensorDataSync(id) as Float32Array], [1, 2]);
  binding.deleteTensor(id);
});

Deno.test("tensorDataSync() gives strings, bools and empty tensors back", () => {
  assertEquals(binding.tensorDataSync(texts), [
    new Uint8Array([104, 105]),
    new Uint8Array(0),
  ]);
  const bools = create([3], DataType.bool, new Uint8Array([0, 1, 255]));
  assertEquals([...binding.tensorDataSync(bools) as Uint8Array], [0, 1, 1]);
  const empty = create([0, 3], DataType.float32, []);
  assertEquals(binding.tensorDataSync(empty).length, 0);
  const noTexts = create([0], DataType.string, []);
  assertEquals(binding.tensorDataSync(noTexts), []);
  for (const id of [bools, empty, noTexts]) binding.deleteTensor(id);
});

Deno.test("tensorDataSync() refuses what is no tensor, and what has no values", () => {
  const read = binding.tensorDataSync as (id: unknown) => unknown;
  for (const id of [undefined, null, {}, "1", NaN, -1, 0, 1e9, 1n]) {
    assertMatch(errorOf(() => read(id)), /was disposed/);
  }
  const [resource] = execute(
    "VarHandleOp",
    [
      { name: "dtype", type: AttributeKind.type, value: 1 },
      { name: "shape", type: AttributeKind.shape, value: [3] },
    ],
    [],
    1,
  );
  assertMatch(errorOf(() => read(resource!.id)), /resource/);
  binding.deleteTensor(resource!.id);
});

Deno.test("deleteTensor() ignores what is no tensor", () => {
  const before = handleCount();
  const remove = binding.deleteTensor as (id: unknown) => void;
  for (const id of [undefined, null, {}, "1", NaN, -1, 1e9]) remove(id);
  const id = floats([1], [1]);
  remove(id);
  remove(id);
  assertEquals(handleCount(), before);
});

Deno.test("executeOp() names an operation that there is not", () => {
  for (const name of ["", "NoSuchOp", "Add\0V2", "AddV2 ", undefined, null, 5, {}]) {
    assertMatch(
      errorOf(() => execute(name, [], [x, x], 1)),
      /TensorFlow has no operation/,
    );
  }
  assertMatch(
    errorOf(() => execute("Abort", [], [], 0)),
    /Abort is refused: it ends the process/,
  );
  assertMatch(errorOf(() => execute("LSTMBlockCell", [], [], 7)), /refused/);
});

Deno.test("executeOp() names the operation and the input that is wrong", () => {
  const disposed = floats([1], [1]);
  binding.deleteTensor(disposed);
  for (const id of [disposed, undefined, null, {}, "1", NaN, -1, 2 ** 60]) {
    assertMatch(
      errorOf(() => execute("AddV2", [], [x, id], 1)),
      /^AddV2: input 1 .* disposed/,
    );
  }
  for (const inputs of [[], [x], [x, x, x]]) {
    assertMatch(
      errorOf(() => execute("AddV2", [], inputs, 1)),
      /AddV2 takes the inputs x, y; got/,
    );
  }
  for (const inputs of [undefined, null, x, "ab", { length: 2 }]) {
    assertMatch(
      errorOf(() => execute("AddV2", [], inputs, 1)),
      /AddV2: inputs must be an array/,
    );
  }
  assertMatch(
    errorOf(() => execute("AddV2", [], [x, texts], 1)),
    /^AddV2: .*float.*string/,
  );
  assertMatch(errorOf(() => execute("MatMul", [], [texts, texts], 1)), /^MatMul: /);
  assertMatch(errorOf(() => execute("MatMul", [], [x, x], 1)), /^MatMul: /);
});

Deno.test("executeOp() names the attribute that is wrong", () => {
  const pack = (attributes: unknown) =>
    errorOf(() => execute("Pack", attributes, [x, x], 1));
  assertMatch(pack([int("nope", 1)]), /Pack has no attribute "nope"; it has: N, T, axis/);
  assertMatch(pack([int("N\0", 2)]), /Pack has no attribute/);
  assertMatch(
    pack([int("axis", 0), int("axis", 0)]),
    /Pack: attribute "axis" was given twice/,
  );
  assertMatch(pack([text("axis", "0")]), /attribute "axis" is of kind int, not string/);
  assertMatch(pack([{ name: "axis", type: 77, value: 1 }]), /is of kind int, not 77/);
  for (
    const value of [0.5, NaN, Infinity, 2 ** 60, 2n ** 64n, "1", null, undefined, {}, [0]]
  ) {
    assertMatch(
      pack([int("axis", value)]),
      /Pack: attribute "axis" takes a whole number/,
    );
  }
  for (const attribute of [null, undefined, 5, {}]) {
    assertMatch(pack([attribute]), /Pack has no attribute/);
  }
  for (const attributes of [undefined, null, {}, 5, "N"]) {
    assertMatch(pack(attributes), /Pack: attributes must be an array/);
  }
  for (const count of [-3, 0]) {
    assertMatch(
      pack([int("N", count)]),
      /Pack: attribute "N" takes a whole number from 1/,
    );
  }
  for (const count of [1, 3, 1e9]) {
    assertMatch(pack([int("N", count)]), /Pack takes the inputs values; got 2/);
  }
});

Deno.test("executeOp() checks attributes of every kind", () => {
  const convolve = (...attributes: Attribute[]) =>
    errorOf(() => execute("Conv2D", attributes, [x, x], 1));
  assertMatch(convolve(), /Conv2D needs the attribute "strides" \(list\(int\)\)/);
  assertMatch(convolve(int("strides", 1)), /"strides" takes a list, got 1/);
  assertMatch(convolve(int("strides", [1, "a"])), /"strides" takes a whole number/);
  const strides = int("strides", [1, 1, 1, 1]);
  assertMatch(convolve(strides, text("padding", 5)), /"padding" takes a text, got 5/);
  const same = text("padding", "SAME");
  assertMatch(convolve(strides, same), /^Conv2D: input 0 must have 4 axes, got \[3\]/);
  const map = floats([1, 1, 1, 1], [1]);
  const mapped = (...attributes: Attribute[]) =>
    errorOf(() => execute("Conv2D", attributes, [map, map], 1));
  assertMatch(mapped(strides, text("padding", "A\0B")), /^Conv2D: .*padding/);
  assertMatch(mapped(int("strides", [1]), same), /^Conv2D: strides must have 4 numbers/);
  const cast = (value: unknown) =>
    errorOf(() =>
      execute("Cast", [{ name: "DstT", type: AttributeKind.type, value }], [x], 1)
    );
  for (const value of [0, -1, 77, 1.5, "float", null]) {
    assertMatch(cast(value), /"DstT" takes a TensorFlow element type/);
  }
  assertMatch(
    errorOf(() => execute("Cast", [], [x], 1)),
    /Cast needs the attribute "DstT"/,
  );
  const placeholder = (value: unknown) =>
    errorOf(() =>
      execute(
        "Placeholder",
        [
          { name: "dtype", type: AttributeKind.type, value: 1 },
          { name: "shape", type: AttributeKind.shape, value },
        ],
        [],
        1,
      )
    );
  for (const value of [[-2], [2 ** 40, 2 ** 40], Array(70).fill(1), [1.5], 3, "3"]) {
    assertMatch(placeholder(value), /attribute "shape" takes a (shape|list)/);
  }
});

Deno.test("executeOp() checks the number of outputs before TensorFlow writes them", () => {
  for (const count of [0, 2, 4096]) {
    assertMatch(
      errorOf(() => execute("AddV2", [], [x, x], count)),
      /AddV2 has 1 outputs, \d+ were asked for/,
    );
  }
  for (const count of [-1, 0.5, NaN, 1e9, undefined, "1"]) {
    assertMatch(
      errorOf(() => execute("AddV2", [], [x, x], count)),
      /AddV2: the number of outputs must be a whole number/,
    );
  }
  const unpack = (num: number, count: number) =>
    errorOf(() => execute("Unpack", [int("num", num)], [x], count));
  assertMatch(unpack(3, 2), /Unpack has 3 outputs, 2 were asked for/);
  assertMatch(unpack(5, 5), /^Unpack: /);
  assertMatch(unpack(1e9, 1e9), /must be a whole number up to/);
  assertMatch(unpack(-1, -1), /must be a whole number/);
});

Deno.test("executeOp() turns values out of range into errors", () => {
  const huge = integers([2], [2 ** 20, 2 ** 20]);
  const one = floats([], [1]);
  assertMatch(errorOf(() => execute("Fill", [], [huge, one], 1)), /^Fill: OOM/);
  const index = integers([1], [7]);
  assertMatch(
    errorOf(() => execute("GatherV2", [], [x, index, scalar], 1)),
    /not in \[0, 3\)/,
  );
  const dims = integers([1], [-5]);
  assertMatch(errorOf(() => execute("Reshape", [], [x, dims], 1)), /^Reshape: /);
  const zero = integers([1], [0]);
  assertMatch(
    errorOf(() => execute("FloorDiv", [], [index, zero], 1)),
    /division by zero/,
  );
  const limits = [floats([], [0]), floats([], [NaN]), one];
  assertMatch(errorOf(() => execute("Range", [], limits, 1)), /^Range: /);
  for (const id of [huge, one, index, dims, zero, ...limits]) binding.deleteTensor(id);
});

Deno.test("executeOp() takes lists of tensors, but none that is empty", () => {
  const [first, second] = execute("IdentityN", [], [x, texts], 2);
  assertEquals([first!.shape, second!.shape], [[3], [2]]);
  const [joined] = execute("ConcatV2", [], [x, x, scalar], 1);
  assertEquals(joined!.shape, [6]);
  for (const { id } of [first!, second!, joined!]) binding.deleteTensor(id);
  assertMatch(
    errorOf(() => execute("ConcatV2", [], [scalar], 1)),
    /ConcatV2: values takes at least 2 tensors, got 0/,
  );
  assertMatch(
    errorOf(() => execute("Pack", [], [], 1)),
    /Pack: values takes at least 1 tensors, got 0/,
  );
});

Deno.test("executeOp() refuses the inputs on which TensorFlow would end the process", () => {
  const matrix = floats([2, 3], [1, 2, 3, 4, 5, 6]);
  const index = integers([3], [0, 1, 2]);
  assertMatch(
    errorOf(() =>
      execute("GatherV2", [int("batch_dims", 5)], [matrix, index, scalar], 1)
    ),
    /GatherV2: batch_dims is 5, for inputs of 2 and 1 axes/,
  );
  assertMatch(
    errorOf(() => execute("TensorScatterUpdate", [], [x, index, matrix], 1)),
    /TensorScatterUpdate: the last axis of indices/,
  );
  for (const lengths of [[0, 2], [-1, 2]]) {
    const sizes = integers([2], lengths);
    assertMatch(
      errorOf(() => execute("RFFT2D", [], [matrix, sizes], 1)),
      /RFFT2D: fft_length must be above 0, got \[/,
    );
    binding.deleteTensor(sizes);
  }
  // An axis more at every step: TensorFlow fails a CHECK at 255.
  let id = floats([1], [1]);
  const message = errorOf(() => {
    for (let step = 0; step < 300; step++) {
      const next = execute("ExpandDims", [], [id, scalar], 1)[0]!.id;
      binding.deleteTensor(id);
      id = next;
    }
  });
  assertMatch(message, /A result has 65 axes; the engine takes at most 64/);
  for (const used of [matrix, index, id]) binding.deleteTensor(used);
});

Deno.test("executeOp() leaves no handle behind when it fails, and works after it", () => {
  const before = handleCount();
  for (let round = 0; round < 50; round++) {
    assertThrows(() => execute("MatMul", [], [x, x], 1));
    assertThrows(() => execute("Unpack", [int("num", 3)], [x], 2));
    assertThrows(() => create([2], 1, [1]));
  }
  assertEquals(handleCount(), before);
  const [sum] = execute("AddV2", [], [x, x], 1);
  assertEquals([...binding.tensorDataSync(sum!.id) as Float32Array], [2, 4, 6]);
  binding.deleteTensor(sum!.id);
  // An old error must not come up again in a call that does not report one of its own.
  assertEquals(typeof binding.isUsingGpuDevice(), "boolean");
});
