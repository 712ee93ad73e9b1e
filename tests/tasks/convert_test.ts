import { assertEquals, assertStringIncludes } from "@std/assert";
import { recipe, resolveRecipe } from "../../lib/recipes/mod.ts";
import { readCheckpoint } from "../../lib/zoo/checkpoint_file.ts";
import { writeSafetensors } from "../../lib/zoo/safetensors.ts";
import { convert } from "../../tasks/convert/convert.ts";
import { assertOneSentence, inTemporaryFolder } from "../data/support.ts";
import { runOf } from "../plots/comparison/run_files.ts";
import { libraryDict } from "../zoo/state_dicts/state_dict.ts";
import { runTaskProcess, type TaskEnd } from "./child.ts";

const file = "tasks/convert.ts";

function assertRefused(end: TaskEnd, code: number, ...says: string[]): void {
  assertEquals(end.stderr.trim().split("\n").length, 1, end.stderr);
  for (const part of says) assertStringIncludes(end.stderr, part);
  assertEquals([end.code, end.stdout], [code, ""]);
}

Deno.test("deno task convert answers wrong flags without any permission", async () => {
  const run = (...args: string[]) => runTaskProcess({ file, args, permissions: [] });
  assertRefused(await run(), 2, "deno task convert IN OUT --to PROJECT");
  assertRefused(await run("a.pth", "b.pth"), 2, "--to official, mmpretrain");
  assertRefused(await run("a", "b", "--to", "timn"), 2, 'did you mean "timm"?');
  assertRefused(await run("a", "b", "c", "--to", "timm"), 2, "Give a checkpoint");
  assertRefused(await run("a", "b", "--forze"), 2, "did you mean --force?");
  const help = await run("--help");
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "--only TEXT");
});

Deno.test("deno task convert says in two lines what it did, and writes OUT alone", async () => {
  await inTemporaryFolder(async (folder) => {
    const [input, output] = [`${folder}/timm.safetensors`, `${folder}/d2.pkl`];
    await writeSafetensors(input, await libraryDict("timm_resnet"));
    const args = [input, output, "--to", "detectron2"];
    const permissions = [
      ...["--allow-read", `--allow-write=${folder}`, "--allow-env", "--allow-ffi"],
    ];
    const end = await runTaskProcess({ file, args, permissions });
    assertEquals([end.code, end.stderr], [0, ""]);
    const [first, second, ...rest] = end.stdout.trimEnd().split("\n");
    assertEquals(first, `${input}: 122 tensors of a ResNet under timm's names`);
    assertStringIncludes(second!, `${output}: 120 tensors under detectron2's names`);
    assertStringIncludes(second!, "left out: fc.weight, fc.bias");
    assertEquals(rest, []);
    assertRefused(await runTaskProcess({ file, args, permissions }), 1, "--force");
    const { metadata } = await readCheckpoint(output);
    assertEquals(metadata.matching_heuristics, true);
  });
});

/** The flags that nobody has given. */
const plain = {
  ...{ only: "everything", which: "", force: false },
  ...{ weights: "", "image-size": 0 },
};

/** A run's folder with two checkpoints of next to nothing. */
async function writeRunFolder(folder: string): Promise<void> {
  const { sources: _, ...values } = resolveRecipe(recipe("mae-tiny"), {});
  const run = { ...runOf({}), recipe: values };
  const checkpoints = `${folder}/checkpoints/mae-seed0`;
  await Deno.mkdir(checkpoints, { recursive: true });
  await Deno.writeTextFile(`${folder}/run.json`, JSON.stringify(run));
  for (const step of [1, 20]) {
    await writeSafetensors(
      `${checkpoints}/step-${`${step}`.padStart(8, "0")}.safetensors`,
      {
        "parameters/blocks.0.norm1.weight": {
          ...{ shape: [1], dtype: "F32" },
          data: Float32Array.of(step),
        },
      },
    );
  }
}

Deno.test("convert() takes the newest checkpoint of a run's folder", async () => {
  await inTemporaryFolder(async (folder) => {
    const output = `${folder}/mae.pth`;
    const wanted = { ...plain, to: "mmpretrain" };
    await writeRunFolder(`${folder}/run`);
    const text = await convert({ input: `${folder}/run`, output, ...wanted });
    assertStringIncludes(text, "1 tensor of a ViT under the kit's names");
    const { tensors } = await readCheckpoint(output);
    const weight = tensors.get("backbone.layers.0.ln1.weight")!;
    assertEquals(weight.data, Float32Array.of(20));
    const again = { input: `${folder}/run`, output: `${folder}/ema.pth`, ...wanted };
    await assertOneSentence(() => convert({ ...again, which: "ema" }), "--which");
  });
});

Deno.test("convert() says what is missing", async () => {
  await inTemporaryFolder(async (folder) => {
    const wanted = { ...plain, to: "timm" };
    const output = `${folder}/out.pth`;
    const from = (input: string) => () => convert({ input, output, ...wanted });
    await assertOneSentence(from(`${folder}/none`), `There is no "${folder}/none"`);
    await assertOneSentence(from(folder), "no run.json");
    const served = { ...plain, to: "saved-model" };
    const to = (more: Partial<typeof served>) => () =>
      convert({ input: `${folder}/none`, output: folder, ...served, ...more });
    await assertOneSentence(to({ only: "backbone" }), "leave out --only backbone");
    await assertOneSentence(to({}), `There is no "${folder}/none"`);
    const sized = () =>
      convert({ input: folder, output, ...wanted, weights: "resnet.pth" });
    await assertOneSentence(sized, "--weights is for --to saved-model");
  });
});
