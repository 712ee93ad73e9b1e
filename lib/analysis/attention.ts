/**
 * How far attention looks: the counterpart of a convolution's receptive field.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";

/** Where the tokens of an attention stand in the image. */
export interface AttentionDistanceOptions {
  /** Patches in a column of the image. */
  rows: number;
  /** Patches in a row of the image. */
  columns: number;
  /** Pixels of a patch's side. */
  patchSize: number;
}

/** Distances in pixels between the centres of all patches, `(N, N)`. */
function patchDistances({ rows, columns, patchSize }: AttentionDistanceOptions): Tensor {
  const count = rows * columns;
  const distances = new Float32Array(count * count);
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      const down = Math.floor(from / columns) - Math.floor(to / columns);
      const right = from % columns - to % columns;
      distances[from * count + to] = patchSize * Math.hypot(down, right);
    }
  }
  return tf.tensor2d(distances, [count, count]);
}

/**
 * Mean attention distance of each head in pixels, `(heads)`: distances between patches, weighted
 * by the attention that each patch pays to the others, then the mean over patches and images
 * (Dosovitskiy et al. 2021, figure 7 and appendix D.7).
 *
 * Tokens before the patches, such as the class token, stand nowhere in the image: they are left
 * out, and the attention that each patch pays to patches is scaled to a sum of 1.
 *
 * @param attention each head's attention `(B, heads, T + N, T + N)` with T ≥ 0 further tokens
 *   before the N patches, as `vit()` gives it.
 * @throws {Error} when there are fewer tokens than patches.
 *
 * @example
 * ```ts
 * import { attentionDistance } from "./attention.ts";
 * import { tf } from "../engine/mod.ts";
 * const everywhere = tf.fill([1, 1, 4, 4], 0.25);
 * const distance = attentionDistance(everywhere, { rows: 2, columns: 2, patchSize: 16 });
 * console.log(distance.dataSync()[0]); // (0 + 16 + 16 + 16 √2) / 4, about 13.66
 * ```
 */
export function attentionDistance(
  attention: Tensor,
  options: AttentionDistanceOptions,
): Tensor {
  const { rows, columns } = options;
  const patches = rows * columns;
  const [, , queries, keys] = attention.shape as [number, number, number, number];
  const others = queries - patches;
  if (attention.rank !== 4 || queries !== keys || others < 0) {
    throw new Error(
      `An attention over ${rows}×${columns} patches is (B, heads, N, N) with N of at least ` +
        `${patches}, got [${attention.shape}]`,
    );
  }
  return tf.tidy(() => {
    const among = attention.slice([0, 0, others, others], [-1, -1, patches, patches]);
    const distance = among.mul(patchDistances(options)).sum(-1).div(among.sum(-1));
    return distance.mean([0, 2]);
  });
}
