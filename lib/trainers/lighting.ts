/**
 * Lighting noise (Krizhevsky et al. 2012): all pixels of an image move together along the principal
 * colours of ImageNet. The change is a fraction of a byte's step, so it belongs to the training
 * step and not to the bytes of the data.
 *
 * @module
 */
import { type Key, random, type Tensor, tf } from "../engine/mod.ts";

/** Principal components of ImageNet's colours in 0 … 1, as columns, and their weights (openmixup). */
const components = [
  [-0.5675, 0.7192, 0.4009],
  [-0.5808, -0.0045, -0.8140],
  [-0.5836, -0.6948, 0.4203],
] as const;
const weights = [0.2175, 0.0188, 0.0045] as const;

/** Options of {@linkcode addLighting}. */
export interface LightingOptions {
  /** Of the three components' factors; 0.1 in the paper. */
  readonly deviation: number;
  /** By which the images were divided, in 0 … 1 per channel. */
  readonly std: readonly number[];
}

/**
 * Adds one random colour to each image.
 *
 * @param key differs at every step.
 * @param images `(B, H, W, 3)`, normalised with `std`.
 * @returns `(B, H, W, 3)`
 * @throws {Error} if the images have other than three channels.
 *
 * @example
 * ```ts
 * import { addLighting } from "./lighting.ts";
 * import { randomKey, tf } from "../engine/mod.ts";
 * const options = { deviation: 0.1, std: [0.229, 0.224, 0.225] };
 * console.log(addLighting(randomKey(0), tf.zeros([2, 1, 1, 3]), options).dataSync());
 * ```
 */
export function addLighting(
  key: Key,
  images: Tensor,
  { deviation, std }: LightingOptions,
): Tensor {
  const [batch, , , channels] = images.shape;
  if (images.shape.length !== 4 || channels !== 3 || std.length !== 3) {
    throw new Error(
      "Lighting takes images (B, H, W, 3) and three standard deviations, got " +
        `[${images.shape}] and ${std.length}`,
    );
  }
  const mixing = components.map((row, channel) =>
    row.map((component, k) => component * weights[k]! / std[channel]!)
  );
  const factors = random.normal(key, [batch!, 3], { standardDeviation: deviation });
  const colors = tf.matMul(factors, tf.tensor2d(mixing), false, true);
  return images.add(colors.reshape([batch!, 1, 1, 3]));
}
