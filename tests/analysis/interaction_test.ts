import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  interactionReward,
  interactionsOf,
  interactionStrength,
} from "../../lib/analysis/interaction.ts";
import {
  interactionOrder,
  playerMasks,
  sampleContexts,
  samplePairs,
  showPlayers,
} from "../../lib/analysis/interaction_players.ts";
import { randomKey, tf } from "../../lib/engine/mod.ts";

Deno.test("interactionOrder() is the share of the other players, rounded down", () => {
  const ratios = [0, 0.05, 0.3, 0.95, 1];
  assertEquals(ratios.map((ratio) => interactionOrder(16, ratio)), [0, 12, 76, 241, 254]);
  assertThrows(() => interactionOrder(16, 1.5), Error, "got 1.5");
  assertThrows(() => interactionOrder(1, 0.5), Error, "grid is 1");
});

Deno.test("samplePairs() draws different neighbours, the same for the same key", () => {
  const options = { grid: 16, count: 200, radius: 2 };
  const pairs = samplePairs(randomKey(3), options);
  assertEquals(pairs, samplePairs(randomKey(3), options));
  assert(pairs.join() !== samplePairs(randomKey(4), options).join());
  const names = pairs.map((pair) => [...pair].sort((a, b) => a - b).join());
  assertEquals(new Set(names).size, 200);
  for (const [first, second] of pairs) {
    const down = Math.abs(Math.floor(first / 16) - Math.floor(second / 16));
    const right = Math.abs(first % 16 - second % 16);
    assert(Math.max(down, right) <= 2 && down + right > 0, `${first} ${second}`);
  }
});

Deno.test("samplePairs() finds every pair there is, and refuses more", () => {
  // 3 × 3 cells: 12 neighbours along the axes, 8 along the diagonals.
  const options = { grid: 3, radius: 1 };
  assertEquals(samplePairs(randomKey(0), { ...options, count: 20 }).length, 20);
  assertThrows(
    () => samplePairs(randomKey(0), { ...options, count: 21 }),
    Error,
    "ask for 1 to 20 of them, not 21",
  );
  // Everybody is a neighbour within a large radius: 36 pairs of 9.
  assertThrows(
    () => samplePairs(randomKey(0), { grid: 3, radius: 9, count: 37 }),
    Error,
    "1 to 36",
  );
});

Deno.test("sampleContexts() draws sets of the other players", () => {
  const contexts = sampleContexts(randomKey(1), [5, 6], { grid: 4, order: 9, count: 30 });
  assertEquals(contexts.length, 30);
  for (const context of contexts) {
    assertEquals(new Set(context).size, 9);
    assert(context.every((one) => one >= 0 && one < 16 && one !== 5 && one !== 6));
  }
  const times = new Map<number, number>();
  contexts.flatMap((context) => [...context]).forEach((player) =>
    times.set(player, (times.get(player) ?? 0) + 1)
  );
  assertEquals(times.size, 14); // every other player takes part somewhere
  assertThrows(
    () => sampleContexts(randomKey(1), [5, 6], { grid: 4, order: 15, count: 1 }),
    Error,
    "0 to 14 others",
  );
});

Deno.test("playerMasks() and showPlayers() show the pair with and without the context", () => {
  tf.tidy(() => {
    const masks = playerMasks([1, 2], [[3], []], 2);
    assertEquals([...masks], [
      ...[0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1],
      ...[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
    ]);
    const image = tf.range(1, 9).reshape([2, 4, 1]);
    const shown = showPlayers(image, tf.tensor2d(masks, [8, 4]), 2);
    assertEquals(shown.shape, [8, 2, 4, 1]);
    const first = shown.slice([0, 0, 0, 0], [1, 2, 4, 1]).dataSync();
    assertEquals([...first], [0, 0, 3, 4, 5, 6, 7, 8]);
    assertThrows(
      () => showPlayers(tf.zeros([5, 4, 3]), tf.zeros([1, 25]), 5),
      Error,
      "5×4 cannot be cut into 5×5 cells: use a grid of at most 4",
    );
  });
});

Deno.test("showPlayers() cuts a side that the grid does not divide as PyTorch does", () => {
  // torch.nn.functional.interpolate(masks, size=[7, 82], mode="nearest")
  tf.tidy(() => {
    const masks = tf.tensor2d([[1, 2, 3, 4]]);
    const shown = showPlayers(tf.ones([7, 82, 1]), masks, 2);
    const column = shown.slice([0, 0, 0, 0], [1, 7, 1, 1]).dataSync();
    assertEquals([...column], [1, 1, 1, 1, 3, 3, 3]);
    const row = shown.slice([0, 0, 40, 0], [1, 1, 3, 1]).dataSync();
    assertEquals([...row], [1, 1, 2]);
  });
});

Deno.test("interactionReward() is log p, log odds or the logit of the true class", () => {
  tf.tidy(() => {
    const logits = tf.log(tf.tensor2d([[0.2, 0.5, 0.3], [0.1, 0.8, 0.1]]));
    const expected = {
      normal: [Math.log(0.5), Math.log(0.8)],
      modified: [Math.log(0.5 / 0.5), Math.log(0.8 / 0.2)],
      yi: [Math.log(0.5), Math.log(0.8)],
    };
    for (const reward of ["normal", "modified", "yi"] as const) {
      interactionReward(logits, 1, reward).dataSync().forEach((value, input) =>
        assertAlmostEquals(value, expected[reward][input]!, 1e-5)
      );
    }
    const shifted = logits.add(3); // probabilities stay
    assertAlmostEquals(
      interactionReward(shifted, 1, "normal").dataSync()[0]!,
      -0.693,
      1e-3,
    );
    assertAlmostEquals(interactionReward(shifted, 1, "yi").dataSync()[0]!, 2.307, 1e-3);
    for (const label of [0, 2]) {
      const odds = interactionReward(logits, label, "modified").dataSync()[1]!;
      assertAlmostEquals(odds, Math.log(0.1 / 0.9), 1e-5);
    }
    assertThrows(() => interactionReward(logits, 3), Error, "The label is 3");
  });
});

Deno.test("interactionStrength() averages contexts with their sign, and pairs without", () => {
  tf.tidy(() => {
    const deltas = interactionsOf(tf.tensor1d([5, 2, 1, 0, 0, 1, 1, 0]));
    assertEquals([...deltas.dataSync()], [2, -2]);
    const cancelling = deltas.reshape([1, 1, 2]);
    const opposite = deltas.reshape([1, 2, 1]);
    assertEquals([...interactionStrength([cancelling, opposite]).dataSync()], [0, 2]);
  });
});
