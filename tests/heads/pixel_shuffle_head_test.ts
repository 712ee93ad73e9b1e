import { assertEquals } from "@std/assert";
import { tf } from "../../lib/engine/mod.ts";
import { pixelShuffleHead } from "../../lib/heads/mod.ts";
import { scope } from "../../lib/nn/scope.ts";

Deno.test("pixelShuffleHead() puts output c · stride² + row · stride + column at its pixel", () => {
  tf.tidy(() => {
    const [stride, channels, width] = [2, 3, 2];
    const outputs = channels * stride * stride;
    // Feature 0 passes the output's number on, feature 1 adds a hundred for the cell.
    const numbers = [...Array(outputs).keys()];
    const weight = tf.tensor4d(
      [...numbers, ...numbers.map(() => 100)],
      [1, 1, width, outputs],
    );
    const map = tf.tensor4d([[[[1, 0], [1, 1], [1, 2]], [[1, 3], [1, 4], [1, 5]]]]);
    const head = scope({ weight, bias: tf.fill([outputs], 0.5) });
    const images = pixelShuffleHead(head, map, { stride });
    assertEquals(images.shape, [1, 4, 6, 3]);
    const pixels = images.arraySync() as number[][][][];
    for (const [row, column, channel] of [[0, 0, 0], [3, 5, 2], [2, 3, 1], [1, 4, 0]]) {
      const cell = Math.floor(row! / 2) * 3 + Math.floor(column! / 2);
      const output = channel! * 4 + (row! % 2) * 2 + column! % 2;
      assertEquals(pixels[0]![row!]![column!]![channel!], output + 100 * cell + 0.5);
    }
  });
});
