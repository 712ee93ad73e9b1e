import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { clip, describeClip } from "../../lib/backbones/clip.ts";
import { tinyClip } from "../../lib/backbones/clip_variants.ts";
import { wordTokenizer } from "../../lib/data/mod.ts";
import { disposeTree, randomKey, tf } from "../../lib/engine/mod.ts";
import { initializeParameters, scope } from "../../lib/nn/scope.ts";
import { recallAt } from "../../lib/trainers/retrieval.ts";
import { captionFeatures, zeroShotAccuracy } from "../../lib/trainers/zero_shot.ts";

function identified(rows: number[][], ids: number[]) {
  const width = rows[0]!.length;
  const values = Float32Array.from(rows.flat());
  return { features: { values, length: rows.length, width }, ids: Int32Array.from(ids) };
}

Deno.test("recallAt() counts the queries whose like is among the nearest", async () => {
  const bank = identified([[1, 0], [0.9, 0.1], [0, 1], [-1, 0]], [1, 2, 3, 4]);
  const queries = identified([[2, 0], [5, 0], [0, 3], [1, 0]], [1, 2, 3, 4]);
  assertEquals(await recallAt(1, queries, bank), 50);
  assertEquals(await recallAt(2, queries, bank), 75);
  assertEquals(await recallAt(9, queries, bank), 100); // no more than there are
});

Deno.test("recallAt() refuses ids that do not go with the features", async () => {
  const bank = identified([[1, 0]], [1]);
  const { features } = identified([[1, 0], [0, 1]], []);
  const queries = { features, ids: new Int32Array(3) };
  await assertRejects(() => recallAt(1, queries, bank), Error, "2 features, but 3 ids");
});

function speakingClip() {
  const tokenizer = wordTokenizer(["a red bag", "a blue boot", "the bag", "the boot"]);
  const { vocabularySize, contextLength } = tokenizer;
  const configuration = tinyClip({
    ...{ imageSize: 8, patchSize: 4, vocabularySize, contextLength },
    ...{ width: 16, layers: 1, textLayers: 1, heads: 2 },
  });
  const parameters = initializeParameters(describeClip(configuration, 1), randomKey(0));
  return { tokenizer, configuration, parameters };
}

Deno.test("captionFeatures() gives the embeddings of clip(), at length 1", () => {
  const { tokenizer, configuration, parameters } = speakingClip();
  const captions = ["a red bag", "the boot"];
  const { values, length, width } = captionFeatures(
    { tokenizer, configuration, parameters },
    captions,
  );
  assertEquals([length, width], [2, 16]);
  tf.tidy(() => {
    const ids = tf.tensor2d(tokenizer.encodeAll(captions), [2, 5], "int32");
    const inputs = { images: tf.zeros([2, 8, 8, 1]), ids };
    const { text } = clip(scope(parameters), inputs, configuration);
    const norms = text.embeds.square().sum(-1, true).sqrt();
    text.embeds.div(norms).dataSync().forEach((value, place) =>
      assertAlmostEquals(values[place]!, value, 1e-5)
    );
  });
  disposeTree(parameters);
});

Deno.test("zeroShotAccuracy() takes the class whose prompts are nearest on average", async () => {
  const speaking = speakingClip();
  const prompts = [["a red bag", "the bag"], ["a blue boot", "the boot"]];
  // Images that lie in the middle of a class's sentences, the last one mislabelled.
  const middle = (sentences: string[]) => {
    const { values, width } = captionFeatures(speaking, sentences);
    return Array.from({ length: width }, (_, k) => values[k]! + values[width + k]!);
  };
  const rows = [0, 0, 1, 1].map((label) => middle(prompts[label]!));
  const { features } = identified(rows, []);
  const labels = new Uint8Array([0, 0, 1, 0]);
  assertEquals(await zeroShotAccuracy(speaking, { features, labels }, prompts), 75);
  await assertRejects(
    () => zeroShotAccuracy(speaking, { features, labels }, [["a bag"], []]),
    Error,
    "equally many prompts, at least one: got [1, 0]",
  );
  disposeTree(speaking.parameters);
});
