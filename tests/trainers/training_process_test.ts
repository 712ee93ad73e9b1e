import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { disposeTree } from "../../lib/engine/mod.ts";
import { openRun, readRunFolder } from "../../lib/runs/mod.ts";
import { checkpointFolder } from "../../lib/trainers/checkpoint_folder.ts";
import { noProgress } from "../../lib/trainers/progress.ts";
import { train as trainHere } from "../../lib/trainers/training_loop.ts";
import { readSafetensors, type Safetensors } from "../../lib/zoo/safetensors.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess, type TaskEnd, trainingPermissions } from "../tasks/child.ts";
import { toyJob, type ToyMethod, toyRun } from "./toy.ts";

interface ChildOptions {
  killAt?: number;
  rest?: number;
  learningRate?: number;
  /** Press Ctrl-C when the child has said that this step is done. */
  interruptAt?: number;
  /** What is sent instead of Ctrl-C. */
  signal?: Deno.Signal;
  /** As in `runTaskProcess`. */
  largestFile?: number;
}

function train(
  method: ToyMethod,
  folder: string,
  options: ChildOptions = {},
): Promise<TaskEnd> {
  const { killAt = 0, rest = 0, learningRate = 1e-3, interruptAt } = options;
  const { signal, largestFile } = options;
  return runTaskProcess({
    file: "tests/trainers/training_child.ts",
    args: [method, folder, `${killAt}`, `${rest}`, `${learningRate}`],
    permissions: [...trainingPermissions(folder), "--allow-run"],
    ...(interruptAt === undefined ? {} : { interruptAt: `step ${interruptAt}\n` }),
    ...(signal === undefined ? {} : { signal }),
    ...(largestFile === undefined ? {} : { largestFile }),
  });
}

async function stepsOf(folder: string): Promise<number[]> {
  return (await Deno.readTextFile(`${folder}/metrics.jsonl`)).trim().split("\n")
    .map((line) => (JSON.parse(line) as { step: number }).step);
}

const twenty = Array.from({ length: 20 }, (_, index) => index + 1);

async function newestOf(method: ToyMethod, folder: string): Promise<Safetensors> {
  const checkpoints = checkpointFolder(`${folder}/checkpoints/${method}-seed0`);
  const steps = await checkpoints.steps();
  assert(steps.length >= 1 && steps.length <= 2, `${steps.length} checkpoints are kept`);
  return readSafetensors(checkpoints.path(steps.at(-1)!));
}

async function assertSameEnd(method: ToyMethod, one: string, other: string) {
  const [a, b] = [await newestOf(method, one), await newestOf(method, other)];
  assertEquals([...a.tensors.keys()], [...b.tensors.keys()]);
  assert([...a.tensors.keys()].some((name) => name.startsWith("optimizer/")));
  const averaged = [...a.tensors.keys()].some((name) => name.startsWith("ema/"));
  assertEquals(averaged, method === "finetune");
  for (const [name, { data }] of a.tensors) {
    assertEquals(data, b.tensors.get(name)!.data, name);
  }
  assertEquals([a.metadata.step, b.metadata.step], ["20", "20"]);
  const losses = async (folder: string) =>
    (await readRunFolder(folder)).metrics.map(({ loss }) => loss);
  assertEquals(await losses(one), await losses(other));
}

/** Twenty steps without a break, in this process. */
async function trainWhole(method: ToyMethod, folder: string): Promise<void> {
  const run = await openRun(folder, toyRun());
  disposeTree(await trainHere(toyJob(method), { run, progress: noProgress }));
}

for (const method of ["mae", "milan", "finetune", "probe"] as const) {
  Deno.test(`train() of ${method}: 20 steps are 10, kill -9 and 10, bit for bit`, async () => {
    await inTemporaryFolder(async (folder) => {
      const [whole, killed] = [`${folder}/whole`, `${folder}/killed`];
      const [first] = await Promise.all([
        train(method, killed, { killAt: 11 }),
        trainWhole(method, whole),
      ]);
      assertEquals(first.signal, "SIGKILL");
      // The step at which it was killed is logged, but not saved.
      assertEquals((await stepsOf(killed)).length, 11);
      const second = await train(method, killed);
      assertEquals(second.code, 0, second.stderr);
      assertEquals(await stepsOf(killed), twenty);
      await assertSameEnd(method, whole, killed);
    });
  });
}

Deno.test("train() finishes the step at Ctrl-C, saves, and goes on with the same command", async () => {
  await inTemporaryFolder(async (folder) => {
    const [whole, stopped] = [`${folder}/whole`, `${folder}/stopped`];
    const [interrupted] = await Promise.all([
      train("clip", stopped, { interruptAt: 5, rest: 100 }),
      trainWhole("clip", whole),
    ]);
    assertEquals(interrupted.code, 130);
    assertStringIncludes(interrupted.stderr, "Stopping after this step");
    const done = await stepsOf(stopped);
    assert(done.length >= 5 && done.length < 20, `${done.length} steps were done`);
    const saved = await newestOf("clip", stopped);
    assertEquals(saved.metadata.step, `${done.length}`);
    assertEquals((await train("clip", stopped)).code, 0);
    assertEquals(await stepsOf(stopped), twenty);
    await assertSameEnd("clip", whole, stopped);
  });
});

Deno.test("train() finishes the step at SIGTERM, saves, and ends with its status", async () => {
  await inTemporaryFolder(async (folder) => {
    const options = { interruptAt: 3, rest: 100, signal: "SIGTERM" } as const;
    const { code, stderr } = await train("clip", folder, options);
    assertEquals(code, 143, stderr);
    const done = await stepsOf(folder);
    assertEquals((await newestOf("clip", folder)).metadata.step, `${done.length}`);
  });
});

Deno.test("a task whose loss is not finite ends with status 1 and one sentence", async () => {
  await inTemporaryFolder(async (folder) => {
    const { code, stderr } = await train("mae", folder, { learningRate: 1e30 });
    assertEquals(code, 1);
    const said = stderr.trim().split("\n").filter((line) => !/^step \d+$/.test(line));
    assertEquals(said.length, 1, stderr);
    assertMatch(said[0]!, /mae .*step \d+.*lower the learning rate/);
  });
});

Deno.test("a task that may write no more ends with one sentence, and goes on when it may", async () => {
  await inTemporaryFolder(async (folder) => {
    const first = await train("mae", folder, { largestFile: 100 });
    assertEquals(first.code, 1, first.stderr);
    const said = first.stderr.trim().split("\n").filter((line) =>
      !/^step \d+$/.test(line)
    );
    assertEquals(said.length, 1, first.stderr);
    assertMatch(
      said[0]!,
      /^Cannot write ".*\.safetensors": a file may not grow so large/,
    );
    const files = await Array.fromAsync(Deno.readDir(`${folder}/checkpoints/mae-seed0`));
    assertEquals(files, []);
    const second = await train("mae", folder);
    assertEquals(second.code, 0, second.stderr);
    assertEquals(await stepsOf(folder), twenty);
  });
});
