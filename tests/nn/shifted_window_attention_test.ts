import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  scope,
} from "../../lib/nn/scope.ts";
import {
  shiftedWindowAttention,
  type ShiftedWindowAttentionOptions,
  shiftMask,
} from "../../lib/nn/shifted_window_attention.ts";

interface Place {
  rows: number;
  columns: number;
}

function parametersOf(
  { rows, columns }: Place,
  options: ShiftedWindowAttentionOptions,
): Parameters {
  const specifications = describeParameters((scope, input) =>
    shiftedWindowAttention(scope, input({ shape: [1, rows, columns, 2] }), options)
  );
  return initializeParameters(specifications, randomKey(1));
}

/** One head, token by token: who shares a shifted window, without moving anything. */
function written(
  map: number[][][],
  parameters: Parameters,
  { window, shift }: { window: number; shift: number },
): number[][][] {
  const array = <T>(name: string): T => parameters[`w_msa.${name}`]!.arraySync() as T;
  const [qkv, bias] = [array<number[][]>("qkv.weight"), array<number[]>("qkv.bias")];
  const [proj, projBias] = [
    array<number[][]>("proj.weight"),
    array<number[]>("proj.bias"),
  ];
  const table = array<number[][]>("relative_position_bias_table");
  const sides = [map.length, map[0]!.length].map((n) => Math.ceil(n / window) * window);
  const project = (x: number[], matrix: number[][], add: number[]): number[] =>
    add.map((b, out) => x.reduce((sum, one, i) => sum + one * matrix[i]![out]!, b));
  const at = (y: number, x: number): number[] => map[y]?.[x] ?? [0, 0];
  // A token's window along one axis, and what lies before the seam of a shifted map.
  const home = (place: number, side: number): string => {
    const moved = place < shift ? place + side - shift : place - shift;
    return `${Math.floor(moved / window)} ${place < shift}`;
  };
  const inside = (place: number, side: number): number =>
    (place < shift ? place + side - shift : place - shift) % window;
  return map.map((row, y) =>
    row.map((token, x) => {
      const query = project(token, qkv, bias).slice(0, 2);
      let total = 0;
      const value = [0, 0];
      for (let v = 0; v < sides[0]!; v++) {
        for (let u = 0; u < sides[1]!; u++) {
          const together = home(y, sides[0]!) === home(v, sides[0]!) &&
            home(x, sides[1]!) === home(u, sides[1]!);
          if (!together) continue;
          const other = project(at(v, u), qkv, bias);
          const down = inside(y, sides[0]!) - inside(v, sides[0]!) + window - 1;
          const right = inside(x, sides[1]!) - inside(u, sides[1]!) + window - 1;
          const logit = (query[0]! * other[2]! + query[1]! * other[3]!) / Math.SQRT2 +
            table[down * (2 * window - 1) + right]![0]!;
          total += Math.exp(logit);
          value[0]! += Math.exp(logit) * other[4]!;
          value[1]! += Math.exp(logit) * other[5]!;
        }
      }
      return project(value.map((one) => one / total), proj, projBias);
    })
  );
}

function assertClose(actual: Tensor, expected: number[][][]): void {
  const numbers = expected.flat(2);
  assertEquals(actual.size, numbers.length);
  actual.dataSync().forEach((value, place) =>
    assertAlmostEquals(value, numbers[place]!, 1e-5)
  );
}

Deno.test("shiftedWindowAttention() is attention among the tokens of each window", () => {
  const cases = [
    { place: { rows: 8, columns: 4 }, window: 2, shifted: true, shift: 1 },
    { place: { rows: 6, columns: 9 }, window: 3, shifted: true, shift: 1 },
    { place: { rows: 5, columns: 7 }, window: 4, shifted: true, shift: 2 }, // padded
    { place: { rows: 5, columns: 7 }, window: 4, shifted: false, shift: 0 },
    { place: { rows: 4, columns: 8 }, window: 4, shifted: true, shift: 0 }, // one window high
  ];
  for (const { place, window, shifted, shift } of cases) {
    tf.tidy(() => {
      const options = { heads: 1, window, shifted };
      const parameters = parametersOf(place, options);
      // Tables and biases start at or near 0: make them count.
      for (const name of Object.keys(parameters)) {
        const noise = tf.randomNormal(parameters[name]!.shape, 0, 0.7, "float32", 3);
        parameters[name] = parameters[name]!.add(noise);
      }
      const map = tf.randomNormal([1, place.rows, place.columns, 2], 0, 1, "float32", 5);
      const attended = shiftedWindowAttention(scope(parameters), map, options);
      const [plain] = map.arraySync() as number[][][][];
      assertClose(attended, written(plain!, parameters, { window, shift }));
    });
  }
});

Deno.test("shiftedWindowAttention() with padSmallMaps shifts and pads maps of one window", () => {
  tf.tidy(() => {
    const options = { heads: 1, window: 4, shifted: true, padSmallMaps: true };
    for (const place of [{ rows: 4, columns: 4 }, { rows: 3, columns: 6 }]) {
      const parameters = parametersOf(place, options);
      const map = tf.randomNormal([1, place.rows, place.columns, 2], 0, 1, "float32", 7);
      const attended = shiftedWindowAttention(scope(parameters), map, options);
      const [plain] = map.arraySync() as number[][][][];
      assertClose(attended, written(plain!, parameters, { window: 4, shift: 2 }));
    }
  });
});

Deno.test("shiftedWindowAttention() trains every parameter", () => {
  tf.tidy(() => {
    const options = { heads: 2, window: 3, shifted: true };
    const parameters = parametersOf({ rows: 5, columns: 5 }, options);
    const names = Object.keys(parameters);
    const map = tf.randomNormal([2, 5, 5, 2]);
    const gradients = tf.grads((...values: Tensor[]) => {
      const changed = Object.fromEntries(names.map((name, at) => [name, values[at]!]));
      return shiftedWindowAttention(scope(changed), map, options).square().sum();
    })(names.map((name) => parameters[name]!));
    gradients.forEach((gradient, at) => {
      assertEquals(gradient.shape, parameters[names[at]!]!.shape);
      assert(gradient.dataSync().some((value) => value !== 0), names[at]);
    });
  });
});

Deno.test("shiftMask() hides tokens across the seams", () => {
  const mask = shiftMask({ rows: 4, columns: 4, window: 2, shift: 1 });
  assertEquals([...mask.subarray(0, 16)], Array(16).fill(0)); // the first window is whole
  assertEquals([...mask.subarray(16, 20)], [0, -100, 0, -100]); // over the right border
  assertEquals([...mask.subarray(32, 36)], [0, 0, -100, -100]); // over the lower border
  assertEquals([...mask.subarray(48, 52)], [0, -100, -100, -100]); // over both
});

Deno.test("shiftedWindowAttention() refuses maps smaller than a window", () => {
  const options = { heads: 1, window: 7, shifted: true };
  assertThrows(
    () => parametersOf({ rows: 6, columns: 12 }, options),
    Error,
    "6×12 is smaller than its windows of 7×7: use windows of at most 6",
  );
  assertEquals(
    Object.keys(
      parametersOf({ rows: 6, columns: 12 }, { ...options, padSmallMaps: true }),
    )
      .length,
    5,
  );
});
