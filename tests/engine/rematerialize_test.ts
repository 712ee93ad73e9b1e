/** Gradient checkpointing: the same gradients, less memory, the work done again. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { fused } from "../../lib/engine/fused.ts";
import { jit, type JitOptions } from "../../lib/engine/jit.ts";
import { random } from "../../lib/engine/random.ts";
import { foldIn, randomKey } from "../../lib/engine/random_key.ts";
import { rematerialize } from "../../lib/engine/rematerialize.ts";
import { type Tensor, tf } from "../../lib/engine/tensorflow.ts";

const key = randomKey(0);
const x = random.normal(key, [8, 16]);
const weights = [0, 1, 2].map((index) =>
  random.normal(foldIn(key, index), [16, 16], { standardDeviation: 0.3 })
);

type Block = (...inputs: Tensor[]) => Tensor;

const block: Block = (h, w) => tf.add(h!, tf.tanh(tf.sin(tf.matMul(h!, w!))));

/** The gradients of a chain of blocks, for its input and its weights. */
function gradientsWith(of: Block): (...inputs: Tensor[]) => Tensor[] {
  const loss = (h: Tensor, ...given: Tensor[]): Tensor =>
    tf.sum(tf.square(given.reduce((sum, w) => of(sum, w), h)));
  return (...inputs) => tf.grads((...given) => loss(...given as [Tensor]))(inputs);
}

function valuesOf(tensors: Tensor[]): number[] {
  return tensors.flatMap((tensor) => [...tensor.dataSync()]);
}

Deno.test("rematerialize() changes no bit of a gradient eagerly", () => {
  const plain = gradientsWith(block)(x, ...weights);
  const again = gradientsWith(rematerialize(block))(x, ...weights);
  assertEquals(valuesOf(again), valuesOf(plain));
});

Deno.test("rematerialize() gives the same gradients in traced functions", async () => {
  const modes: JitOptions[] = [
    ...[{ compiler: "graph" } as const, { compiler: "xla" } as const],
    { compiler: "graph", precision: "bfloat16" },
  ];
  for (const options of modes) {
    const plain = jit(gradientsWith(block), options);
    const wanted = valuesOf(await plain(x, ...weights));
    plain.dispose();
    const compiled = jit(gradientsWith(rematerialize(block)), options);
    valuesOf(await compiled(x, ...weights)).forEach((value, index) =>
      assertAlmostEquals(value, wanted[index]!, 1e-5 * (1 + Math.abs(wanted[index]!)))
    );
    // Three blocks, each run twice.
    assertEquals(compiled.operations().get("Tanh"), 6);
    compiled.dispose();
  }
});

Deno.test("rematerialize() keeps less between forward and backward", () => {
  const kept = (of: Block): number => {
    let bytes = 0;
    const before = tf.memory().numBytes;
    const watched = tf.customGrad((...given) => ({
      value: (given[0] as Tensor).clone(),
      gradFunc: (dy: Tensor) => {
        bytes = tf.memory().numBytes - before;
        return dy;
      },
    }));
    tf.tidy(() => void gradientsWith((h, w) => watched(of(h!, w!)))(x, ...weights));
    return bytes;
  };
  const [plain, again] = [kept(block), kept(rematerialize(block))];
  assert(again < plain, `${again} bytes with, ${plain} without`);
});

Deno.test("rematerialize() takes integers and gives several results", () => {
  const both = rematerialize((h, w, ids) => {
    const picked = tf.gather(w!, ids!);
    return [tf.mul(h!, picked), tf.sum(tf.square(picked))];
  });
  const ids = tf.tensor1d([2, 0, 2], "int32");
  const h = tf.tensor1d([1, 2, 3]);
  const w = tf.tensor1d([4, 5, 6]);
  const [dh, dw] = tf.grads((a, b) => {
    const [product, squares] = both(a, b, ids);
    return tf.add(tf.sum(product!), squares!);
  })([h, w]);
  assertEquals(valuesOf([dh!, dw!]), [6, 4, 6, 2 + 8, 0, 4 + 24]);
});

Deno.test("rematerialize() repeats random draws and fused functions", async () => {
  const dropout: Block = (h, w, from) => {
    const kept = random.bernoulli(from!, 0.5, [8, 16]);
    const [bent] = fused("bend", ([z]) => [tf.tanh(tf.mul(z!, z!))], [tf.matMul(h!, w!)]);
    return tf.where(kept, bent!, tf.zerosLike(bent!));
  };
  const gradients = (of: Block) => (from: Tensor, ...given: Tensor[]): Tensor[] =>
    tf.grads((h, w) => tf.sum(tf.square(of(of(h, w, from), w, from))))(given);
  const wanted = valuesOf(gradients(dropout)(key, x, weights[0]!));
  for (const compiler of ["graph", "xla"] as const) {
    const compiled = jit(gradients(rematerialize(dropout)), { compiler });
    valuesOf(await compiled(key, x, weights[0]!)).forEach((value, index) =>
      assertAlmostEquals(value, wanted[index]!, 1e-4 * (1 + Math.abs(wanted[index]!)))
    );
    compiled.dispose();
  }
});

Deno.test("rematerialize() leaves no tensor behind", () => {
  const { numTensors } = tf.memory();
  tf.tidy(() => void gradientsWith(rematerialize(block))(x, ...weights));
  rematerialize(block)(x, weights[0]!).dispose();
  assertEquals(tf.memory().numTensors, numTensors);
});

Deno.test("rematerialize() refuses an argument without influence", () => {
  const first = rematerialize((a, _) => tf.square(a!));
  assertThrows(
    () => tf.grads((a, b) => tf.sum(first(a, b)))([x, weights[0]!]),
    Error,
    "Cannot compute gradient",
  );
});
