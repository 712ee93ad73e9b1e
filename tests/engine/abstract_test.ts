import { assert, assertEquals } from "@std/assert";
import { abstractly, fused, type RecordedOperation, tf } from "../../lib/engine/mod.ts";

Deno.test("abstractly() tells a watcher of every input and operation, in order", () => {
  const told: RecordedOperation[] = [];
  const { operations } = abstractly((input) => {
    const x = input({ shape: [2, 3], name: "x" });
    tf.matMul(x, input({ shape: [4, 3] }), false, true).relu();
  }, (operation) => told.push(operation));
  assertEquals(told.slice(0, 2).map(({ kind, name }) => [kind, name]), [
    ["input", "x"],
    ["input", "input"],
  ]);
  const product = told.find(({ name }) => name === "BatchMatMulV2")!;
  assertEquals(product.attributes.get("adj_y"), true);
  assertEquals(product.outputs.map(({ shape }) => shape), [[2, 4]]);
  assertEquals(
    told.filter(({ kind }) => kind === "operation").length,
    [...operations].filter(([name]) => !/^(Placeholder|Const)$/.test(name))
      .reduce((sum, [, count]) => sum + count, 0),
  );
});

Deno.test("abstractly() shows a watcher one object for a tensor wherever it occurs", () => {
  const told: RecordedOperation[] = [];
  abstractly(
    (input) => input({ shape: [2] }).exp().square(),
    (operation) => told.push(operation),
  );
  const [input, exponential, square] = told;
  assert(exponential!.inputs[0] === input!.outputs[0]);
  assert(square!.inputs[0] === exponential!.outputs[0]);
});

Deno.test("abstractly() tells a watcher of a fused function after what it is made of", () => {
  const told: RecordedOperation[] = [];
  abstractly(
    (input) =>
      fused("softplus", ([x]) => [x!.exp().add(1).log()], [input({ shape: [3] })]),
    (operation) => told.push(operation),
  );
  const last = told.at(-1)!;
  assertEquals([last.kind, last.name], ["fused", "softplus"]);
  assert(last.inputs[0] === told[0]!.outputs[0]);
  assert(last.outputs[0] === told.find(({ name }) => name === "Log")!.outputs[0]);
});
