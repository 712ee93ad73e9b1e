import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  convolution,
  type ConvolutionOptions,
  kaimingNormal,
} from "../../lib/nn/convolution.ts";
import { globalAveragePool, maxPool } from "../../lib/nn/pooling.ts";
import { describeParameters, type Scope, scope } from "../../lib/nn/scope.ts";
import { referenceShape } from "../../lib/zoo/layout.ts";

type Numbers = number[][][][];

interface Window {
  kernel: number;
  stride: number;
  padding: number;
}

/** What `combine` makes of each window's pixels, in plain numbers; padding is undefined. */
function windows<Result>(
  x: Numbers,
  { kernel, stride, padding }: Window,
  combine: (pixels: (number[] | undefined)[][]) => Result,
): Result[][][] {
  const count = (length: number): number =>
    Math.floor((length + 2 * padding - kernel) / stride) + 1;
  const range = (length: number): number[] => Array.from({ length }, (_, index) => index);
  return x.map((image) =>
    range(count(image.length)).map((row) =>
      range(count(image[0]!.length)).map((column) =>
        combine(
          range(kernel).map((down) =>
            range(kernel).map((right) =>
              image[row * stride + down - padding]?.[column * stride + right - padding]
            )
          ),
        )
      )
    )
  );
}

function worstDifference(a: Tensor, b: Tensor): number {
  assertEquals(a.shape, b.shape);
  return a.sub(b).abs().max().dataSync()[0]!;
}

const shape = [2, 9, 6, 3];
const cases: Window[] = [
  { kernel: 7, stride: 2, padding: 3 },
  { kernel: 3, stride: 1, padding: 1 },
  { kernel: 3, stride: 2, padding: 1 },
  { kernel: 2, stride: 2, padding: 0 },
  { kernel: 1, stride: 1, padding: 0 },
  { kernel: 1, stride: 2, padding: 0 },
  { kernel: 1, stride: 3, padding: 1 },
];

for (const window of cases) {
  const { kernel, stride, padding } = window;
  const name = `a kernel of ${kernel}, stride ${stride}, padding ${padding}`;
  const options: ConvolutionOptions = { filters: 4, ...window };

  Deno.test(`convolution() with ${name} is the definition`, () => {
    tf.tidy(() => {
      const x = random.normal(randomKey(1), shape);
      const weight = random.normal(randomKey(2), [kernel, kernel, 3, 4]);
      const bias = random.normal(randomKey(3), [4]);
      const weights = weight.arraySync() as Numbers;
      const expected = windows(
        x.arraySync() as Numbers,
        window,
        (pixels) =>
          (bias.arraySync() as number[]).map((start, filter) =>
            pixels.reduce(
              (sum, line, down) =>
                line.reduce((sum, pixel, right) =>
                  (pixel ?? []).reduce(
                    (sum, value, channel) =>
                      sum + value * weights[down]![right]![channel]![filter]!,
                    sum,
                  ), sum),
              start,
            )
          ),
      );
      const y = convolution(scope({ weight, bias }), x, options);
      assert(worstDifference(y, tf.tensor(expected)) < 1e-4);
    });
  });

  Deno.test(`convolution() with ${name}: eager, graph and XLA agree on gradients`, async () => {
    await assertSameEverywhere(
      (scope, x) => convolution(scope, x, options),
      { x: shape, weight: [kernel, kernel, 3, 4], bias: [4] },
    );
  });
}

/** The value and gradients of a weighted sum of the result. */
async function assertSameEverywhere(
  layer: (scope: Scope, x: Tensor) => Tensor,
  shapes: Record<string, number[]>,
): Promise<void> {
  const names = Object.keys(shapes);
  const given = names.map((name, index) =>
    random.normal(randomKey(index), shapes[name]!).sub(1)
  );
  const body = (given: Tensor[]) => {
    const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
      const all = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
      const y = layer(scope(all), all.x!);
      return y.mul(tf.range(0, y.size).reshape(y.shape).sin()).sum();
    })(given);
    return [value, ...grads];
  };
  const eager = body(given);
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(body, { compiler });
    (await compiled(given)).forEach((tensor, index) => {
      const difference = worstDifference(tensor, eager[index]!);
      const what = index === 0 ? "value" : `gradient of ${names[index - 1]}`;
      assert(difference < 2e-4, `${what} under ${compiler}: ${difference}`);
    });
    compiled.dispose();
  }
}

const pooling: Window = { kernel: 3, stride: 2, padding: 1 };

Deno.test("maxPool() takes no padding for the largest, though all are negative", () => {
  tf.tidy(() => {
    const x = random.normal(randomKey(1), shape).abs().neg().sub(1);
    const expected = windows(
      x.arraySync() as Numbers,
      pooling,
      (pixels) =>
        [0, 1, 2].map((channel) =>
          Math.max(...pixels.flat().map((pixel) => pixel?.[channel] ?? -Infinity))
        ),
    );
    assertEquals(worstDifference(maxPool(x, pooling), tf.tensor(expected)), 0);
  });
});

Deno.test("maxPool(): eager, graph and XLA agree on gradients", async () => {
  await assertSameEverywhere((_, x) => maxPool(x, pooling), { x: shape });
});

Deno.test("maxPool() passes the gradient to the largest pixel alone", () => {
  const x = tf.tensor4d([-4, -3, -1, -2], [1, 2, 2, 1]);
  const gradient = tf.grad((x: Tensor) => maxPool(x, pooling).sum())(x);
  assertEquals([...gradient.dataSync()], [0, 0, 1, 0]);
});

Deno.test("globalAveragePool() is the mean over the pixels", () => {
  const x = tf.tensor4d([1, 10, 2, 20, 3, 30, 6, 60], [1, 2, 2, 2]);
  assertEquals([...globalAveragePool(x).dataSync()], [3, 30]);
});

Deno.test("convolution() declares PyTorch's weight, and a bias only if wanted", () => {
  const described = (bias: boolean) =>
    describeParameters((scope, input) =>
      convolution(scope, input({ shape: [1, 8, 8, 3] }), { filters: 5, kernel: 3, bias })
    );
  assertEquals([...described(false).keys()], ["weight"]);
  const { shape, layout } = described(true).get("weight")!;
  assertEquals(referenceShape(shape, layout), [5, 3, 3, 3]);
  assertEquals(described(true).get("bias")!.shape, [5]);
});

Deno.test("kaimingNormal() has the variance 2 / (outputs · kernel area)", () => {
  const drawn = kaimingNormal(randomKey(0), [3, 3, 64, 32]);
  const { mean, variance } = tf.moments(drawn);
  assertAlmostEquals(mean.dataSync()[0]!, 0, 2e-3);
  assertAlmostEquals(variance.dataSync()[0]! * 9 * 32, 2, 0.1);
});

Deno.test("convolution() and maxPool() refuse windows that fit nowhere", () => {
  const x = tf.zeros([1, 4, 9, 3]);
  const convolve = (options: Partial<ConvolutionOptions>) => () =>
    convolution(scope({}), x, { filters: 2, kernel: 3, ...options });
  assertThrows(convolve({ kernel: 7, padding: 1 }), Error, "at least 5 pixels");
  assertThrows(convolve({ stride: 0 }), Error, "got 3, 0 and 0");
  assertThrows(convolve({ padding: 0.5 }), Error, "got 3, 1 and 0.5");
  assertThrows(
    () => convolution(scope({}), tf.zeros([4, 3]), { filters: 2, kernel: 1 }),
    Error,
    "[4,3]",
  );
  assertThrows(
    () => maxPool(x, { kernel: 2, stride: 2, padding: 2 }),
    Error,
    "half of its window of 2, got 2",
  );
});
