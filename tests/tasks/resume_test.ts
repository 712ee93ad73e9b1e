import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readRunFolder } from "../../lib/runs/mod.ts";
import { checkpointFolder } from "../../lib/trainers/checkpoint_folder.ts";
import { readSafetensors } from "../../lib/zoo/safetensors.ts";
import { jpegOf } from "../data/pictures.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess, startTaskProcess, trainingPermissions } from "./child.ts";

async function writePictures(folder: string): Promise<void> {
  for (const [kind, name] of ["cats", "dogs"].entries()) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    for (let index = 0; index < 12; index++) {
      const picture = await jpegOf({ height: 20 + index, width: 24 }, 120 * kind + index);
      await Deno.writeFile(`${folder}/${name}/${index}.jpg`, picture);
    }
  }
}

// Enough that the process is still at work when the test has seen that ten are done.
const steps = 40;

/** Fine-tuning that draws and keeps all that it can: mixing, drop path, an average, the best. */
function finetuning(pictures: string, folder: string, ...more: string[]) {
  const args = [
    ...["--data", pictures, "--out", folder, "--steps", `${steps}`, "--save-every", "0"],
    ...["--data.imageSize", "16", "--batch.total", "8", "--batch.micro", "4"],
    ...["--model.backbone.width", "16", "--model.backbone.depth", "1"],
    ...["--model.backbone.heads", "2", "--model.backbone.dropPathRate", "0.2"],
    ...["--mixing.mixupAlpha", "0.8", "--mixing.cutmixAlpha", "1"],
    ...["--mixing.probability", "1", "--mixing.switchProbability", "0.5"],
    ...["--mixing.partners", "reversed", "--mixing.cutmixPartners", "reversed"],
    ...["--ema.momentum", "0.9", "--ema.of", "state", "--evaluation.everyEpochs", "0.2"],
    ...more,
  ];
  return { file: "tasks/finetune.ts", args, permissions: trainingPermissions(folder) };
}

async function linesOf(folder: string): Promise<number> {
  const text = await Deno.readTextFile(`${folder}/metrics.jsonl`).catch(() => "");
  return text.split("\n").length - 1;
}

const checkpointsOf = (folder: string) =>
  checkpointFolder(`${folder}/checkpoints/finetune-seed0`);

/** All that must be the same of two runs of the same command. */
async function endOf(folder: string) {
  const { metrics, tables } = await readRunFolder(folder);
  const newest = checkpointsOf(folder).path(steps);
  return {
    metrics: metrics.map(({ step, loss, learningRate, ...others }) => {
      const { top1, top5 } = others as { top1?: number; top5?: number };
      return { step, loss, learningRate, top1, top5 };
    }),
    tables,
    checkpoint: await readSafetensors(newest),
    best: await checkpointsOf(folder).best(),
  };
}

Deno.test("finetune goes on after kill -9 and a damaged checkpoint, bit for bit, and alone", async () => {
  await inTemporaryFolder(async (folder) => {
    const pictures = `${folder}/pictures`;
    await writePictures(pictures);
    const [whole, killed] = [`${folder}/whole`, `${folder}/killed`];
    const [, first] = await Promise.all([
      runTaskProcess(finetuning(pictures, whole)).then(({ code, stderr }) =>
        assertEquals(code, 0, stderr)
      ),
      (async () => {
        const child = startTaskProcess(finetuning(pictures, killed));
        const outputs = [child.stdout, child.stderr].map((stream) => stream.cancel());
        let ended = false;
        child.status.then(() => ended = true);
        while (!ended && await linesOf(killed) < 10) {
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        assert(!ended, "it was to be killed, and ended before that");
        child.kill("SIGSTOP"); // alive, so that nobody else may write its folder
        const second = await runTaskProcess(finetuning(pictures, killed));
        child.kill("SIGKILL");
        await Promise.all([child.status, ...outputs]);
        return { second, pid: child.pid };
      })(),
    ]);
    assertEquals(first.second.code, 1);
    assertStringIncludes(first.second.stderr, `is in use by process ${first.pid}, since`);

    const checkpoints = checkpointsOf(killed);
    const saved = await checkpoints.steps();
    assert(saved.length >= 2, `${saved}`);
    await Deno.truncate(checkpoints.path(saved.at(-1)!), 1000);
    const other = await runTaskProcess(
      finetuning(pictures, killed, "--smoothing", "0.2"),
    );
    assertEquals(other.code, 1);
    assertMatch(other.stderr, /recipe\.smoothing: 0\.1 → 0\.2.*--change-settings/);
    const third = await runTaskProcess(finetuning(pictures, killed, "--readers", "1"));
    assertEquals(third.code, 0, third.stderr);
    assertStringIncludes(third.stderr, `going on from step ${saved.at(-2)}`);
    assertEquals(await endOf(killed), await endOf(whole));
    assertEquals((await endOf(whole)).metrics.length, steps);
  });
});
