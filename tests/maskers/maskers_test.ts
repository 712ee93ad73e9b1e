import {
  assert,
  assertEquals,
  assertGreater,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  keptCount,
  type Mask,
  maskFromNoise,
  maskFromOrder,
  randomMask,
  semanticMask,
  semanticOrder,
} from "../../lib/maskers/mod.ts";

function rows(tensor: Tensor): number[][] {
  return tensor.arraySync() as number[][];
}

/** Every patch once, and all forms of the mask say the same. */
function assertConsistent({ visible, removed, restore, mask }: Mask, kept: number): void {
  const [seen, gone, places, flags] = [visible, removed, restore, mask].map(rows) as [
    ...[number[][], number[][], number[][], number[][]],
  ];
  seen.forEach((indices, image) => {
    assertEquals(indices.length, kept);
    const order = [...indices, ...gone[image]!];
    const length = order.length;
    assertEquals(order.toSorted((a, b) => a - b), [...Array(length).keys()]);
    assertEquals(places[image]!.map((place) => order[place]), [...Array(length).keys()]);
    const expected = [...Array(length).keys()].map((patch) =>
      indices.includes(patch) ? 0 : 1
    );
    assertEquals(flags[image], expected);
  });
}

for (
  const [length, maskRatio, kept] of [[49, 0.75, 12], [16, 0.5, 8], [
    196,
    0.6,
    78,
  ]] as const
) {
  Deno.test(`masks of ${length} patches at ${maskRatio} hold every patch once, ${kept} kept`, () => {
    tf.tidy(() => {
      assertEquals(keptCount(length, maskRatio), kept);
      assertConsistent(randomMask(randomKey(0), { batch: 5, length, maskRatio }), kept);
      const importance = tf.randomUniform([5, length], 0.001, 1, "float32", 1);
      assertConsistent(semanticMask(randomKey(0), importance, maskRatio), kept);
    });
  });
}

Deno.test("masks differ between images and keys, and not for the same key", () => {
  tf.tidy(() => {
    const options = { batch: 3, length: 49, maskRatio: 0.75 };
    const [a, b, c] = [0, 0, 1].map((seed) =>
      rows(randomMask(randomKey(seed), options).visible)
    ) as [number[][], number[][], number[][]];
    assertEquals(a, b);
    assertNotEquals(a, c);
    assertNotEquals(a[0], a[1]);
  });
});

Deno.test("maskFromNoise() keeps the patches of low noise, lowest first", () => {
  tf.tidy(() => {
    const { visible, mask } = maskFromNoise(tf.tensor2d([[0.4, 0.1, 0.3, 0.2]]), 0.5);
    assertEquals(rows(visible), [[1, 3]]);
    assertEquals(rows(mask), [[1, 0, 1, 0]]);
  });
});

Deno.test("semanticOrder() draws all patches equally often where importance is equal", () => {
  tf.tidy(() => {
    const draws = 4000;
    const first = semanticOrder(randomKey(2), tf.ones([draws, 4])).slice([0, 0], [-1, 1]);
    const counts = [0, 0, 0, 0];
    for (const patch of first.dataSync()) counts[patch]!++;
    // Five standard deviations of a binomial count.
    const spread = 5 * Math.sqrt(draws * 0.25 * 0.75);
    for (const times of counts) assert(Math.abs(times - draws / 4) < spread, `${counts}`);
  });
});

Deno.test("semanticOrder() draws first in proportion to importance", () => {
  tf.tidy(() => {
    const draws = 4000;
    const importance = tf.tile(tf.tensor2d([[0.6, 0.3, 0.1]]), [draws, 1]);
    const first = semanticOrder(randomKey(3), importance).slice([0, 0], [-1, 1])
      .dataSync();
    [0.6, 0.3, 0.1].forEach((share, patch) => {
      const times = first.filter((drawn) => drawn === patch).length;
      const spread = 5 * Math.sqrt(draws * share * (1 - share));
      assert(Math.abs(times - draws * share) < spread, `${times} of patch ${patch}`);
    });
  });
});

Deno.test("semanticMask() keeps patches of no importance last, and still each once", () => {
  tf.tidy(() => {
    const importance = tf.tile(tf.tensor2d([[0, 0.5, 0, 0.5, 0, 0, 0, 0]]), [200, 1]);
    const mask = semanticMask(randomKey(4), importance, 0.75);
    assertConsistent(mask, 2);
    for (const kept of rows(mask.visible)) {
      assertEquals(kept.toSorted((a, b) => a - b), [1, 3]);
    }
  });
});

Deno.test("masks refuse ratios that leave nothing to see or to predict", () => {
  for (const ratio of [0, 1, -0.1, 1.5, NaN]) {
    assertThrows(() => keptCount(49, ratio), Error, `between 0 and 1, got ${ratio}`);
  }
  assertThrows(() => keptCount(4, 0.9), Error, "leaves none of the 4 patches");
  tf.tidy(() => {
    const order = tf.tensor2d([[0, 1, 2]], [1, 3], "int32");
    assertThrows(() => maskFromOrder(order, 1), Error, "maskRatio must lie between");
  });
  assertGreater(keptCount(4, 0.74), 0);
});
