import { assertEquals } from "@std/assert";
import { tf } from "../../lib/engine/mod.ts";
import {
  relativePositionBiasWithClass,
  relativePositionCountWithClass,
  relativePositionIndexWithClass,
} from "../../lib/nn/relative_position.ts";
import { scope } from "../../lib/nn/scope.ts";
import { numbersOf, readCase, stored } from "../parity/golden_case.ts";

Deno.test("relativePositionIndexWithClass() is the index that openmixup stores", async () => {
  const golden = await readCase("tests/fixtures/vit-rpe-classifier");
  const name = "weight/backbone.layers.0.attn.relative_position_index";
  const expected = Array.from(numbersOf(stored(golden, name)));
  assertEquals([...relativePositionIndexWithClass([4, 4])], expected);
});

Deno.test("relativePositionIndexWithClass() tells rows from columns", () => {
  const index = relativePositionIndexWithClass([2, 3]);
  const of = (query: number, key: number) => index[(1 + query) * 7 + 1 + key];
  assertEquals(relativePositionCountWithClass([2, 3]), 18);
  assertEquals(of(0, 0), of(5, 5)); // no offset
  assertEquals(of(0, 1), of(4, 5)); // one to the left
  assertEquals(of(0, 3), of(2, 5)); // one up
  assertEquals(new Set(index).size, 18);
});

Deno.test("relativePositionBiasWithClass() has an entry per head and pair of tokens", () => {
  tf.tidy(() => {
    const table = tf.range(0, 12).reshape([6, 2]);
    const layer = scope({ relative_position_bias_table: table });
    const bias = relativePositionBiasWithClass(layer, { grid: [1, 2], heads: 2 });
    assertEquals(bias.arraySync(), [
      [[10, 6, 6], [8, 2, 0], [8, 4, 2]],
      [[11, 7, 7], [9, 3, 1], [9, 5, 3]],
    ]);
  });
});
