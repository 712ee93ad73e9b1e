import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { listModels } from "../../lib/zoo/registry/mod.ts";
import { inTemporaryFolder } from "../data/support.ts";
import { runTaskProcess } from "./child.ts";
import { assertRefused } from "./zoo_files.ts";

const file = "tasks/models.ts";
const permissions = ["--allow-read", "--allow-env=HOME,XDG_CACHE_HOME,MIMKIT_CACHE"];

Deno.test("deno task models lists all, and which weights are here", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/weights`);
    await Deno.writeTextFile(`${folder}/weights/mae_finetuned_vit_base.pth`, "");
    const environment = { MIMKIT_CACHE: folder };
    const run = (...args: string[]) =>
      runTaskProcess({ file, args, permissions, environment });
    const all = await run();
    assertEquals([all.code, all.stderr], [0, ""]);
    for (const { name } of listModels()) assertStringIncludes(all.stdout, `\n${name} `);
    const here = all.stdout.split("\n").filter((line) => line.endsWith(" here"));
    assertEquals(here.map((line) => line.split(" ")[0]), ["mae_finetuned_vit_base"]);

    const tuned = await run("mixmim", "fine-tuned");
    assertStringIncludes(tuned.stdout, "\nmixmim_official_mixmim_base_finetune ");
    assert(!tuned.stdout.includes("pretrain"), tuned.stdout);
    const globbed = await run("*MixMIM*base*finetune*");
    assertStringIncludes(globbed.stdout, "\nmixmim_official_mixmim_base_finetune ");
    const none = await run("mixmim", "sideways");
    assertRefused(none, 1, 'No released model speaks of "mixmim sideways"');
  });
});

Deno.test("deno task models tells all about one, by any of its names", async () => {
  const environment = { MIMKIT_CACHE: "/cache" };
  const run = (...args: string[]) =>
    runTaskProcess({ file, args, permissions, environment });
  const one = await run("ViT-B/16");
  assertEquals([one.code, one.stderr], [0, ""]);
  assertEquals(one.stdout.split("\n")[0], "clip_vit-base-p16_openai");
  assertStringIncludes(one.stdout, "/cache/weights/ViT-B-16.pt");
  const json = await run("mixmim-base_3rdparty_in1k", "--json");
  const [{ name, preprocessing, weights }] = JSON.parse(json.stdout);
  assertEquals([name, preprocessing.imageSize], ["mixmim-base_3rdparty_in1k", 224]);
  assertEquals(weights.checksum, { algorithm: "sha256", hex: "e40e2c8c" });
});
