import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  patchCount,
  vit,
  type VitConfiguration,
  vitVariant,
} from "../../lib/backbones/vit.ts";
import { randomKey, tf } from "../../lib/engine/mod.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";

const tiny: VitConfiguration = {
  ...{ imageSize: 16, patchSize: 4, channels: 3, width: 8, depth: 2, heads: 2 },
};

function tinyParameters() {
  const specifications = describeParameters((scope, input) =>
    vit(scope, input({ shape: [1, 16, 16, 3] }), tiny)
  );
  return initializeParameters(specifications, randomKey(0));
}

Deno.test("vit() names its tokens, blocks and attention", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([2, 16, 16, 3]);
    const { tokens, blocks, attention } = vit(scope(tinyParameters()), images, tiny);
    assertEquals(tokens.shape, [2, 17, 8]);
    assertEquals(blocks.map(({ shape }) => shape), [[2, 17, 8], [2, 17, 8]]);
    assertEquals(attention.shape, [2, 2, 17, 17]);
    assertEquals(blocks[1]!.dataSync(), tokens.dataSync());
  });
});

Deno.test("vit() on visible patches alone knows where they are", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([1, 16, 16, 3]);
    const parameters = scope(tinyParameters());
    const patches = (...order: number[]) =>
      vit(parameters, images, tiny, tf.tensor2d([order], [1, order.length], "int32"))
        .tokens;
    const all = [...Array(16).keys()];
    const complete = vit(parameters, images, tiny).tokens.dataSync();
    patches(...all).dataSync().forEach((value, place) =>
      assertAlmostEquals(value, complete[place]!, 1e-5)
    );
    // Attention does not care for the order: the class token is the same, the patches move.
    const [one, other] = [
      patches(3, 9, 12).arraySync(),
      patches(12, 3, 9).arraySync(),
    ] as [
      number[][][],
      number[][][],
    ];
    for (const [a, b] of [[0, 0], [1, 2], [2, 3], [3, 1]] as const) {
      one[0]![a]!.forEach((value, place) =>
        assertAlmostEquals(value, other[0]![b]![place]!, 1e-5)
      );
    }
  });
});

Deno.test("vit() takes images of another size, and refuses parts of patches", () => {
  tf.tidy(() => {
    const parameters = scope(tinyParameters());
    assertEquals(vit(parameters, tf.zeros([1, 24, 16, 3]), tiny).tokens.shape, [
      1,
      25,
      8,
    ]);
    assertThrows(() => vit(parameters, tf.zeros([1, 18, 16, 3]), tiny), Error, "18");
  });
});

Deno.test("vitVariant() reads a size and a patch, and names the known ones", () => {
  assertEquals(patchCount(vitVariant("B/16", 224)), 196);
  assertEquals(vitVariant("tiny/4", 28).width, 128);
  const wrong = (name: string) => () => vitVariant(name as "B/16", 224);
  assertThrows(wrong("XL/16"), Error, 'Unknown ViT "XL/16"');
  assertThrows(wrong("B/x"), Error, "tiny, S, S768, B, L, H");
  assertThrows(wrong("B/15"), Error, "224");
});
