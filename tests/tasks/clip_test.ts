import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { wordTokenizerFrom, type WordVocabulary } from "../../lib/data/mod.ts";
import { disposeTree, tf } from "../../lib/engine/mod.ts";
import { clipTeacher } from "../../lib/methods/mod.ts";
import { readRunFolder } from "../../lib/runs/mod.ts";
import { loadClip } from "../../lib/zoo/clip.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess, trainingPermissions } from "./child.ts";

const expected = {
  "emoji": { values: 3 * 3 + 2, steps: 12, channels: 3, side: 64, patches: 16 },
  "fashion-mnist": { values: 3 * 2 + 2, steps: 12, channels: 1, side: 28, patches: 16 },
};

for (const data of ["emoji", "fashion-mnist"] as const) {
  Deno.test(`deno task clip on ${data} leaves a teacher, its words and a report`, async () => {
    await inTemporaryFolder(async (folder) => {
      const { code, stdout, stderr } = await runTaskProcess({
        file: "tests/tasks/clip_child.ts",
        args: [data, folder],
        permissions: trainingPermissions(folder),
      });
      assertEquals(code, 0, stderr);
      assertStringIncludes(stdout, `Report: ${folder}/report.html`);

      const { steps, values, channels, side, patches } = expected[data];
      const { metrics, tables, pictures, warnings } = await readRunFolder(folder);
      assertEquals(warnings, []);
      assertEquals([metrics.length, pictures.length], [steps, 2]);
      const numbers = tables[0]!.rows.flatMap((row) => Object.values(row.values).flat())
        .filter((value) => value !== null);
      assertEquals(numbers.length, values);
      assert(numbers.every((value) => value >= 0 && value <= 100), `${numbers}`);

      const clip = await loadClip(`${folder}/clip.safetensors`, { towers: "vision" });
      const importance = tf.tidy(() => {
        const images = tf.zeros([2, side, side, channels]);
        return clipTeacher(clip.parameters, clip.vision)(images).importance.shape;
      });
      assertEquals(importance, [2, patches]);
      disposeTree(clip.parameters);
      const words = await Deno.readTextFile(`${folder}/tokenizer.json`);
      const tokenizer = wordTokenizerFrom(JSON.parse(words) as WordVocabulary);
      assert(tokenizer.vocabularySize > 20);
    });
  });
}
