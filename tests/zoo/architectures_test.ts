import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { countParameters } from "../../lib/analysis/complexity.ts";
import { describeParameters } from "../../lib/nn/scope.ts";
import { architecture, forwardOf } from "../../lib/zoo/architectures/mod.ts";
import { elementSizes } from "../../lib/zoo/element_types.ts";
import { withoutDerivedBuffers } from "../../lib/zoo/key_maps/derived_buffers.ts";
import { applyKeyMap } from "../../lib/zoo/key_maps/key_map.ts";
import { referenceShape } from "../../lib/zoo/layout.ts";
import type { StoredTensor } from "../../lib/zoo/safetensors.ts";
import { manifest, manifestCounts, manifestNames } from "../manifests/manifest.ts";

/** A tensor of nothing but its shape, for maps that move whole tensors. */
function empty(shape: number[]): StoredTensor {
  const length = shape.reduce((product, axis) => product * axis, 1);
  return { shape, dtype: "U8", data: new Uint8Array(elementSizes.U8 * length) };
}

for (const name of await manifestNames()) {
  Deno.test(`${name} has the reference's parameters, in name, shape and number`, async () => {
    const model = architecture(name);
    const specifications = describeParameters(forwardOf(model));

    const stored = new Map(
      [...await manifest(name)].filter(([key]) =>
        withoutDerivedBuffers(key) !== undefined
      )
        .map(([key, shape]) => [key, empty(shape)]),
    );
    const tensors = model.keyMap === undefined
      ? stored
      : applyKeyMap(model.keyMap, stored);
    const expected = [...tensors].map(([key, { shape }]) => [key, shape] as const);
    const described = [...specifications].map(([key, { shape, layout }]) =>
      [key, referenceShape(shape, layout)] as const
    );
    assertEquals(new Map(described.sort()), new Map(expected.sort()));

    assertEquals(countParameters(specifications), await manifestCounts(name));
  });
}

Deno.test("every manifest is walked", async () => {
  assertGreater((await manifestNames()).length, 12);
});

Deno.test("architecture() answers an unknown name with the nearest and all known ones", () => {
  const message = assertThrows(
    () => architecture("milan-oficial-pretrain-vit-base-p16"),
    Error,
    'did you mean "milan-official-pretrain-vit-base-p16"?',
  ).message;
  assertEquals(message.includes("clip-openai-vit-b-16"), true);
  assertThrows(() => architecture("constructor"), Error, 'no architecture "constructor"');
});
