import { assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { jit, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  a2mimFocalFrequency,
  blendUnmasked,
  focalFrequencyLoss,
  type FocalFrequencyOptions,
  frequencyRegression,
  spectrum,
} from "../../lib/losses/mod.ts";

function value(tensor: Tensor): number {
  return tensor.dataSync()[0]!;
}

function pair(seed = 1): [Tensor, Tensor] {
  const images = (seed: number): Tensor =>
    tf.randomNormal([2, 8, 8, 3], 0, 1, "float32", seed);
  return [images(seed), images(seed + 1)];
}

/** The loss by its definition: both spectra first, numbers in JavaScript after. */
function reference(
  [prediction, target]: [Tensor, Tensor],
  { alpha = 1, averageSpectrum, logarithm, largestOf = "map" }: FocalFrequencyOptions,
): number {
  const read = (images: Tensor): Tensor => {
    const { real, imaginary } = spectrum(images);
    const both = tf.stack([real, imaginary], -1);
    return averageSpectrum ? both.mean(0, true) : both;
  };
  const pairs = read(prediction).sub(read(target)).reshape([-1, 64, 2])
    .arraySync() as [number, number][][];
  const maps = pairs.map((map) =>
    map.map(([real, imaginary]) => {
      const distance = Math.hypot(real, imaginary) ** alpha;
      const weight = logarithm ? Math.log(distance + 1) : distance;
      return { weight, square: real ** 2 + imaginary ** 2 };
    })
  );
  const largest = (map: { weight: number }[]) =>
    Math.max(...map.map(({ weight }) => weight));
  const overall = largest(maps.flat());
  const terms = maps.flatMap((map) => {
    const most = largestOf === "batch" ? overall : largest(map);
    return map.map(({ weight, square }) => weight / most * square);
  });
  return terms.reduce((sum, term) => sum + term) / terms.length;
}

const variants: FocalFrequencyOptions[] = [
  {},
  { largestOf: "batch", alpha: 2 },
  { averageSpectrum: true, alpha: 0.5 },
  { logarithm: true },
  a2mimFocalFrequency,
];

for (const options of variants) {
  Deno.test(`focalFrequencyLoss() with ${JSON.stringify(options)} is what its paper says`, () => {
    tf.tidy(() => {
      const images = pair();
      const loss = value(focalFrequencyLoss(...images, options));
      assertAlmostEquals(loss, reference(images, options), 1e-5);
    });
  });
}

Deno.test("focalFrequencyLoss() lets no gradient through its weights", () => {
  tf.tidy(() => {
    const [prediction, target] = pair();
    const options = { largestOf: "batch", alpha: 2 } as const;
    const { value: loss, grad } = tf.valueAndGrad((x: Tensor) =>
      focalFrequencyLoss(x, target, options)
    )(prediction);
    // With fixed weights the loss is quadratic in the difference, so Euler: x · slope = 2 loss.
    const euler = value(grad.mul(prediction.sub(target)).sum());
    assertAlmostEquals(euler, 2 * value(loss), 1e-4);
  });
});

Deno.test("Fourier losses of equal images are 0, with slopes of 0", () => {
  tf.tidy(() => {
    const [images] = pair();
    const losses = [
      (x: Tensor) => focalFrequencyLoss(x, images, a2mimFocalFrequency),
      (x: Tensor) => focalFrequencyLoss(x, images, { alpha: 0.5 }),
      (x: Tensor) => frequencyRegression(x, images),
      (x: Tensor) => frequencyRegression(x, images, { regression: { kind: "focal-l1" } }),
    ];
    for (const loss of losses) {
      const { value: at, grad } = tf.valueAndGrad(loss)(images);
      assertLess(value(at), 1e-11);
      assertEquals(value(grad.abs().max()), 0);
    }
  });
});

Deno.test("frequencyRegression() is of the magnitude of the complex difference", () => {
  tf.tidy(() => {
    const [prediction, target] = pair();
    const { real, imaginary } = spectrum(prediction.sub(target));
    const magnitude = real.square().add(imaginary.square()).sqrt();
    const plain = frequencyRegression(prediction, target);
    assertAlmostEquals(value(plain), value(magnitude.mean()), 1e-5);
    const focal = frequencyRegression(prediction, target, {
      regression: { kind: "focal-l1", alpha: 0.4 },
    });
    const factor = magnitude.mul(0.4).sigmoid().mul(2).sub(1);
    assertAlmostEquals(value(focal), value(magnitude.mul(factor).mean()), 1e-5);
    const { value: weighted, grad } = tf.valueAndGrad((x: Tensor) =>
      frequencyRegression(x, target, { reweight: true })
    )(prediction);
    assertAlmostEquals(value(weighted), value(magnitude.square().mean()), 1e-4);
    // Half the slope of the square: the weight is held fixed.
    const euler = value(grad.mul(prediction.sub(target)).sum());
    assertAlmostEquals(euler, value(weighted), 1e-4);
  });
});

Deno.test("blendUnmasked() puts the replacement into visible pixels", () => {
  tf.tidy(() => {
    const mask = tf.tensor4d([1, 0], [1, 1, 2, 1]);
    const prediction = tf.tensor4d([1, 2], [1, 1, 2, 1]);
    const target = tf.tensor4d([10, 20], [1, 1, 2, 1]);
    const second = (options: Parameters<typeof blendUnmasked>[3]): number => {
      const blended = blendUnmasked(prediction, target, mask, options).dataSync();
      assertEquals(blended[0], 1);
      return blended[1]!;
    };
    assertEquals(second({}), 20);
    assertEquals(second({ replacement: "prediction" }), 2);
    assertEquals(second({ replacement: "mixed" }), 11);
    assertEquals(second({ replacement: "mean" }), 15);
    assertEquals(second({ replacement: "target", unmaskWeight: 0.5 }), 11);
    assertEquals(second({ unmaskWeight: 1 }), 2);
    assertThrows(() => second({ unmaskWeight: -1 }), Error, "from 0 to 1, got -1");

    // Only the share of the prediction that stays has a slope.
    const slope = tf.grad((x: Tensor) =>
      blendUnmasked(x, target, mask, { replacement: "mixed", unmaskWeight: 0.25 }).sum()
    )(prediction);
    assertEquals(Array.from(slope.dataSync()), [1, 0.25]);
  });
});

Deno.test("Fourier losses are the same compiled, with their gradients", async () => {
  const [prediction, target] = pair(7);
  const both = ({ prediction, target }: { prediction: Tensor; target: Tensor }) => {
    const { value: loss, grad } = tf.valueAndGrad((x: Tensor) =>
      focalFrequencyLoss(x, target, a2mimFocalFrequency)
        .add(frequencyRegression(x, target, {
          regression: { kind: "focal-l1", gamma: 2 },
        }))
    )(prediction);
    return { loss, grad };
  };
  const eager = tf.tidy(() => both({ prediction, target }));
  for (const compiler of ["graph", "xla"] as const) {
    const jitted = jit(both, { compiler });
    const compiled = await jitted({ prediction, target });
    assertAlmostEquals(value(compiled.loss), value(eager.loss), 1e-5);
    const off = tf.tidy(() => value(compiled.grad.sub(eager.grad).abs().max()));
    assertLess(off, 1e-6);
    tf.dispose(compiled);
    jitted.dispose();
  }
  tf.dispose([prediction, target, eager.loss, eager.grad]);
});
