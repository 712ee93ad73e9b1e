import { assert, assertEquals, assertThrows } from "@std/assert";
import { jit, random, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { depthwiseConvolution } from "../../lib/nn/depthwise_convolution.ts";
import { describeParameters, scope } from "../../lib/nn/scope.ts";
import { referenceShape } from "../../lib/zoo/layout.ts";

/** The definition, in plain numbers: zeros around the map, no flipping of the filter. */
function reference(x: number[][][][], weight: number[][][][], bias: number[]) {
  const half = (weight.length - 1) / 2;
  return x.map((image) =>
    image.map((line, row) =>
      line.map((cell, column) =>
        cell.map((_, channel) => {
          let sum = bias[channel]!;
          weight.forEach((filterRow, down) =>
            filterRow.forEach((filter, right) => {
              const value = image[row + down - half]?.[column + right - half]?.[channel];
              sum += (value ?? 0) * filter[channel]![0]!;
            })
          );
          return sum;
        })
      )
    )
  );
}

function worstDifference(a: Tensor, b: Tensor): number {
  return a.sub(b).abs().max().dataSync()[0]!;
}

function drawn() {
  return {
    x: random.normal(randomKey(1), [2, 5, 9, 3]),
    weight: random.normal(randomKey(2), [7, 7, 3, 1]),
    bias: random.normal(randomKey(3), [3]),
  };
}

Deno.test("depthwiseConvolution() convolves each channel with its own filter", () => {
  tf.tidy(() => {
    const { x, weight, bias } = drawn();
    const y = depthwiseConvolution(scope({ weight, bias }), x, { size: 7 });
    const expected = reference(
      x.arraySync() as number[][][][],
      weight.arraySync() as number[][][][],
      bias.arraySync() as number[],
    );
    assert(worstDifference(y, tf.tensor(expected)) < 1e-4);
    const plain = depthwiseConvolution(scope({ weight }), x, { size: 7, bias: false });
    assert(worstDifference(plain.add(bias), y) < 1e-6);
  });
});

Deno.test("depthwiseConvolution(): eager, graph and XLA agree, gradients included", async () => {
  const { x, weight, bias } = drawn();
  const body = (x: Tensor, weight: Tensor, bias: Tensor) => {
    const { value, grads } = tf.valueAndGrads((...[x, weight, bias]: Tensor[]) =>
      depthwiseConvolution(scope({ weight: weight!, bias: bias! }), x!, { size: 7 })
        .square().mean()
    )([x, weight, bias]);
    return [value, ...grads];
  };
  const eager = body(x, weight, bias);
  for (const compiler of ["graph", "xla"] as const) {
    const run = jit(body, { compiler });
    const compiled = await run(x, weight, bias);
    compiled.forEach((tensor, place) =>
      assert(worstDifference(tensor, eager[place]!) < 1e-4, `${compiler} ${place}`)
    );
    run.dispose();
  }
});

Deno.test("depthwiseConvolution() has the filters of PyTorch's grouped convolution", () => {
  const specifications = describeParameters((scope, input) =>
    depthwiseConvolution(scope, input({ shape: [1, 8, 8, 12] }), { size: 7 })
  );
  const { shape, layout } = specifications.get("weight")!;
  assertEquals(referenceShape(shape, layout), [12, 1, 7, 7]);
});

Deno.test("depthwiseConvolution() refuses what is no map, and even sizes", () => {
  const map = tf.zeros([1, 4, 4, 2]);
  const of = (x: Tensor, size: number) => () =>
    depthwiseConvolution(scope({}), x, { size });
  assertThrows(of(tf.zeros([4, 4, 2]), 7), Error, "got [4,4,2]");
  for (const size of [4, 0, 1.5]) assertThrows(of(map, size), Error, `got ${size}`);
});
