import { assertEquals, assertThrows } from "@std/assert";
import { linear } from "../../lib/nn/linear.ts";
import { describeParameters } from "../../lib/nn/scope.ts";
import { loadParameters } from "../../lib/zoo/load_parameters.ts";
import type { StoredTensor } from "../../lib/zoo/safetensors.ts";

const specifications = describeParameters((scope, input) =>
  linear(scope.at("head"), input({ shape: [1, 3] }), 2)
);

function stored(shape: number[]): StoredTensor {
  const length = shape.reduce((product, axis) => product * axis, 1);
  const data = Float32Array.from({ length }, (_, index) => index);
  return { shape, dtype: "F32", data };
}

const fitting = new Map([["head.weight", stored([2, 3])], ["head.bias", stored([2])]]);

Deno.test("loadParameters() makes parameters in the kit's layout", () => {
  const { parameters, report } = loadParameters(specifications, fitting);
  assertEquals(parameters["head.weight"]!.arraySync(), [[0, 3], [1, 4], [2, 5]]);
  assertEquals(parameters["head.bias"]!.arraySync(), [0, 1]);
  assertEquals(report, {
    matched: ["head.weight", "head.bias"],
    missing: [],
    unexpected: [],
    wrongShape: [],
    resized: [],
  });
});

const wrong = new Map([["head.weight", stored([3, 2])], ["extra", stored([1])]]);

Deno.test("loadParameters() refuses what does not fit, and says all of it", () => {
  assertThrows(
    () => loadParameters(specifications, wrong),
    Error,
    "The checkpoint does not fit the model: 1 missing: head.bias; 1 unexpected: extra; " +
      "1 of another shape: head.weight (is [3,2], the model needs [2,3])",
  );
});

Deno.test("loadParameters() with strict: false loads what fits and reports the rest", () => {
  const some = new Map([...wrong, ["head.bias", stored([2])]]);
  const { parameters, report } = loadParameters(specifications, some, { strict: false });
  assertEquals(Object.keys(parameters), ["head.bias"]);
  assertEquals(report, {
    matched: ["head.bias"],
    missing: [],
    unexpected: ["extra"],
    wrongShape: [{ name: "head.weight", stored: [3, 2], expected: [2, 3] }],
    resized: [],
  });
});

Deno.test("loadParameters() renames, and leaves out what has no name", () => {
  const named = new Map([
    ...[...fitting].map(([name, tensor]) => [`model.${name}`, tensor] as const),
    ["optimizer.step", stored([1])] as const,
  ]);
  const rename = (name: string) => /^model\.(.*)$/.exec(name)?.[1];
  const { report } = loadParameters(specifications, named, { rename });
  assertEquals(report.matched, ["head.weight", "head.bias"]);
  assertEquals(report.unexpected, []);
});

Deno.test("loadParameters() refuses two tensors for one parameter", () => {
  const doubled = new Map([...fitting, ["module.head.bias", stored([2])]]);
  const rename = (name: string) => name.replace("module.", "");
  assertThrows(
    () => loadParameters(specifications, doubled, { rename }),
    Error,
    "The tensors head.bias and module.head.bias both stand for head.bias",
  );
});

Deno.test("loadParameters() refuses a checkpoint of which nothing fits even with strict: false", () => {
  const load = (tensors: Map<string, StoredTensor>) =>
    loadParameters(specifications, tensors, { strict: false });
  assertThrows(
    () => load(new Map([["extra", stored([1])]])),
    Error,
    "The checkpoint has none of the model's parameters, such as head.weight: its first is extra",
  );
  assertThrows(() => load(new Map()), Error, "such as head.weight: it is empty");
  assertThrows(
    () => load(new Map([["head.bias", stored([5])]])),
    Error,
    "Nothing of the checkpoint fits the model: head.bias is [5], the model needs [2]",
  );
});
