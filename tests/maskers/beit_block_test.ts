import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { jit, type Key, randomKey, tf } from "../../lib/engine/mod.ts";
import { beitBlockMask, beitCells, blockDraws } from "../../lib/maskers/mod.ts";

/** Numbers in [0, 1), the same for the same seed (Park & Miller 1988). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = state * 48271 % 2147483647;
    return state / 2147483647;
  };
}

Deno.test("beitBlockMask() masks the wanted number of patches in every image", () => {
  tf.tidy(() => {
    const options = { batch: 8, rows: 14, columns: 14, maskedPatches: 75 };
    const draw = (seed: number): number[][] =>
      beitBlockMask(randomKey(seed), options).mask.arraySync() as number[][];
    const images = draw(1);
    for (const flags of images) {
      assertEquals(flags.reduce((sum, flag) => sum + flag), 75);
      // In blocks: most masked patches have a masked one to the right.
      const paired = flags.filter((flag, patch) =>
        flag === 1 && patch % 14 < 13 && flags[patch + 1] === 1
      ).length;
      assert(paired > 40, `${paired}`);
    }
    assertEquals(images, draw(1));
    assertNotEquals(images, draw(2));
    assertNotEquals(images[0], images[1]);
  });
});

Deno.test("beitCells() rounds halves to the even number, as Python does", () => {
  // An area of 6.25 and a square aspect make sides of 2.5, so 2; rows and columns from 1 on.
  const numbers = [6.25, 0, 1, 1];
  const cells = beitCells(
    { uniform: () => numbers.shift()!, integer: () => numbers.shift()! },
    { rows: 4, columns: 4, maskedPatches: 4, minimumPatches: 4 },
  );
  assertEquals([...cells.entries()].flatMap(([cell, flag]) => flag === 1 ? [cell] : []), [
    ...[5, 6, 9, 10],
  ]);
});

Deno.test("blockDraws() draws whole numbers with both ends", () => {
  const [lowest, highest] = [() => 0, () => 0.999999].map(blockDraws);
  assertEquals([lowest!.integer(2, 5), highest!.integer(2, 5)], [2, 5]);
  assertEquals(lowest!.uniform(4, 1), 4);
});

Deno.test("beitCells() says what cannot be masked", () => {
  const cells = (options: Partial<Parameters<typeof beitCells>[1]>) => () =>
    beitCells(blockDraws(generator(1)), {
      ...{ rows: 4, columns: 4, maskedPatches: 6, minimumPatches: 2 },
      ...options,
    });
  assertThrows(
    cells({ maskedPatches: 16 }),
    Error,
    "BEiT masks from 1 to 15 of 4×4 patches, not maskedPatches 16",
  );
  assertThrows(
    cells({ minimumAspect: 0 }),
    Error,
    "minimumAspect must be above 0, got 0",
  );
  assertThrows(
    cells({ minimumAspect: 50, maximumAspect: 60 }), // taller than any grid of four rows
    Error,
    "0 of 6 patches are masked: allow blocks that fit the grid",
  );
});

Deno.test("beitBlockMask() refuses to be compiled, where its draws would be frozen", async () => {
  const options = { batch: 1, rows: 4, columns: 4, maskedPatches: 6, minimumPatches: 2 };
  const jitted = jit(({ key }: { key: Key }) => beitBlockMask(key, options).mask);
  await assertRejects(async () => {
    await jitted({ key: randomKey(0) });
  }, Error);
  jitted.dispose();
});
