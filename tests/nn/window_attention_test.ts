import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { randomKey, tf } from "../../lib/engine/mod.ts";
import { selfAttention } from "../../lib/nn/attention.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  scope,
} from "../../lib/nn/scope.ts";
import {
  joinWindows,
  partitionWindows,
  relativePositionIndex,
  windowAttention,
} from "../../lib/nn/window_attention.ts";

function parametersFor(heads: number, window: number, width: number): Parameters {
  const specifications = describeParameters((scope, input) =>
    windowAttention(scope, input({ shape: [1, window, window, width] }), {
      heads,
      window,
    })
  );
  return initializeParameters(specifications, randomKey(3));
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assertEquals(actual.length, expected.length);
  Array.from(expected).forEach((value, at) =>
    assertAlmostEquals(actual[at]!, value, 1e-5)
  );
}

Deno.test("partitionWindows() takes windows and their tokens row by row, joinWindows() undoes it", () => {
  tf.tidy(() => {
    const map = tf.range(0, 2 * 4 * 6).reshape([2, 4, 6, 1]);
    const windows = partitionWindows(map, 2);
    assertEquals(windows.shape, [2, 4, 6, 1]);
    const third = windows.slice([0, 0, 3], [1, 4, 1]); // second row of windows, first column
    assertEquals([...third.dataSync()], [12, 13, 18, 19]);
    const joined = joinWindows(windows, { rows: 4, columns: 6, window: 2 });
    assertEquals(joined.dataSync(), map.dataSync());
    const whole = partitionWindows(map.slice([0, 0, 0], [2, 4, 4]), 4);
    assertEquals(whole.shape, [2, 16, 1, 1]);
  });
});

Deno.test("partitionWindows() refuses parts of windows", () => {
  tf.tidy(() => {
    const map = tf.zeros([1, 7, 14, 1]);
    assertThrows(() => partitionWindows(map, 4), Error, "7×14");
    for (const window of [0, -1, 3.5]) {
      assertThrows(() => partitionWindows(map, window), Error, `${window}×${window}`);
    }
  });
});

Deno.test("relativePositionIndex() gives equal offsets equal rows, as meshgrids do in Swin", () => {
  const window = 3;
  const index = relativePositionIndex(window);
  const offsets = new Map<number, string>();
  index.forEach((row, pair) => {
    const [i, j] = [Math.floor(pair / 9), pair % 9];
    const down = Math.floor(i / window) - Math.floor(j / window);
    const offset = `${down},${i % window - j % window}`;
    assertEquals(offsets.get(row) ?? offset, offset);
    offsets.set(row, offset);
  });
  assertEquals(offsets.size, 25);
  assertEquals([...index.subarray(0, 9)], [12, 11, 10, 7, 6, 5, 2, 1, 0]);
});

Deno.test("windowAttention() over one window is self-attention with a bias per offset", () => {
  tf.tidy(() => {
    const parameters = parametersFor(2, 3, 8);
    const map = tf.randomNormal([2, 3, 3, 8], 0, 1, "float32", 5);
    const { output } = windowAttention(scope(parameters), map, { heads: 2, window: 3 });
    const table = parameters["relative_position_bias_table"]!.arraySync() as number[][];
    const index = relativePositionIndex(3);
    const bias = tf.tensor(
      [0, 1].map((head) => Array.from(index, (row) => table[row]![head]!)),
      [2, 81],
    ).reshape([1, 2, 9, 9]);
    const plain = selfAttention(scope(parameters), map.reshape([2, 9, 8]), {
      heads: 2,
      bias,
    });
    assertClose(output.dataSync(), plain.output.dataSync());
  });
});

Deno.test("windowAttention() lets windows know nothing of each other", () => {
  tf.tidy(() => {
    const parameters = scope(parametersFor(2, 2, 8));
    const map = tf.randomNormal([1, 4, 6, 8], 0, 1, "float32", 6);
    const options = { heads: 2, window: 2 };
    const { output, weights } = windowAttention(parameters, map, options);
    assertEquals([output.shape, weights.shape], [[1, 4, 6, 8], [1, 12, 4, 4]]);
    const part = (x: typeof map) => x.slice([0, 2, 4], [1, 2, 2]);
    const alone = windowAttention(parameters, part(map), options).output;
    assertClose(part(output).dataSync(), alone.dataSync());
  });
});

Deno.test("windowAttention() adds each window its own mask", () => {
  tf.tidy(() => {
    const parameters = scope(parametersFor(2, 2, 8));
    const map = tf.randomNormal([2, 2, 4, 8], 0, 1, "float32", 7);
    // In the second window every token sees itself alone.
    const apart = tf.sub(1, tf.eye(4)).mul(-1e30).reshape([1, 4, 4]);
    const mask = tf.concat([tf.zeros([1, 4, 4]), apart]);
    const options = { heads: 2, window: 2 };
    const { weights } = windowAttention(parameters, map, { ...options, mask });
    const free = windowAttention(parameters, map, options).weights;
    const first = (x: typeof map) => x.slice([0, 0], [2, 2]).dataSync();
    assertClose(first(weights), first(free));
    const second = weights.slice([0, 2], [2, 2]).dataSync();
    assertClose(second, tf.eye(4).reshape([1, 1, 4, 4]).tile([2, 2, 1, 1]).dataSync());
    assertThrows(
      () => windowAttention(parameters, map, { ...options, mask: apart }),
      Error,
      "2 windows of 4 tokens need [2,4,4]",
    );
  });
});

Deno.test("windowAttention() refuses heads that do not divide the width", () => {
  tf.tidy(() => {
    const map = tf.zeros([1, 2, 2, 8]);
    const run = () => windowAttention(scope({}), map, { heads: 3, window: 2 });
    assertThrows(run, Error, "8 is not a multiple of the 3 heads");
  });
});
