import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { jit, type Key, randomKey, type Tensor, tf } from "../../lib/engine/mod.ts";
import { type MixingOptions, mixRandomly } from "../../lib/trainers/random_mixing.ts";

const values = (tensor: Tensor): number[] => Array.from(tensor.dataSync());

/** Images of one value each, which is their number, with labels that are too. */
function numbered(count: number, side = 8) {
  const labels = tf.range(0, count, 1, "int32");
  const images = tf.tile(tf.cast(labels, "float32").reshape([-1, 1, 1, 1]), [
    ...[1, side, side, 1],
  ]);
  return { images, labels };
}

const everything: MixingOptions = {
  mixupAlpha: 0.8,
  cutmixAlpha: 1,
  partners: "permutation",
  cutmixPartners: "derangement",
};

Deno.test("mixRandomly() keeps images, labels and shares together", () => {
  const batch = numbered(6);
  let cuts = 0;
  for (let seed = 0; seed < 20; seed++) {
    for (const per of ["batch", "image"] as const) {
      const options = { ...everything, per };
      const mixed = mixRandomly(randomKey(seed), batch, options);
      // Images are their labels all over, so their means tell both labels and the share.
      const means = values(mixed.images.mean([1, 2, 3]));
      const others = values(mixed.otherLabels);
      const shares = values(tf.zeros([6]).add(mixed.lambda));
      means.forEach((mean, index) =>
        assertAlmostEquals(
          mean,
          shares[index]! * index + (1 - shares[index]!) * others[index]!,
          1e-4,
        )
      );
      const whole = values(mixed.images).every((value) => Number.isInteger(value));
      if (per === "batch" && whole) cuts++;
    }
  }
  assert(cuts > 3 && cuts < 17, `cutmix in ${cuts} of 20`);
});

Deno.test("mixRandomly() mixes nothing with probability 0, and one kind alone on request", () => {
  const batch = numbered(4);
  const of = (options: MixingOptions) => mixRandomly(randomKey(1), batch, options);
  const untouched = of({ ...everything, probability: 0 });
  assertEquals(values(untouched.images), values(batch.images));
  assertEquals(values(untouched.lambda), [1]);
  const cut = of({ mixupAlpha: 0, cutmixAlpha: 1 });
  assert(values(cut.images).every((value) => Number.isInteger(value)));
  const mixed = of({ mixupAlpha: 1, cutmixAlpha: 0 });
  assert(!Number.isInteger(values(mixed.images)[0]));
});

Deno.test("mixRandomly() compiled equals mixRandomly() eager", async () => {
  const batch = numbered(4);
  for (const compiler of ["xla", "graph"] as const) {
    const mix = (key: Key) => mixRandomly(key, batch, everything);
    const compiled = jit(mix, { compiler });
    for (const seed of [0, 1, 2, 3]) {
      const [eager, traced] = [mix(randomKey(seed)), await compiled(randomKey(seed))];
      assert(eager.images.sub(traced.images).abs().max().dataSync()[0]! < 1e-5);
      assertEquals(values(eager.otherLabels), values(traced.otherLabels));
    }
    compiled.dispose();
  }
});

Deno.test("mixRandomly() refuses what makes no sense, and says the way out", () => {
  const refused = (options: MixingOptions, count: number, message: string) =>
    assertThrows(
      () => mixRandomly(randomKey(0), numbered(count), options),
      Error,
      message,
    );
  const alphas = { mixupAlpha: 0.8, cutmixAlpha: 1 };
  refused(alphas, 5, 'must be even, got 5; partners "permutation" takes any');
  refused({ mixupAlpha: 0, cutmixAlpha: 0 }, 4, "got 0 and 0: leave mixing out for none");
  refused({ ...alphas, probability: 2 }, 4, "probability must be from 0 to 1, got 2");
  refused({ ...everything }, 1, "A batch of one image has no other partner");
});
