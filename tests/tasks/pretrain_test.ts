import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readRunFolder } from "../../lib/runs/mod.ts";
import { jpegOf } from "../data/pictures.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess, type TaskEnd, trainingPermissions } from "./child.ts";

const pretrain = "tasks/pretrain.ts";

/** Class folders of pictures of several sizes. */
async function writePictures(folder: string): Promise<void> {
  for (const [kind, name] of ["cats", "dogs"].entries()) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    for (let index = 0; index < 20; index++) {
      const size = { height: 24 + index, width: 30 };
      const picture = await jpegOf(size, 120 * kind + index);
      await Deno.writeFile(`${folder}/${name}/${index}.jpg`, picture);
    }
  }
}

/** As small as a network can be. */
const small = [
  ...["--data.imageSize", "16", "--batch.total", "8"],
  ...["--model.backbone.width", "16", "--model.backbone.depth", "1"],
  ...["--model.backbone.heads", "2", "--model.decoder.width", "16"],
];

function assertFine(end: TaskEnd): void {
  assertEquals(end.code, 0, end.stderr);
}

function assertOneLine(end: TaskEnd, code: number, ...says: string[]): void {
  // What is said about the images is no error.
  const lines = end.stderr.trim().split("\n").filter((line) => !/held back/.test(line));
  assertEquals(lines.length, 1, end.stderr);
  for (const part of says) assertStringIncludes(end.stderr, part);
  assertEquals([end.code, end.stdout], [code, ""]);
}

Deno.test("pretrain, then knn, linear-probe, finetune and evaluate on a folder of pictures", async () => {
  await inTemporaryFolder(async (folder) => {
    await writePictures(`${folder}/pictures`);
    const permissions = trainingPermissions(folder);
    const run = (file: string, ...args: string[]) =>
      runTaskProcess({ file: `tasks/${file}.ts`, args, permissions });
    const start = {
      ...{ file: pretrain, permissions },
      args: [
        ...["mae-tiny", "--data", `${folder}/pictures`, "--out", `${folder}/mae`],
        ...["--steps", "400", "--evaluation.neighboursEveryEpochs", "0.5", ...small],
      ],
    };
    // Ctrl-C: 130, and the same command goes on. What comes out of it is the trainers' test.
    const stopped = await runTaskProcess({ ...start, interruptAt: "mae: 400 steps" });
    assertEquals(stopped.code, 130, stopped.stderr);
    assertStringIncludes(
      stopped.stderr,
      "Nothing is lost; go on with: deno task pretrain",
    );
    const { metrics: before } = await readRunFolder(`${folder}/mae`);
    assert(before.length < 400, `${before.length}`);

    const ended = await runTaskProcess(start);
    assertFine(ended);
    assertStringIncludes(ended.stderr, `Going on with the run in ${folder}/mae`);
    const { metrics, tables, pictures, warnings } = await readRunFolder(`${folder}/mae`);
    assertEquals([metrics.length, pictures.length, warnings], [400, 1, []]);
    assertEquals(metrics.slice(0, before.length), before);
    assert(metrics.at(-1)!.loss! < metrics[0]!.loss!);
    assert("knn" in metrics[199]! && "knn" in metrics[399]!);
    assertEquals(tables[0]!.rows.map(({ name }) => name), ["random weights", "mae-tiny"]);

    const other = await run("pretrain", ...start.args, "--masker.ratio", "0.5");
    assertOneLine(
      other,
      1,
      "other settings (recipe.masker.ratio",
      "choose another folder",
    );

    const knn = await run("knn", `${folder}/mae`);
    assertFine(knn);
    assertStringIncludes(knn.stdout, "of 4 images of pictures/held-out");
    const few = ["--steps", "4", "--batch.total", "8"];
    const ways = [
      ["linear_probe", "--like"],
      ["linear_probe", "--from"],
      ["finetune", "--from"],
    ] as const;
    for (const [task, start] of ways) {
      const out = `${folder}/${task}${start}`;
      const trained = await run(task, start, `${folder}/mae`, ...few, "--out", out);
      assertFine(trained);
      const evaluated = await run("evaluate", out);
      assertFine(evaluated);
      const line = evaluated.stdout.split("\n")[0]!;
      assertStringIncludes(line, "4 images: top-1");
      assertStringIncludes(trained.stdout, line);
    }
    await Deno.rename(`${folder}/pictures/dogs`, `${folder}/pictures/wolves`);
    const strangers = await run("evaluate", `${folder}/finetune--from`);
    assertOneLine(strangers, 1, "has learned other classes", '"dogs"', '"wolves"');
  });
});

Deno.test("pretrain --dry says what a run would be, and writes nothing", async () => {
  await inTemporaryFolder(async (folder) => {
    const args = ["mae-tiny", "--dry", "--out", `${folder}/run`, ...small];
    const permissions = trainingPermissions(folder);
    const end = await runTaskProcess({ file: pretrain, args, permissions });
    assertFine(end);
    const says = [
      "[8, 16, 16, 1]",
      "FLOPs",
      "blocks.*.attn.qkv.weight",
      "memory",
      "all  ",
    ];
    for (const part of says) assertStringIncludes(end.stdout, part);
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("the tasks with recipes answer what is wrong at once, in one line", async () => {
  // Without TensorFlow, as far as no run has to be read.
  const plain = ["--allow-read"];
  const say = (permissions: string[], file: string, ...args: string[]) =>
    runTaskProcess({ file: `tasks/${file}.ts`, args, permissions });
  const cases: [args: string[], code: number, says: string][] = [
    [["pretrain", "mae-tinny"], 1, 'did you mean "mae-tiny"?'],
    [["pretrain", "clip-tiny", "--teacher", "x"], 2, "learns from no teacher"],
    [["pretrain", "finetune-tiny"], 2, "deno task finetune"],
    [["clip", "mae-tiny"], 2, 'no argument "mae-tiny"'],
    [["clip", "--minutes", "1", "--steps", "2"], 2, "give one of them"],
    [["pretrain", "mae-tiny", "--epoch", "3"], 2, "did you mean --epochs?"],
    [["pretrain", "mae-tiny", "--masker.ratio", "x"], 2, 'a number, got "x"'],
    [["pretrain", "mae-tiny", "--masker.ratio", "2"], 2, "--masker.ratio cannot be 2"],
    [["pretrain", "--data", "nowhere"], 1, 'no images "nowhere"'],
    [["pretrain", "--data", "emojis"], 1, 'did you mean "emoji"?'],
    [["pretrain", "--data", "cifar-10"], 1, "does not come with mimkit"],
    [["pretrain", "a", "b"], 2, "One RECIPE at a time"],
    [["finetune", "mae-tiny"], 2, "is for another task (pretrain)"],
    [["linear_probe"], 2, "--from RUN"],
    [["knn"], 2, "deno task knn RUN"],
    [["evaluate", "--run", "x"], 2, "There is no --run"],
  ];
  for (const [[file, ...args], code, says] of cases) {
    assertOneLine(await say(plain, file!, ...args), code, says);
  }
  const more = [...plain, "--allow-env", "--allow-ffi", "--allow-sys"];
  const nowhere = await say(more, "finetune", "--from", "nowhere");
  assertOneLine(nowhere, 1, 'There is no "nowhere"');
  for (const file of ["knn", "evaluate"]) {
    assertOneLine(await say(more, file, "nowhere"), 1, 'There is no folder "nowhere"');
  }
  for (const file of ["pretrain", "finetune", "linear_probe"]) {
    const help = await say(plain, file, "--help");
    assertEquals([help.code, help.stderr], [0, ""]);
    for (const part of ["--optimizer.lr N", "--seed N", "-tiny"]) {
      assertStringIncludes(help.stdout, part);
    }
  }
});
