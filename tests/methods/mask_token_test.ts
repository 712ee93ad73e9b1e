import { assertEquals, assertThrows } from "@std/assert";
import type { MapBackbone } from "../../lib/backbones/mod.ts";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { maskFromCells } from "../../lib/maskers/mod.ts";
import { type MaskToken, maskToken } from "../../lib/methods/mod.ts";
import { describeParameters, initializeParameters, scope } from "../../lib/nn/scope.ts";
import { tinyBackbones } from "./map_backbones.ts";

const backbone = {
  ...tinyBackbones.vit,
  ...{ imageSize: 2, patchSize: 1, width: 2 },
} as const;

/** What becomes of a map of four cells, the second masked, whose channels are 1 and 2. */
function changed(
  placed: MaskToken,
  loss: (after: Tensor) => Tensor = (after) => after.sum(),
): { after: number[]; slope: number[] } {
  return tf.tidy(() => {
    const parameters = {
      mask_token: tf.tensor3d([[[10, 20]]]),
      mask_gamma: tf.tensor1d([0.5, 3]),
    };
    const mask = maskFromCells(tf.tensor2d([[0, 1, 0, 0]]), 1);
    const images = tf.zeros([1, 2, 2, 3]);
    const { between, sight } = maskToken(
      scope(parameters),
      images,
      mask,
      backbone,
      placed,
    );
    const map = tf.tensor2d([[1, 2]]).tile([4, 1]).reshape([1, 2, 2, 2]);
    assertThrows(() => sight(), Error, "waits for the backbone");
    assertEquals(between(map, placed.layer + 1), map);
    const after = between(map, placed.layer);
    assertEquals(sight().before, map);
    assertEquals(sight().after, after);
    const slope = tf.grad((map: Tensor) => loss(between(map, placed.layer)))(map);
    return { after: Array.from(after.dataSync()), slope: Array.from(slope.dataSync()) };
  });
}

Deno.test("maskToken() replaces masked cells, and lets no gradient through there", () => {
  assertEquals(changed({ kind: "replace", layer: 1 }), {
    after: [1, 2, 10, 20, 1, 2, 1, 2],
    slope: [1, 1, 0, 0, 1, 1, 1, 1],
  });
});

Deno.test("maskToken() adds to masked cells", () => {
  assertEquals(changed({ kind: "add", layer: 0 }), {
    after: [1, 2, 11, 22, 1, 2, 1, 2],
    slope: [1, 1, 1, 1, 1, 1, 1, 1],
  });
});

Deno.test("maskToken() scales masked cells channel by channel before it adds", () => {
  assertEquals(changed({ kind: "add", layer: 0, scale: 1e-6 }), {
    after: [1, 2, 10.5, 26, 1, 2, 1, 2],
    slope: [1, 1, 0.5, 3, 1, 1, 1, 1],
  });
});

Deno.test("maskToken() with detach lets no gradient through masked cells", () => {
  for (const scale of [{}, { scale: 1e-6 }]) {
    const { slope } = changed({ kind: "add", layer: 0, detach: true, ...scale });
    assertEquals(slope, [1, 1, 0, 0, 1, 1, 1, 1]);
  }
});

const forms: Record<MapBackbone["kind"], [string, number[], string][]> = {
  vit: [["mask_token", [1, 1, 16], "plain"], ["mask_gamma", [16], "plain"]],
  swin: [["mask_token", [1, 1, 16], "plain"], ["mask_gamma", [16], "plain"]],
  resnet: [["mask_token", [1, 1, 1, 16], "map"], ["mask_gamma", [1, 1, 1, 16], "map"]],
  convnext: [["mask_token", [1, 1, 1, 16], "map"], ["mask_gamma", [1, 1, 1, 16], "map"]],
};

for (const backbone of Object.values<MapBackbone>(tinyBackbones)) {
  Deno.test(`maskToken() has openmixup's parameters for a ${backbone.kind}`, () => {
    const specifications = describeParameters((scope, input) => {
      const cells = input({ shape: [1, 1] });
      const mask = maskFromCells(cells, 1);
      const images = input({ shape: [1, 32, 32, 3] });
      const placed = { kind: "add", layer: 0, scale: 0.25 } as const;
      const { between } = maskToken(scope, images, mask, backbone, placed);
      const side = { vit: 4, resnet: 8, convnext: 8, swin: 8 }[backbone.kind];
      between(input({ shape: [1, side, side, 16] }), 0);
    });
    const described = [...specifications].map((
      [name, { shape, layout }],
    ) => [name, shape, layout]);
    assertEquals(described, forms[backbone.kind]);
    tf.tidy(() => {
      const values = initializeParameters(specifications, randomKey(0));
      assertEquals(new Set(values["mask_gamma"]!.dataSync()), new Set([0.25]));
      const drawn = values["mask_token"]!.abs().max().dataSync()[0]!;
      assertEquals(drawn > 0, backbone.kind !== "convnext");
    });
  });
}
