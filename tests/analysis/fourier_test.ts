import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  featureVariance,
  logAmplitudeMap,
  relativeLogAmplitudes,
  tokensToMap,
} from "../../lib/analysis/fourier.ts";
import { type Tensor, tf } from "../../lib/engine/mod.ts";

/** A wave of `cycles` along both axes, `(1, side, side, 1)`. */
function wave(side: number, cycles: number): Tensor {
  const values = Float32Array.from({ length: side * side }, (_, at) => {
    const phase = Math.floor(at / side) + at % side;
    return 1 + Math.cos(2 * Math.PI * cycles * phase / side);
  });
  return tf.tensor4d(values, [1, side, side, 1]);
}

Deno.test("logAmplitudeMap() has its peaks where the waves are", () => {
  tf.tidy(() => {
    for (const side of [8, 9]) {
      const map = logAmplitudeMap(wave(side, 2)).arraySync() as number[][];
      const center = Math.floor(side / 2);
      // A mean of 1 gives the side² at frequency 0, a cosine half of it on either side.
      assertAlmostEquals(map[center]![center]!, Math.log(side * side), 1e-4);
      for (const away of [-2, 2]) {
        const peak = map[center + away]![center + away]!;
        assertAlmostEquals(peak, Math.log(side * side / 2), 1e-4);
      }
      assert(map[center]![center + 1]! < -8, "nothing between the peaks");
    }
  });
});

Deno.test("relativeLogAmplitudes() starts from 0 and follows the diagonal", () => {
  tf.tidy(() => {
    const curve = [...relativeLogAmplitudes(wave(9, 3)).dataSync()];
    assertEquals(curve.length, 5);
    assertEquals(curve[0], 0);
    assertAlmostEquals(curve[3]!, Math.log(0.5), 1e-4);
    assert(curve[2]! < -10 && curve[4]! < -10);
    assertEquals(relativeLogAmplitudes(tf.randomNormal([2, 14, 14, 3])).shape, [7]);
  });
});

Deno.test("relativeLogAmplitudes() sees that blurring takes high frequencies away", () => {
  tf.tidy(() => {
    const noise = tf.randomNormal([2, 12, 12, 4], 0, 1, "float32", 1);
    const blurred = tf.avgPool(noise as ReturnType<typeof tf.tensor4d>, 3, 1, "same");
    const [sharp, soft] = [noise, blurred].map((map) =>
      relativeLogAmplitudes(map).dataSync().at(-1)!
    );
    assert(soft! < sharp! - 0.5, `${soft} against ${sharp}`);
  });
});

Deno.test("featureVariance() is unbiased over positions and knows nothing of the mean", () => {
  tf.tidy(() => {
    const map = tf.tensor4d([0, 5, 2, 5, 4, 5, 6, 5], [1, 2, 2, 2]);
    // Channels 0, 2, 4, 6 and 5, 5, 5, 5: variances 20 / 3 and 0.
    assertAlmostEquals(featureVariance(map).dataSync()[0]!, 10 / 3, 1e-6);
    assertAlmostEquals(featureVariance(map.add(100)).dataSync()[0]!, 10 / 3, 1e-4);
  });
});

Deno.test("tokensToMap() lays tokens out row by row, and finds a class token left in", () => {
  tf.tidy(() => {
    const tokens = tf.range(0, 8).reshape([1, 4, 2]);
    const second = tokensToMap(tokens).slice([0, 0, 1, 0], [1, 1, 1, 2]);
    assertEquals([...second.dataSync()], [2, 3]);
    const third = tokensToMap(tokens).slice([0, 1, 0, 0], [1, 1, 1, 2]);
    assertEquals([...third.dataSync()], [4, 5]);
    assertThrows(() => tokensToMap(tf.zeros([1, 50, 2])), Error, "50 tokens");
  });
});

Deno.test("Fourier analysis refuses what is no map, or has no diagonal", () => {
  tf.tidy(() => {
    assertThrows(() => logAmplitudeMap(tf.zeros([1, 49, 8])), Error, "tokensToMap()");
    const oblong = tf.zeros([1, 4, 6, 2]);
    assertThrows(() => relativeLogAmplitudes(oblong), Error, "got 4×6");
    assertEquals(logAmplitudeMap(oblong).shape, [4, 6]);
    assertThrows(() => featureVariance(tf.zeros([1, 1, 1, 3])), Error, "1×1");
  });
});
