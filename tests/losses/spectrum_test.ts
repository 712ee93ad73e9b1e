import { assertAlmostEquals, assertLess } from "@std/assert";
import { type Tensor, tf, withPrecision } from "../../lib/engine/mod.ts";
import { spectrum } from "../../lib/losses/mod.ts";

/** The transform by its definition, in double precision. */
function reference(
  image: readonly (readonly number[])[],
): { real: number[][]; imaginary: number[][] } {
  const [rows, columns] = [image.length, image[0]!.length];
  const table = (part: (angle: number) => number): number[][] =>
    image.map((_, u) =>
      image[0]!.map((_, v) => {
        let sum = 0;
        image.forEach((row, y) =>
          row.forEach((value, x) => {
            sum += value * part(-2 * Math.PI * (u * y / rows + v * x / columns));
          })
        );
        return sum / Math.sqrt(rows * columns);
      })
    );
  return { real: table(Math.cos), imaginary: table(Math.sin) };
}

function largestDifference(a: Tensor, b: Tensor): number {
  return a.sub(b).abs().max().dataSync()[0]!;
}

Deno.test("spectrum() is the Fourier transform by its definition, row frequencies first", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([2, 6, 9, 3], 1, 2, "float32", 3);
    const { real, imaginary } = spectrum(images);
    const planes = images.transpose([0, 3, 1, 2]).arraySync() as number[][][][];
    const expected = planes.map((image) => image.map(reference));
    const part = (name: "real" | "imaginary"): Tensor =>
      tf.tensor4d(expected.map((image) => image.map((channel) => channel[name])));
    assertLess(largestDifference(real, part("real")), 1e-5);
    assertLess(largestDifference(imaginary, part("imaginary")), 1e-5);
  });
});

Deno.test("spectrum() keeps lengths, so that its gradient does too", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([1, 32, 32, 1], 0, 1, "float32", 4);
    const energy = (x: Tensor): Tensor => {
      const { real, imaginary } = spectrum(x);
      return real.square().add(imaginary.square()).sum();
    };
    const { value, grad } = tf.valueAndGrad(energy)(images);
    assertAlmostEquals(
      value.dataSync()[0]! / images.square().sum().dataSync()[0]!,
      1,
      1e-5,
    );
    assertLess(largestDifference(grad, images.mul(2)), 1e-4);
  });
});

Deno.test("spectrum() stays exact at 224 pixels, and under the bfloat16 policy", () => {
  tf.tidy(() => {
    const images = tf.randomNormal([1, 224, 224, 1], 0, 1, "float32", 5);
    const exact = tf.spectral.fft(tf.complex(
      images.reshape([224, 224]),
      tf.zeros([224, 224]),
    ));
    const columns = tf.spectral.fft(tf.transpose(exact as Tensor));
    const real = tf.real(tf.transpose(columns)).div(224);
    const float = spectrum(images).real.reshape([224, 224]);
    assertLess(largestDifference(float, real), 2e-5);
    const reduced = withPrecision("bfloat16", () => spectrum(images).real);
    assertLess(largestDifference(reduced.reshape([224, 224]), real), 2e-5);
  });
});
