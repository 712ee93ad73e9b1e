/** Gradients that tfjs lacks, against central differences, eagerly and compiled. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { registerGradients } from "../../lib/engine/gradients/mod.ts";
import { jit } from "../../lib/engine/jit.ts";
import { random } from "../../lib/engine/random.ts";
import { foldIn, randomKey } from "../../lib/engine/random_key.ts";
import { type Tensor, tf } from "../../lib/engine/tensorflow.ts";

registerGradients();

type Function = (...inputs: Tensor[]) => Tensor;

function indicesOf(values: number[], shape: number[]): Tensor {
  return tf.tensor(values, shape, "int32");
}

/** Both parts of a complex tensor, so that a real loss sees them. */
function parts(z: Tensor): Tensor {
  return tf.concat([tf.real(z).flatten(), tf.imag(z).flatten()]);
}

const cases: Record<string, { shapes: number[][]; body: Function }> = {
  "einsum of two": {
    shapes: [[2, 3, 4], [2, 5, 4]],
    body: (a, b) => tf.einsum("bik,bjk->bij", a!, b!),
  },
  "einsum that transposes": { shapes: [[2, 3]], body: (a) => tf.einsum("ij->ji", a!) },
  "einsum that sums axes": {
    shapes: [[2, 3], [3, 4]],
    body: (a, b) => tf.einsum("ij,jk->k", a!, b!),
  },
  "einsum to a scalar": {
    shapes: [[2, 3], [2, 3]],
    body: (a, b) => tf.einsum("ij,ij->", a!, b!),
  },
  "einsum with an axis of one operand alone": {
    shapes: [[2, 3], [4]],
    body: (a, b) => tf.einsum("ij,k->ik", a!, b!),
  },
  "fft of a real signal": {
    shapes: [[2, 6]],
    body: (x) => parts(tf.fft(tf.complex(x!, tf.zerosLike(x!)))),
  },
  "fft and its inverse": {
    shapes: [[3, 4], [3, 4]],
    body: (x, y) => {
      const spectrum = tf.fft(tf.complex(x!, y!));
      const power = tf.square(tf.real(spectrum));
      return parts(tf.ifft(tf.complex(power, tf.imag(spectrum))));
    },
  },
  "two-dimensional fft": {
    shapes: [[4, 3]],
    body: (x) => {
      const rows = tf.fft(tf.complex(x!, tf.square(x!)));
      return parts(tf.fft(tf.transpose(tf.reshape(rows, [4, 3]))));
    },
  },
  "rfft": { shapes: [[2, 8]], body: (x) => parts(tf.spectral.rfft(x!)) },
  "a spectrum used twice": {
    shapes: [[5]],
    body: (x) => {
      const spectrum = tf.fft(tf.complex(x!, tf.zerosLike(x!)));
      return parts(tf.add(spectrum, tf.ifft(spectrum)));
    },
  },
  "gatherND": {
    shapes: [[3, 4]],
    body: (x) => tf.gatherND(x!, indicesOf([0, 1, 2, 3, 0, 1], [3, 2])),
  },
  "scatterND": {
    shapes: [[3, 2]],
    body: (x) => tf.square(tf.scatterND(indicesOf([1, 4, 1], [3, 1]), x!, [5, 2])),
  },
  "tensorScatterUpdate": {
    shapes: [[5, 2], [2, 2]],
    body: (x, y) => tf.square(tf.tensorScatterUpdate(x!, indicesOf([1, 4], [2, 1]), y!)),
  },
  "topk": { shapes: [[2, 3, 6]], body: (x) => tf.square(tf.topk(x!, 2).values) },
  "stridedSlice": {
    shapes: [[5, 4]],
    body: (x) => tf.square(tf.stridedSlice(x!, [4, 0], [0, 4], [-2, 1], 0, 0, 0, 0, 0)),
  },
  "stridedSlice that drops an axis": {
    shapes: [[5, 4]],
    body: (x) => tf.stridedSlice(x!, [1, 1], [2, 4], [1, 2], 0, 0, 0, 0, 1),
  },
  "depthToSpace": {
    shapes: [[1, 2, 3, 8]],
    body: (x) =>
      tf.square(tf.depthToSpace(x! as Parameters<typeof tf.depthToSpace>[0], 2, "NHWC")),
  },
  "cumprod": { shapes: [[2, 4]], body: (x) => tf.cumprod(x!, 1) },
  "cumprod, exclusive and reverse": {
    shapes: [[2, 4]],
    body: (x) => tf.cumprod(x!, 1, true, true),
  },
  "where of comparisons": {
    shapes: [[4, 4], [4, 4]],
    body: (x, y) =>
      tf.where(
        tf.logicalAnd(tf.greater(x!, y!), tf.logicalNot(tf.lessEqual(x!, 0))),
        tf.mul(x!, y!),
        tf.where(tf.logicalOr(tf.less(y!, 0), tf.notEqual(x!, x!)), tf.square(x!), y!),
      ),
  },
};

/** The function's weighted sum, whose gradient is compared. */
function lossOf(body: Function, weights: Tensor): Function {
  return (...inputs) => tf.sum(tf.mul(body(...inputs), weights));
}

/** Central differences, element by element. */
function differences(loss: Function, inputs: Tensor[]): number[] {
  const step = 2 ** -7;
  return inputs.flatMap((input, which) =>
    Array.from({ length: input.size }, (_, element) => {
      const at = (offset: number): number =>
        tf.tidy(() => {
          const values = input.dataSync().slice();
          values[element]! += offset;
          const moved = inputs.with(which, tf.tensor(values, input.shape));
          return loss(...moved).dataSync()[0]!;
        });
      return (at(step) - at(-step)) / (2 * step);
    })
  );
}

for (const [name, { shapes, body }] of Object.entries(cases)) {
  Deno.test(`the gradient of ${name} is right`, async () => {
    const key = foldIn(randomKey(1), name);
    const inputs = shapes.map((shape, index) => random.normal(foldIn(key, index), shape));
    const weights = random.normal(key, body(...inputs).shape);
    const loss = lossOf(body, weights);
    const wanted = differences(loss, inputs);
    const gradients = (...given: Tensor[]): Tensor[] => tf.grads(loss)(given);
    const results = [gradients(...inputs)];
    for (
      const compiler of ["graph", "xla"] as const
    ) {
      const compiled = jit(gradients, { compiler });
      results.push(await compiled(...inputs));
      compiled.dispose();
    }
    assert(Math.hypot(...wanted) > 0.1, "the case has no gradient to compare");
    for (const result of results) {
      const found = result.flatMap((gradient) => [...gradient.dataSync()]);
      assertEquals(found.length, wanted.length);
      found.forEach((value, index) =>
        assertAlmostEquals(value, wanted[index]!, 0.01 * (1 + Math.abs(wanted[index]!)))
      );
    }
  });
}

Deno.test("gradients leave no tensor behind", () => {
  for (const { shapes, body } of Object.values(cases)) {
    const inputs = shapes.map((shape) => tf.ones(shape));
    const { numTensors } = tf.memory();
    tf.tidy(() => void tf.grads((...given) => tf.sum(body(...given)))(inputs));
    assertEquals(tf.memory().numTensors, numTensors);
  }
});
