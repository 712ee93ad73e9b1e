import { assertEquals, assertStringIncludes } from "@std/assert";
import { convertCheckpoint } from "../../lib/zoo/convert.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess, type TaskEnd } from "./child.ts";
import {
  assertRefused,
  usingPermissions,
  writePictures,
  writeWeights,
} from "./zoo_files.ts";

Deno.test("deno task finetune --from FILE takes another project's weights", async (test) => {
  await inTemporaryFolder(async (folder) => {
    await writePictures(`${folder}/train`, 4);
    await writePictures(`${folder}/val`, 2);
    const permissions = usingPermissions(folder);
    const tune = (from: string, out: string): Promise<TaskEnd> =>
      runTaskProcess({
        ...{ file: "tasks/finetune.ts", permissions },
        args: [
          ...["--data", `${folder}/train`, "--val", `${folder}/val`],
          ...["--data.imageSize", "16", "--steps", "1", "--batch.total", "4"],
          ...["--batch.micro", "4", "--out", `${folder}/${out}`],
          ...from === "" ? [] : ["--from", from],
        ],
      });
    const first = await tune("", "first");
    assertEquals(first.code, 0, first.stderr);
    const step = `${folder}/first/checkpoints/finetune-seed0/step-00000001.safetensors`;
    const file = `${folder}/vit.pth`;
    await convertCheckpoint(step, file, { to: "mmpretrain" });

    await test.step("all of the same network", async () => {
      const end = await tune(file, "second");
      assertEquals(end.code, 0, end.stderr);
      assertStringIncludes(
        end.stderr,
        `${file}: 56 of the network's 56 parameters (under the names of mmpretrain)\n`,
      );
    });

    await test.step("and says what the file does not have", async () => {
      const bare = `${folder}/backbone.safetensors`;
      await convertCheckpoint(step, bare, { to: "timm", only: "backbone" });
      const end = await tune(bare, "third");
      assertEquals(end.code, 0, end.stderr);
      assertStringIncludes(end.stderr, "54 of the network's 56 parameters");
      assertStringIncludes(end.stderr, "not in the file: head.weight, head.bias");
    });

    await test.step("and refuses that of another network", async () => {
      const other = `${folder}/r18.pth`;
      await writeWeights(other);
      const end = await tune(other, "fourth");
      assertRefused(end, 1, other, "none of the model's parameters", "deno task recipes");
    });

    await test.step("and deno task predict uses the run", async () => {
      const end = await runTaskProcess({
        ...{ file: "tasks/predict.ts", permissions },
        args: [`${folder}/second`, `${folder}/val/red/0.png`, "--json"],
      });
      assertEquals([end.code, end.stderr], [0, ""]);
      const { top } = JSON.parse(end.stdout) as { top: { name: string }[] };
      assertEquals(top.map(({ name }) => name).toSorted(), ["blue", "red"]);
    });

    await test.step("which has no weights but its own", async () => {
      const end = await runTaskProcess({
        ...{ file: "tasks/predict.ts", permissions },
        args: [`${folder}/second`, `${folder}/val/red/0.png`, "--weights", file],
      });
      assertRefused(end, 1, "leave out --weights");
    });
  });
});
