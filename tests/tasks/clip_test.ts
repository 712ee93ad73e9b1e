import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { wordTokenizerFrom, type WordVocabulary } from "../../lib/data/mod.ts";
import { disposeTree, tf } from "../../lib/engine/mod.ts";
import { clipTeacher } from "../../lib/methods/mod.ts";
import { readRunFolder } from "../../lib/runs/mod.ts";
import { loadClip } from "../../lib/zoo/clip.ts";
import { jpegOf } from "../data/pictures.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess, trainingPermissions } from "./child.ts";

const small = ["--batch.total", "32", "--model.width", "32", "--model.layers", "1"];

Deno.test("deno task clip on emoji leaves a teacher, its words and a report", async () => {
  await inTemporaryFolder(async (folder) => {
    const permissions = trainingPermissions(folder);
    const { code, stdout, stderr } = await runTaskProcess({
      ...{ file: "tasks/clip.ts", permissions },
      args: [
        ...["--steps", "12", "--model.patchSize", "16", "--out", folder],
        ...small,
      ],
    });
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, `Report: ${folder}/report.html`);

    const { run, metrics, tables, pictures, warnings } = await readRunFolder(folder);
    assertEquals(warnings, []);
    assertStringIncludes(run.command, "deno task clip --steps 12");
    assertEquals([metrics.length, pictures.length], [12, 2]);
    const numbers = tables[0]!.rows.flatMap((row) => Object.values(row.values).flat())
      .filter((value) => value !== null);
    assertEquals(numbers.length, 3 * 3 + 2 * 3); // three by sentences, of CLIPs alone
    assert(numbers.every((value) => value >= 0 && value <= 100), `${numbers}`);

    const clip = await loadClip(`${folder}/clip.safetensors`, { towers: "vision" });
    const importance = tf.tidy(() => {
      const images = tf.zeros([2, 64, 64, 3]);
      return clipTeacher(clip.parameters, clip.vision)(images).importance.shape;
    });
    assertEquals(importance, [2, 16]);
    disposeTree(clip.parameters);
    const words = await Deno.readTextFile(`${folder}/tokenizer.json`);
    const tokenizer = wordTokenizerFrom(JSON.parse(words) as WordVocabulary);
    assert(tokenizer.vocabularySize > 20);
  });
});

/** Class folders of small pictures. */
async function writePictures(folder: string): Promise<void> {
  for (const [kind, name] of ["polar_bear", "owl"].entries()) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    for (let index = 0; index < 20; index++) {
      const picture = await jpegOf({ height: 20, width: 24 }, 120 * kind + index);
      await Deno.writeFile(`${folder}/${name}/${index}.jpg`, picture);
    }
  }
}

Deno.test("milan-tiny on a folder trains its teacher first, and goes on where that was stopped", async () => {
  await inTemporaryFolder(async (folder) => {
    await writePictures(`${folder}/zoo`);
    const permissions = trainingPermissions(folder);
    const start = {
      ...{ file: "tasks/pretrain.ts", permissions },
      args: [
        ...["milan-tiny", "--data", `${folder}/zoo`, "--out", `${folder}/milan`],
        ...["--steps", "4", "--batch.total", "8", "--data.imageSize", "16"],
        ...["--teacher.steps", "60", "--model.backbone.width", "16"],
        ...["--model.backbone.depth", "1", "--model.backbone.heads", "2"],
      ],
    };
    const stopped = await runTaskProcess({ ...start, interruptAt: "clip: 60 steps" });
    assertEquals(stopped.code, 130, stopped.stderr);
    assertStringIncludes(stopped.stderr, '2 classes, such as "a photo of an owl"');
    assertStringIncludes(
      stopped.stderr,
      "Nothing is lost; go on with: deno task pretrain",
    );
    const teacher = `${folder}/clip-tiny-zoo-seed0`;
    const { metrics: before } = await readRunFolder(teacher);
    assert(before.length < 60, `${before.length}`);
    const ended = await runTaskProcess(start);
    assertEquals(ended.code, 0, ended.stderr);
    assertStringIncludes(ended.stderr, `Going on with the run in ${teacher}`);
    assertStringIncludes(ended.stderr, `The teacher is ${teacher}`);
    const { metrics, pictures } = await readRunFolder(teacher);
    assertEquals([metrics.length, pictures.length], [60, 1]);
    assertEquals(metrics.slice(0, before.length), before);
    const { metrics: student, tables } = await readRunFolder(`${folder}/milan`);
    assertEquals([student.length, tables.length], [4, 1]);

    // Not with a teacher of other pictures, and not with the student as its own teacher.
    await Deno.remove(`${folder}/zoo/owl/3.jpg`);
    const say = async (code: number, says: string, ...args: string[]) => {
      const end = await runTaskProcess({ ...start, args: [...start.args, ...args] });
      assertEquals(end.code, code, end.stderr);
      assertStringIncludes(end.stderr, says);
    };
    await say(1, "The teacher beside this run is another one");
    await say(1, "a run of milan-tiny", "--teacher", `${folder}/milan`);

    const knn = await runTaskProcess({
      ...{ file: "tasks/knn.ts", permissions, args: [teacher] },
    });
    assertEquals(knn.code, 0, knn.stderr);
    assertStringIncludes(knn.stdout, "of zoo/held-out");
  });
});
