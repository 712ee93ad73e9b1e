import { assertAlmostEquals, assertEquals } from "@std/assert";
import { randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import {
  classifier,
  type DecoderConfiguration,
  linearProbe,
  maeDecoder,
  pool,
  promptingDecoder,
} from "../../lib/heads/mod.ts";
import { maskFromOrder } from "../../lib/maskers/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
  type Scope,
  scope,
} from "../../lib/nn/scope.ts";

function drawn(model: (scope: Scope) => unknown): Parameters {
  return initializeParameters(describeParameters((scope) => model(scope)), randomKey(0));
}

const configuration: DecoderConfiguration = {
  width: 16,
  depth: 2,
  heads: 2,
  outputs: 12,
};

/** A batch of one with 16 patches, of which 9, 2, 7 and 4 are visible. */
function someMask() {
  const kept = [9, 2, 7, 4];
  const order = [...kept, ...[...Array(16).keys()].filter((n) => !kept.includes(n))];
  return maskFromOrder(tf.tensor2d([order], [1, 16], "int32"), 0.75);
}

function decoders() {
  const latent = tf.randomNormal([1, 5, 8], 0, 1, "float32", 7);
  const mask = someMask();
  return ([maeDecoder, promptingDecoder] as const).map((decode) => ({
    decode: (scope: Scope, from: Tensor = latent) =>
      decode(scope, from, mask, configuration),
    parameters: drawn((scope) =>
      decode(scope, tf.zeros([1, 5, 8]), someMask(), configuration)
    ),
    latent,
  }));
}

Deno.test("decoders predict every token in image order", () => {
  tf.tidy(() => {
    const [plain, prompting] = decoders().map(({ decode, parameters }) =>
      decode(scope(parameters))
    );
    assertEquals(plain!.prediction.shape, [1, 17, 12]);
    assertEquals(plain!.blocks.map(({ shape }) => shape), [[1, 17, 16], [1, 17, 16]]);
    assertEquals(prompting!.prediction.shape, [1, 17, 12]);
    // Only the removed patches are worked on.
    assertEquals(prompting!.blocks.map(({ shape }) => shape), [[1, 12, 16], [1, 12, 16]]);
  });
});

/** Tokens of the prediction that change when one visible token of the encoder does. */
function changedBy(token: number, which: 0 | 1): number[] {
  return tf.tidy(() => {
    const { decode, parameters, latent } = decoders()[which]!;
    const change = tf.oneHot(tf.tensor1d([token], "int32"), 5).reshape([1, 5, 1]);
    // One feature alone: to all features alike a layer norm would be blind.
    const feature = tf.oneHot(tf.tensor1d([0], "int32"), 8).reshape([1, 1, 8]);
    const other = latent.add(change.mul(feature).mul(3));
    const difference = decode(scope(parameters)).prediction
      .sub(decode(scope(parameters), other).prediction).abs().max(-1);
    return Array.from(difference.dataSync())
      .flatMap((size, place) => size > 1e-6 ? [place] : []);
  });
}

Deno.test("the plain decoder lets every token see every other", () => {
  assertEquals(changedBy(1, 0), [...Array(17).keys()]);
});

Deno.test("the prompting decoder changes removed patches and the prompt itself, no other prompt", () => {
  const others = [2, 7, 4].map((patch) => patch + 1); // visible, after the class token
  const expected = [...Array(17).keys()].filter((place) =>
    place !== 0 && !others.includes(place)
  );
  assertEquals(changedBy(1, 1), expected);
});

Deno.test("pool() takes the class token, the patches or all tokens", () => {
  tf.tidy(() => {
    const tokens = tf.tensor3d([[[1, 2, 3, 6], [10, 0, 0, 0], [0, 20, 0, 0]]]);
    const poolings = ["class-token", "patches", "all-tokens"] as const;
    const names = poolings.map((pooling) =>
      Object.keys(drawn((scope) => pool(scope, tf.zeros([1, 3, 4]), pooling)))
    );
    assertEquals(names, [
      ["norm.weight", "norm.bias"],
      ...Array(2).fill(["fc_norm.weight", "fc_norm.bias"]),
    ]);
    const means = [[1, 2, 3, 6], [5, 10, 0, 0], [11 / 3, 22 / 3, 1, 2]];
    poolings.forEach((pooling, place) => {
      const parameters = drawn((scope) => pool(scope, tf.zeros([1, 3, 4]), pooling));
      const pooled = pool(scope(parameters), tokens, pooling);
      assertEquals(pooled.shape, [1, 4]);
      const mean = means[place]!;
      const center = mean.reduce((a, b) => a + b) / 4;
      const spread = Math.sqrt(mean.reduce((a, b) => a + (b - center) ** 2, 0) / 4);
      pooled.dataSync().forEach((value, feature) =>
        assertAlmostEquals(value, (mean[feature]! - center) / spread, 1e-4)
      );
    });
  });
});

Deno.test("classifier() starts near zero, so that no class is preferred", () => {
  tf.tidy(() => {
    const parameters = drawn((scope) => classifier(scope, tf.zeros([1, 8]), 3));
    const logits = classifier(scope(parameters), tf.ones([2, 8]), 3);
    assertEquals(logits.shape, [2, 3]);
    logits.dataSync().forEach((value) => assertAlmostEquals(value, 0, 1e-3));
  });
});

Deno.test("linearProbe() normalises by the batch in training, and moves its statistics", () => {
  tf.tidy(() => {
    const features = tf.tensor2d([[1, 10], [3, 30]]);
    const options = { classes: 2 };
    const parameters = drawn((scope) => linearProbe(scope, tf.zeros([2, 2]), options));
    const updates: Parameters = {};
    linearProbe(scope(parameters, undefined, updates), features, {
      ...options,
      training: true,
    });
    // A tenth of the batch's mean, and of its unbiased variance, 2 and 200.
    const close = (tensor: Tensor, wanted: number[]) =>
      tensor.dataSync().forEach((value, place) =>
        assertAlmostEquals(value, wanted[place]!, 1e-4)
      );
    close(updates["0.running_mean"]!, [0.2, 2]);
    close(updates["0.running_var"]!, [0.9 + 0.2, 0.9 + 20]);
    const still: Parameters = {};
    const later = scope(parameters, undefined, still);
    assertEquals(linearProbe(later, features, options).shape, [2, 2]);
    assertEquals(still, {});
  });
});
