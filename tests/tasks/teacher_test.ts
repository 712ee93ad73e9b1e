import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { describeClip } from "../../lib/backbones/clip.ts";
import { tinyClip } from "../../lib/backbones/clip_variants.ts";
import { wordTokenizer } from "../../lib/data/mod.ts";
import { disposeTree, random, randomKey, tf } from "../../lib/engine/mod.ts";
import { clipTeacher } from "../../lib/methods/teacher.ts";
import { initializeParameters } from "../../lib/nn/scope.ts";
import { recipe, resolveRecipe } from "../../lib/recipes/mod.ts";
import type { PretrainRecipe } from "../../lib/recipes/recipe.ts";
import { clipPath, saveTeacher } from "../../tasks/clip/save_teacher.ts";
import { loadTeacher, teacherRecipe } from "../../tasks/training/teacher.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";

const tokenizer = wordTokenizer(["a cat", "a dog"]);
const { vocabularySize, contextLength } = tokenizer;
const configuration = tinyClip({
  ...{ imageSize: 8, patchSize: 4, vocabularySize, contextLength },
  ...{ width: 16, layers: 1, textLayers: 1, heads: 2 },
});
const seen = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };

function milan(overrides: Record<string, string> = {}): PretrainRecipe {
  const changes = { "data.imageSize": "8", "model.backbone.variant": "tiny/4" };
  return resolveRecipe(recipe("milan-tiny"), {
    ...changes,
    ...overrides,
  }) as PretrainRecipe;
}

/** Saves a CLIP as drawn into a folder, and gives its parameters to `use`. */
async function withTeacher(
  use: (
    folder: string,
    parameters: ReturnType<typeof initializeParameters>,
  ) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const parameters = initializeParameters(describeClip(configuration, 3), randomKey(0));
    const clip = { parameters, configuration, tokenizer };
    await saveTeacher(folder, clip, { ...seen, fingerprint: "few" });
    await use(folder, parameters);
    disposeTree(parameters);
  });
}

Deno.test("loadTeacher() shows a teacher the pixels as it knows them, from folder and from file", async () => {
  await withTeacher(async (folder, parameters) => {
    const student = { mean: [0.1, 0.2, 0.3], std: [0.5, 0.6, 0.7] };
    const pixels = random.uniform(randomKey(1), [2, 8, 8, 3]);
    const normalized = ({ mean, std }: typeof student) =>
      tf.tidy(() => pixels.sub(tf.tensor1d(mean)).div(tf.tensor1d(std)));
    const own = clipTeacher(parameters, configuration.vision);
    const wanted = tf.tidy(() => own(normalized(seen)).features.dataSync());
    for (const from of [folder, clipPath(folder)]) {
      for (const statistics of [student, seen]) {
        const held = await loadTeacher(milan(), from, statistics);
        const found = tf.tidy(() =>
          held.teacher(normalized(statistics)).features.dataSync()
        );
        wanted.forEach((value, at) => assertAlmostEquals(found[at]!, value, 1e-3));
        held.dispose();
      }
    }
    pixels.dispose();
  });
});

Deno.test("loadTeacher() refuses what cannot teach this student, in one sentence", async () => {
  await withTeacher(async (folder) => {
    const before = tf.memory().numTensors;
    const load = (from: string, chosen = milan(), student = seen) => () =>
      loadTeacher(chosen, from, student);
    const larger = milan({ "data.imageSize": "16" });
    await assertOneSentence(
      load(folder, larger),
      "is for images of 8 pixels with patches of 4",
      "--data.imageSize 16 --model.patchSize 4",
    );
    const finer = milan({ "model.backbone.variant": "tiny/2" });
    await assertOneSentence(load(folder, finer), "milan-tiny has 8 with 2");
    const grey = { mean: [0.3], std: [0.3] };
    await assertOneSentence(load(folder, milan(), grey), "in colour, these are in grey");
    assertEquals(tf.memory().numTensors, before);
    await assertOneSentence(load(`${folder}/no`), "There is no", "deno task clip");
    await Deno.mkdir(`${folder}/run`);
    await assertOneSentence(load(`${folder}/run`), "holds no clip.safetensors");
    const note = (values: unknown) =>
      Deno.writeTextFile(`${folder}/run/run.json`, JSON.stringify(values));
    await note({ recipe: { name: "mae-tiny", task: "pretrain" } });
    await assertOneSentence(load(`${folder}/run`), "is a run of mae-tiny");
    await note({ recipe: { task: "clip" }, command: "deno task clip --seed 3" });
    await assertOneSentence(
      load(`${folder}/run`),
      "not trained to its end: go on with deno task clip --seed 3",
    );
    await assertRejects(load(`${folder}/tokenizer.json`), Error, "tokenizer.json");
  });
});

Deno.test("teacherRecipe() sees what the student sees, for as many steps as that says", () => {
  const own = teacherRecipe(milan(), { kind: "emoji" });
  assertEquals([own.data.imageSize, own.model.patchSize, own.steps], [8, 4, 300]);
  const shorter = milan({ "teacher.steps": "7" });
  assertEquals(teacherRecipe(shorter, { kind: "emoji" }).steps, 7);
});
