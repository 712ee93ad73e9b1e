import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { jit, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { mixMask, mixMaskFromNoise } from "../../lib/maskers/mix.ts";

function row(tensor: Tensor): number[] {
  assertEquals(tensor.shape[0], 1);
  return [...tensor.dataSync()];
}

Deno.test("mixMaskFromNoise() takes the cells of the lowest noise from the partner", () => {
  tf.tidy(() => {
    const noise = tf.tensor2d([[0.4, 0.1, 0.3, 0.2, 0.5]]);
    const { mask, removed, visible, restore } = mixMaskFromNoise(noise, {
      maskRatio: 0.5,
    });
    assertEquals(row(mask), [0, 1, 0, 1, 0]); // int(5 · 0.5) = 2
    assertEquals(row(removed), [1, 3]);
    assertEquals(row(visible), [2, 0, 4]);
    assertEquals(row(restore), [1, 3, 0, 4, 2]);
  });
});

for (const [length, maskRatio, count] of [[49, 0.5, 24], [49, 0.6, 29], [9, 0.99, 8]]) {
  Deno.test(`mixMask() takes ${count} of ${length} cells at ${maskRatio}`, () => {
    tf.tidy(() => {
      const options = { length: length!, maskRatio: maskRatio! };
      const { mask, visible, removed, restore } = mixMask(randomKey(0), options);
      const [flags, seen, gone, places] = [mask, visible, removed, restore].map(row) as [
        ...[number[], number[], number[], number[]],
      ];
      assertEquals(
        flags.map((flag, cell) => flag === 1 ? cell : -1).filter((c) => c >= 0),
        [
          ...gone,
        ].sort((a, b) => a - b),
      );
      assertEquals(gone.length, count);
      const order = [...seen, ...gone];
      assertEquals(places.map((place) => order[place]), [...Array(length).keys()]);
    });
  });
}

Deno.test("mixMask() differs between keys, and not for the same key", () => {
  tf.tidy(() => {
    const [a, b, c] = [0, 0, 1].map((seed) =>
      row(mixMask(randomKey(seed), { length: 49, maskRatio: 0.5 }).mask)
    );
    assertEquals(a, b);
    assertNotEquals(a, c);
  });
});

Deno.test("mixMask() with a range varies the number of cells, also in a compiled step", async () => {
  const options = { length: 100, maskRatio: 0.5, rangeMaskRatio: 0.2 };
  const draw = jit(({ key }: { key: Tensor }) => {
    const { mask, removed } = mixMask(key, options);
    return { count: mask.sum(), listed: tf.scalar(removed.shape[1]!) };
  }, { compiler: "graph" });
  const counts = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const key = randomKey(seed);
    const { count, listed } = await draw({ key });
    counts.add(count.dataSync()[0]!);
    assertEquals(listed.dataSync()[0], 50);
    tf.dispose([key, count, listed]);
  }
  assert(counts.size > 5, `${[...counts]}`);
  assert([...counts].every((count) => count >= 50 && count < 70), `${[...counts]}`);
});

Deno.test("mixMask() refuses ratios that take nothing or everything", () => {
  const run = (maskRatio: number, rangeMaskRatio = 0) => () =>
    tf.tidy(() => mixMask(randomKey(0), { length: 4, maskRatio, rangeMaskRatio }).mask);
  for (const ratio of [0, 1, -0.5, 1.5, NaN]) {
    assertThrows(run(ratio), Error, `between 0 and 1, got ${ratio}`);
  }
  assertThrows(run(0.1), Error, "takes none of the 4 cells");
  for (const range of [-0.1, 0.5, NaN]) {
    assertThrows(run(0.5, range), Error, `got ${range} with a maskRatio of 0.5`);
  }
});
