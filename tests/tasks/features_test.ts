import { assertEquals, assertStringIncludes } from "@std/assert";
import { readSafetensors } from "../../lib/zoo/safetensors.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess } from "./child.ts";
import {
  assertRefused,
  smallest,
  usingPermissions,
  writePictures,
  writeWeights,
} from "./zoo_files.ts";

const file = "tasks/features.ts";

Deno.test("deno task features answers wrong flags without any permission", async () => {
  const run = (...args: string[]) => runTaskProcess({ file, args, permissions: [] });
  assertRefused(await run(smallest), 2, "deno task features MODEL IMAGES");
  assertRefused(await run("a", "b", "c"), 2, "deno task features MODEL IMAGES");
  assertRefused(await run("a", "b", "--batch", "0"), 2, "--batch must be at least 1");
  assertRefused(await run("a", "b", "--precision", "half"), 2, "float32, bfloat16");
});

Deno.test("deno task features looks where it writes before it computes", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/old.safetensors`, "old");
    const permissions = usingPermissions(folder);
    const refused = async (out: string, ...says: string[]) => {
      const args = [smallest, folder, "--out", out];
      assertRefused(
        await runTaskProcess({ file, args, permissions }),
        ...[1, ...says] as [number, ...string[]],
      );
    };
    await refused(`${folder}/features.csv`, "in .safetensors");
    await refused(`${folder}/old.safetensors`, "already", "--force");
    await refused(`${folder}/old.safetensors/a.safetensors`, "Cannot write");
    assertEquals(await Deno.readTextFile(`${folder}/old.safetensors`), "old");
  });
});

Deno.test("deno task features writes features, labels and paths", async () => {
  await inTemporaryFolder(async (folder) => {
    await writePictures(`${folder}/pictures`);
    const weights = `${folder}/r18.pth`;
    await writeWeights(weights);
    const permissions = usingPermissions(folder);
    const out = `${folder}/new/features.safetensors`;
    const args = [
      ...[smallest, `${folder}/pictures`, "--out", out, "--batch", "4"],
      ...["--weights", weights, "--image-size", "32"],
    ];
    const end = await runTaskProcess({ file, args, permissions });
    assertEquals(end.code, 0, end.stderr);
    assertEquals(
      end.stdout,
      `${out}: 6 features of 512 numbers, of pictures of 2 classes\n`,
    );
    const { tensors, metadata } = await readSafetensors(out);
    assertEquals(tensors.get("features")!.shape, [6, 512]);
    assertEquals([...tensors.get("labels")!.data], [0n, 0n, 0n, 1n, 1n, 1n]);
    assertEquals(JSON.parse(metadata["classNames"]!), ["blue", "red"]);
    assertEquals(JSON.parse(metadata["paths"]!)[3], "red/0.png");
    assertStringIncludes(metadata["model"]!, smallest);
    const files = await Array.fromAsync(Deno.readDir(`${folder}/new`));
    assertEquals(files.map(({ name }) => name), ["features.safetensors"]);
  });
});
