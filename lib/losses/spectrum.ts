/**
 * The Fourier transform of images, as two matrix products: TensorFlow's FFT has no gradient in
 * tfjs and leaves the fast path of both compilers, products have neither fault.
 *
 * @module
 */
import { type Tensor, tf, withPrecision } from "../engine/mod.ts";

/** The spectrum of each image and channel, `(B, C, H, W)`, row frequencies first. */
export interface Spectrum {
  real: Tensor;
  imaginary: Tensor;
}

/** cos and sin of 2π j k / n, over √n: the transform of a unit vector has length 1 ("ortho"). */
function waves(length: number): { cosine: Float32Array; sine: Float32Array } {
  const cosine = new Float32Array(length * length);
  const sine = new Float32Array(length * length);
  for (let j = 0; j < length; j++) {
    for (let k = 0; k < length; k++) {
      // The remainder keeps the angle small, and so its cosine exact to float32.
      const angle = 2 * Math.PI * ((j * k) % length) / length;
      cosine[j * length + k] = Math.cos(angle) / Math.sqrt(length);
      sine[j * length + k] = Math.sin(angle) / Math.sqrt(length);
    }
  }
  return { cosine, sine };
}

function square(values: Float32Array, length: number): Tensor {
  return tf.tensor2d(values, [length, length]);
}

/**
 * The two-dimensional discrete Fourier transform with orthonormal scaling, of whole images:
 * `(B, H, W, C)` → `(B, C, H, W)` twice. It is differentiable, and exact to about 1e-5.
 *
 * @example
 * ```ts
 * import { spectrum } from "./spectrum.ts";
 * import { tf } from "../engine/mod.ts";
 * const { real } = spectrum(tf.ones([1, 2, 2, 1]));
 * console.log(real.dataSync()); // about [ 2, 0, 0, 0 ]: all in the mean
 * ```
 */
export function spectrum(images: Tensor): Spectrum {
  const [batch, height, width, channels] = images.shape as [
    number,
    number,
    number,
    number,
  ];
  const [alongRows, alongColumns] = [waves(width), waves(height)];
  // e^(-i a) = cos a - i sin a; down the columns first, the two parts side by side.
  const down = tf.concat([
    square(alongColumns.cosine, height),
    square(alongColumns.sine, height).neg(),
  ], 1); // [H, 2H]
  const cosine = square(alongRows.cosine, width);
  const sine = square(alongRows.sine, width);
  const across = tf.concat([
    tf.concat([cosine, sine.neg()], 1),
    tf.concat([sine, cosine], 1),
  ], 0); // [2W, 2W]: (p + i q) (cos - i sin)
  // Bfloat16 would be too coarse: low frequencies are a thousand times larger than high ones.
  return withPrecision("float32", () => {
    const columns = images.transpose([0, 3, 2, 1]).reshape([-1, height]);
    const halfway = tf.matMul(columns, down)
      .reshape([batch, channels, width, 2, height])
      .transpose([0, 1, 4, 3, 2]) // (B, C, H, 2, W)
      .reshape([-1, 2 * width]);
    const [real, imaginary] = tf.split(
      tf.matMul(halfway, across).reshape([batch, channels, height, 2 * width]),
      2,
      3,
    ) as [Tensor, Tensor];
    return { real, imaginary };
  });
}
