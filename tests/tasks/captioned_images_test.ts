import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { sourceOf, sourceWithoutLabels, subsetOf } from "../../lib/data/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { recipe, resolveRecipe } from "../../lib/recipes/mod.ts";
import type { ContrastiveRecipe } from "../../lib/recipes/recipe.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { aboutCaptions, captionImages } from "../../tasks/clip/captioned_images.ts";
import { clipTable } from "../../tasks/clip/measures.ts";
import { clipByHeart, clipOverfitCount } from "../../tasks/clip/overfit.ts";
import { prepareClip } from "../../tasks/clip/prepare.ts";
import { nearZero } from "../../tasks/training/by_heart.ts";
import { withHeldOut } from "../../tasks/training/held_out.ts";
import { toyImages } from "../trainers/toy.ts";

const toy = toyImages(80);
const { captions: _, ...labelled } = toy;
const reading = { readers: 2, maxBad: 0 };

Deno.test("captionImages() takes a tenth of what is in memory, and all of what is read", () => {
  const inMemory = captionImages({ train: labelled }, 0);
  assertEquals([inMemory.kind, inMemory.train.length], ["classes", 8]);
  const read = captionImages({ train: sourceOf(labelled) }, 0);
  assertEquals([read.kind, read.train.length], ["classes", 80]);
  assertEquals(read.train.captions[1], "a photo of a top right");
  assertEquals([...read.meanings.subarray(0, 5)], [0, 1, 2, 3, 0]);
  assert(aboutCaptions(read)[0]!.includes("4 classes"), aboutCaptions(read)[0]);
  const own = captionImages({ train: sourceOf(toy) }, 0);
  assertEquals([own.kind, own.train.captions], ["captions", toy.captions]);
  assertEquals(aboutCaptions(own), []);
});

Deno.test("captionImages() says what can be done without captions, aboutCaptions() when all are one", () => {
  const bare = sourceWithoutLabels(sourceOf(labelled));
  assertThrows(
    () => captionImages({ train: bare }, 0),
    Error,
    "toy has neither captions nor class folders to make them of: sort the pictures",
  );
  const same = { ...bare, captions: new Array<string>(80).fill("a cat") };
  const [sentence] = aboutCaptions(captionImages({ train: same }, 0));
  assert(sentence!.startsWith('All 80 captions of toy say the same ("a cat")'), sentence);
});

Deno.test("clipTable() has the columns that the images allow", () => {
  const source = sourceOf(labelled);
  const test = subsetOf(source, [0, 1, 2, 3], "few");
  const columns = (train: typeof source, queries: typeof source) => {
    const captioned = captionImages({ train, test: queries }, 0);
    const table = clipTable({ captioned, bank: captioned.train, queries });
    return table?.columns.map(({ key }) => key);
  };
  assertEquals(columns(source, test), ["knn", "probe", "zero-shot"]);
  const own = sourceOf(toy);
  const recall = ["its-caption", "its-image"] as const;
  assertEquals(columns(own, own), ["knn", "probe", ...recall]);
  const unlabelled = { ...sourceWithoutLabels(own), captions: toy.captions };
  assertEquals(columns(unlabelled, unlabelled), [...recall]);
});

Deno.test("withHeldOut() holds a tenth of captioned images back, though they have no labels", () => {
  const captions = toy.captions.map((caption, index) => `${caption} ${index}`);
  const all = { ...sourceWithoutLabels(sourceOf(toy)), captions };
  const said: string[] = [];
  const { train, test } = withHeldOut(all, (sentence) => said.push(sentence));
  assertEquals([train.length, test!.length, test!.captions![0]], [72, 8, captions[9]]);
  assertEquals(said.length, 1);
});

/** A recipe for the toy's 8 × 8 pixels. */
function small(overrides: Record<string, string> = {}): ContrastiveRecipe {
  return resolveRecipe(recipe("clip-tiny"), {
    ...{ "data.imageSize": "8", "model.patchSize": "4", "model.width": "32" },
    ...{ "model.layers": "1", "batch.total": "16" },
    ...overrides,
  }) as ContrastiveRecipe;
}

Deno.test("--overfit: clip-tiny learns 6 images by heart, though captions repeat", async () => {
  const captioned = captionImages({ train: sourceOf(labelled) }, 0);
  const before = tf.memory().numTensors;
  const { first, last } = await clipByHeart({
    ...{
      recipe: small({ steps: "300", "batch.total": "128" }),
      captioned,
      seed: 0,
      reading,
      count: 6,
    },
    progress: noProgress,
  });
  assert(last < nearZero * first, `${first} → ${last}`);
  assertEquals(tf.memory().numTensors, before);
  assertEquals([clipOverfitCount(1), clipOverfitCount(6)], [2, 6]);
  const same = { ...captioned, meanings: new Int32Array(80) };
  await assertRejects(
    () => clipByHeart({ recipe: small(), captioned: same, seed: 0, reading, count: 2 }),
    Error,
    "All captions say the same",
  );
});

Deno.test("prepareClip() refuses a batch in parts, and cuts off captions beyond 77 words", () => {
  const captioned = captionImages({ train: sourceOf(toy) }, 0);
  const input = { captioned, seed: 0, reading };
  assertThrows(
    () => prepareClip({ ...input, recipe: small({ "batch.micro": "8" }) }),
    Error,
    "a batch of 16 cannot be computed 8 at a time",
  );
  const captions = toy.captions.map((caption) => `${caption} again`.repeat(40));
  const long = captionImages({ train: { ...sourceOf(toy), captions } }, 0);
  const { tokenizer, configuration } = prepareClip({
    ...{ ...input, captioned: long, recipe: small() },
  });
  assertEquals([tokenizer.contextLength, configuration.text.contextLength], [77, 77]);
});
