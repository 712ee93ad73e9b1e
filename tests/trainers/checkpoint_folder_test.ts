import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { disposeTree, tf } from "../../lib/engine/mod.ts";
import { backgroundSaver } from "../../lib/trainers/background_save.ts";
import {
  DamagedCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "../../lib/trainers/checkpoint.ts";
import { checkpointFolder } from "../../lib/trainers/checkpoint_folder.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";

const weights = (value: number) => ({ parameters: { weight: tf.scalar(value) } });

function weightOf(tree: unknown): number {
  const { parameters } = tree as ReturnType<typeof weights>;
  return parameters.weight.dataSync()[0]!;
}

Deno.test("checkpointFolder() keeps the last few and the best", async () => {
  await inTemporaryFolder(async (folder) => {
    const checkpoints = checkpointFolder(`${folder}/phase`, { keep: 2 });
    assertEquals(await checkpoints.newest(), undefined);
    for (let step = 1; step <= 6; step++) {
      const best = step < 2 ? undefined : { step: 2, metric: "knn", value: 50 };
      await checkpoints.save(step, weights(step), { step: `${step}` }, best);
    }
    assertEquals(await checkpoints.steps(), [2, 5, 6]);
    assertEquals(await checkpoints.best(), { step: 2, metric: "knn", value: 50 });
    await checkpoints.save(7, weights(7), {}, { step: 7, metric: "knn", value: 60 });
    assertEquals(await checkpoints.steps(), [6, 7]);
    const newest = await checkpoints.newest();
    assertEquals([newest!.step, weightOf(newest!.tree)], [7, 7]);
    await Deno.writeTextFile(`${folder}/phase/best.json`, "{");
    assertEquals(await checkpoints.best(), undefined);
  });
  assertThrows(() => checkpointFolder("x", { keep: 0 }), Error, "At least one");
});

Deno.test("checkpointFolder() puts damaged ones aside, and what a kill left half written", async () => {
  await inTemporaryFolder(async (folder) => {
    const said: string[] = [];
    const say = (sentence: string) => void said.push(sentence);
    const checkpoints = checkpointFolder(folder, { keep: 3, say });
    for (const step of [1, 2, 3]) await checkpoints.save(step, weights(step), {});
    await Deno.truncate(checkpoints.path(3), 50);
    const bytes = await Deno.readFile(checkpoints.path(2));
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(checkpoints.path(2), bytes);
    await Deno.writeTextFile(`${checkpoints.path(4)}.abc.partial`, "half");
    const before = [...Deno.readDirSync(folder)].length;
    assertEquals((await checkpoints.newest())!.step, 1);
    assertEquals([...Deno.readDirSync(folder)].length, before, "reading changes nothing");
    const newest = await checkpoints.restore();
    assertEquals([newest!.step, weightOf(newest!.tree)], [1, 1]);
    assertEquals(said.length, 4);
    for (const sentence of said) assert(sentence.includes("going on from step 1"));
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assertEquals(names.sort(), [
      "step-00000001.safetensors",
      "step-00000002.safetensors.damaged",
      "step-00000003.safetensors.damaged",
    ]);
    await Deno.truncate(checkpoints.path(1), 50);
    await assertOneSentence(() => checkpoints.newest(), "no older one is whole", folder);
  });
});

Deno.test("loadCheckpoint() finds one wrong bit, wherever it is", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/one.safetensors`;
    const tree = { parameters: { weight: tf.tensor1d([1, 2]), bias: tf.zeros([2]) } };
    await saveCheckpoint(path, tree, { phase: "mae", step: "1" });
    const whole = await Deno.readFile(path);
    for (let place = 0; place < whole.length; place++) {
      const damaged = whole.slice();
      damaged[place]! ^= 1 << (place % 8);
      await Deno.writeFile(path, damaged);
      await assertRejects(() => loadCheckpoint(path), DamagedCheckpoint);
    }
  });
});

Deno.test("checkpointFolder() knows the best up to the step that it goes on from", async () => {
  await inTemporaryFolder(async (folder) => {
    const checkpoints = checkpointFolder(folder, { keep: 3, say: () => {} });
    const best = (step: number) => ({ step, metric: "knn", value: step });
    await checkpoints.save(1, weights(1), {}, best(1));
    await checkpoints.save(2, weights(2), {}, best(1));
    await checkpoints.save(3, weights(3), {}, best(3));
    // A kill between the checkpoint and the note that it is the best.
    await Deno.writeTextFile(`${folder}/best.json`, JSON.stringify(best(1)));
    assertEquals((await checkpoints.restore())!.best, best(3));
    assertEquals(await checkpoints.best(), best(3));
    // The best is damaged: what comes after the one before it is compared with the best until then.
    await Deno.truncate(checkpoints.path(3), 9);
    assertEquals((await checkpoints.restore())!.best, best(1));
    assertEquals(await checkpoints.best(), best(1));
    await Deno.remove(checkpoints.path(1));
    assertEquals(await checkpoints.best(), undefined);
  });
});

Deno.test("saveCheckpoint() writes what the tensors were, though they are disposed at once", async () => {
  await inTemporaryFolder(async (folder) => {
    const before = tf.memory().numTensors;
    const checkpoints = checkpointFolder(folder);
    const tree = weights(7);
    const saved = checkpoints.save(1, tree, {});
    disposeTree(tree);
    await saved;
    const newest = await checkpoints.newest();
    assertEquals(weightOf(newest!.tree), 7);
    disposeTree(newest!.tree);
    assertEquals(tf.memory().numTensors, before);
  });
});

Deno.test("checkpointFolder() keeps the older ones when the disk is full", async () => {
  await inTemporaryFolder(async (folder) => {
    let full = false;
    const write: typeof saveCheckpoint = (path, tree, facts) => {
      const bad = { ...tree, [full ? "odd" : "even"]: tf.scalar(1) };
      const place = full ? `${folder}/none/such.safetensors` : path;
      return saveCheckpoint(place, bad, facts);
    };
    const checkpoints = checkpointFolder(folder, { keep: 1, write });
    await checkpoints.save(1, weights(1), {});
    full = true;
    await assertOneSentence(() => checkpoints.save(2, weights(2), {}), "Cannot write");
    assertEquals(await checkpoints.steps(), [1]);
    assertEquals(weightOf((await checkpoints.newest())!.tree), 1);
  });
});

Deno.test("backgroundSaver() writes one at a time, and tells what went wrong once", async () => {
  const begun: number[] = [];
  let finish = () => {};
  let fail = false;
  const saver = backgroundSaver({
    save(step) {
      begun.push(step);
      const { promise, resolve } = Promise.withResolvers<void>();
      finish = resolve;
      return promise.then(() => {
        if (fail) throw new Error("the disk is full");
      });
    },
  }, () => ({}));
  assert(saver.begin(1, {}));
  assert(!saver.begin(2, {}));
  finish();
  await saver.settle();
  assertEquals([saver.saved, begun], [1, [1]]);
  fail = true;
  assert(saver.begin(3, {}));
  saver.check(); // nothing has gone wrong yet
  finish();
  await assertRejects(() => saver.settle(), Error, "the disk is full");
  saver.check();
  assertEquals(saver.saved, 1);
});
