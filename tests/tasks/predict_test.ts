import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess } from "./child.ts";
import {
  assertRefused,
  smallest,
  usingPermissions,
  writePictures,
  writeWeights,
} from "./zoo_files.ts";

const file = "tasks/predict.ts";

Deno.test("deno task predict answers wrong flags without any permission", async () => {
  const run = (...args: string[]) => runTaskProcess({ file, args, permissions: [] });
  assertRefused(await run(), 2, "deno task predict MODEL IMAGE…");
  assertRefused(await run(smallest), 2, "Give a model and pictures");
  assertRefused(await run("a", "b", "--top", "0"), 2, "--top must be at least 1");
  assertRefused(await run("a", "b", "--wich", "ema"), 2, "did you mean --which?");
  assertRefused(await run("a", "b", "--image-size", "9999"), 2, "at most 2048");
  const help = await run("--help");
  assertEquals([help.code, help.stderr], [0, ""]);
  assertStringIncludes(help.stdout, "--json");
});

Deno.test("deno task predict says what MODEL can be, before anything is read", async () => {
  await inTemporaryFolder(async (folder) => {
    await writePictures(folder, 1);
    await Deno.writeTextFile(`${folder}/a.pth`, "");
    const permissions = ["--allow-read", "--allow-env", "--allow-ffi", "--allow-sys"];
    const refused = async (args: string[], ...says: string[]) =>
      assertRefused(
        await runTaskProcess({ file, args, permissions }),
        ...[1, ...says] as [number, ...string[]],
      );
    const picture = `${folder}/red/0.png`;
    await refused([`${folder}/a.pth`, picture], `--weights ${folder}/a.pth`);
    await refused(["runs/none", picture], 'There is no "runs/none": give the folder');
    await refused([folder, picture], "is no run folder");
    await refused([smallest, picture], "no weights were released", "--weights FILE");
    await refused(["ViT-B/16", picture], "is a teacher and has no classifier");
    await refused(
      ["clip-openai-vit-b-16", picture],
      "has no classifier: take its features",
    );
    const size = ["mixmim-base-classifier", picture, "--image-size", "100"];
    await refused([...size, "--weights", `${folder}/a.pth`], "100×100");
  });
});

Deno.test("deno task predict names what is on pictures, and those that it cannot read", async () => {
  await inTemporaryFolder(async (folder) => {
    await writePictures(`${folder}/pictures`);
    await Deno.writeTextFile(`${folder}/pictures/red/hélas.jpg`, "");
    const weights = `${folder}/r18.pth`;
    await writeWeights(weights);
    const permissions = usingPermissions(folder);
    const model = [smallest, "--weights", weights, "--image-size", "32"];
    const args = [...model, `${folder}/pictures`, "--json", "--top", "1001"];
    const end = await runTaskProcess({ file, args, permissions });
    assertRefused(
      { ...end, stdout: "" },
      ...[1, `${folder}/pictures/red/hélas.jpg cannot be read: it is empty`] as const,
    );
    const seen = end.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(seen.length, 6);
    assertEquals(seen[0].picture, `${folder}/pictures/blue/0.png`);
    assertEquals(seen[0].top.length, 1000);
    const { predClass, predLabel, predScore, top: [first] } = seen[0];
    assertEquals(first, { label: predLabel, name: predClass, score: predScore });
    assert(!/^\d+$/.test(predClass), predClass);

    const one = [...model, `${folder}/pictures/red/0.png`, "--top", "2"];
    const text = await runTaskProcess({ file, args: one, permissions });
    assertEquals([text.code, text.stderr], [0, ""]);
    assertEquals(text.stdout.trim().split("\n").length, 3);
    assertStringIncludes(text.stdout, " %  ");
  });
});

Deno.test("deno task predict does not take what is no number for a score", async () => {
  await inTemporaryFolder(async (folder) => {
    await writePictures(folder, 1);
    const weights = `${folder}/r18.pth`;
    await writeWeights(weights, (name, values) => {
      if (name === "head.fc.bias") values[3] = NaN;
    });
    const args = [smallest, `${folder}/red`, "--weights", weights, "--image-size", "32"];
    const permissions = usingPermissions(folder);
    assertRefused(
      await runTaskProcess({ file, args, permissions }),
      ...[1, `${smallest} gives no numbers (NaN)`] as const,
    );
  });
});
