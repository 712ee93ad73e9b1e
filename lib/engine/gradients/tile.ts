/**
 * The gradient of tile. tfjs's own slices and adds once for each repetition: a mask token repeated
 * for every removed patch of a batch makes ten thousand operations of it, this one makes two.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { addGradient, single } from "./gradient.ts";

/** Registers it, in place of tfjs's. */
export function registerTileGradient(): void {
  tf.unregisterGradient(tf.Tile);
  addGradient<tf.TileAttrs>(tf.Tile, {
    inputsToSave: ["x"],
    compute: (dy, [x], { reps }) => ({
      x: () => {
        // (r₀·s₀, r₁·s₁, …) → (r₀, s₀, r₁, s₁, …), and the repetitions are summed up.
        const shape: number[] = [];
        const repeated: number[] = [];
        x!.shape.forEach((length, axis) => {
          if (reps[axis]! > 1) {
            repeated.push(shape.length);
            shape.push(reps[axis]!);
          }
          shape.push(length);
        });
        return tf.sum(tf.reshape(single(dy), shape), repeated).reshape(x!.shape);
      },
    }),
  });
}
