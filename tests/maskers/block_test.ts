import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  blockCells,
  blockMask,
  type Mask,
  maskFromCells,
  removedCells,
} from "../../lib/maskers/mod.ts";

function rows(tensor: Tensor): number[][] {
  return tensor.arraySync() as number[][];
}

/** Every patch once, in image order on both sides, and all forms of the mask say the same. */
function assertConsistent({ visible, removed, restore, mask }: Mask): void {
  rows(mask).forEach((flags, image) => {
    const where = (flag: number): number[] =>
      flags.flatMap((value, patch) => value === flag ? [patch] : []);
    const [seen, gone] = [rows(visible)[image]!, rows(removed)[image]!];
    assertEquals(seen, where(0));
    assertEquals(gone, where(1));
    const order = [...seen, ...gone];
    assertEquals(rows(restore)[image]!.map((place) => order[place]), [...flags.keys()]);
  });
}

for (
  const [grid, cell, maskRatio, removed] of [
    [[14, 14], 2, 0.6, 120],
    [[7, 7], 1, 0.6, 30],
    [[48, 48], 8, 0.6, 22 * 64],
    [[4, 8], 2, 0.5, 16],
  ] as const
) {
  Deno.test(`blockMask() removes ${removed} of ${grid.join("×")} patches in squares of ${cell}`, () => {
    tf.tidy(() => {
      const [high, wide] = grid;
      const options = { batch: 3, rows: high, columns: wide, cell, maskRatio };
      const mask = blockMask(randomKey(4), options);
      assertEquals(mask.removed.shape, [3, removed]);
      assertConsistent(mask);
      const squares = mask.mask
        .reshape([3, high / cell, cell, wide / cell, cell]);
      const [least, most] = [squares.min([2, 4]), squares.max([2, 4])];
      assertEquals(Array.from(least.dataSync()), Array.from(most.dataSync()));
    });
  });
}

Deno.test("blockMask() differs between images and keys, and not for the same key", () => {
  tf.tidy(() => {
    const options = { batch: 2, rows: 14, columns: 14, cell: 2, maskRatio: 0.6 };
    const draw = (seed: number): number[][] =>
      rows(blockMask(randomKey(seed), options).mask);
    assertEquals(draw(0), draw(0));
    assertNotEquals(draw(0), draw(1));
    assertNotEquals(draw(0)[0], draw(0)[1]);
  });
});

Deno.test("blockMask() removes every square equally often", () => {
  tf.tidy(() => {
    const draws = 4000;
    const options = { batch: draws, rows: 3, columns: 3, cell: 1, maskRatio: 0.5 };
    const share = blockMask(randomKey(0), options).mask.mean(0).dataSync();
    // 5 of 9; five standard errors of a share of 4000 draws are 0.04.
    for (const one of share) assert(Math.abs(one - 5 / 9) < 0.04, `${one}`);
  });
});

Deno.test("blockCells() removes the first squares of the order", () => {
  tf.tidy(() => {
    const order = tf.tensor2d([[2, 0, 1, 3]], [1, 4], "int32");
    const cells = blockCells(order, { rows: 4, columns: 4, cell: 2, maskRatio: 0.3 });
    assertEquals(Array.from(cells.dataSync()), [
      ...[1, 1, 0, 0],
      ...[1, 1, 0, 0],
      ...[1, 1, 0, 0],
      ...[1, 1, 0, 0],
    ]);
    assertThrows(
      () => blockCells(order, { rows: 6, columns: 6, cell: 2, maskRatio: 0.3 }),
      Error,
      "The order is of 4 squares, but there are 3×3: permute 9",
    );
  });
});

Deno.test("blockMask() says what is wrong with sizes and ratios", () => {
  const draw = (changes: Partial<Parameters<typeof blockMask>[1]>) => () =>
    blockMask(randomKey(0), {
      ...{ batch: 1, rows: 14, columns: 14, cell: 2, maskRatio: 0.6 },
      ...changes,
    });
  assertThrows(
    draw({ cell: 4 }),
    Error,
    "14×14 patches cannot be cut into squares of 4×4",
  );
  assertThrows(draw({ cell: 0 }), Error, "squares of 0×0");
  for (const maskRatio of [0, 1, -0.5, NaN]) {
    assertThrows(draw({ maskRatio }), Error, `between 0 and 1, got ${maskRatio}`);
  }
  assertThrows(draw({ cell: 7, maskRatio: 0.9 }), Error, "leaves none of the 4 squares");
});

Deno.test("removedCells() rounds up", () => {
  assertEquals([49, 36, 9, 16].map((cells) => removedCells(cells, 0.6)), [30, 22, 6, 10]);
});

Deno.test("maskFromCells() takes any flags, and refuses impossible counts", () => {
  tf.tidy(() => {
    const cells = tf.tensor2d([[0, 1, 1, 0], [1, 0, 0, 1]], [2, 4], "int32");
    assertConsistent(maskFromCells(cells, 2));
    assertThrows(() => maskFromCells(cells, 0), Error, "1 to all 4 patches, not 0");
    assertThrows(() => maskFromCells(cells, 5), Error, "1 to all 4 patches, not 5");
  });
});
