import { assertEquals, assertStringIncludes } from "@std/assert";
import { measure } from "../../tasks/complexity/measure.ts";
import { renderComplexity } from "../../tasks/complexity/table.ts";
import { runTaskProcess } from "./child.ts";

// As the task's line in deno.json has them.
const permissions = [
  ...["--allow-read", "--allow-ffi"],
  "--allow-env=HOME,XDG_CACHE_HOME,VIRTUAL_ENV,MIMKIT_*,TF_*",
];
const literal = "milan-mmpretrain-pretrain-vit-base-p16-literal-config";

Deno.test("renderComplexity() shows counted and published figures, and why they differ", () => {
  const text = renderComplexity(
    measure([
      "milan-mmpretrain-pretrain-vit-base-p16",
      literal,
      "mixmim-base-classifier",
    ]),
  );
  const [, milan, config, mixmim, ...rest] = text.split("\n");
  assertEquals(milan!.split(/\s+/).slice(1, 6), [
    ...["224", "111.78", "111.52", "111.91", "[1]"],
  ]);
  assertEquals(config!.split(/\s+/).slice(1), [
    ...["[3]", "224", "111.91", "111.66", "111.91", "–", "17.58", "[2]"],
  ]);
  assertEquals(mixmim!.split(/\s+/).slice(1), [
    ...["224", "88.34", "87.94", "88", "16.35", "16.3", "[4]"],
  ]);
  assertStringIncludes(rest.join("\n"), "One multiply-add is one FLOP");
  assertStringIncludes(rest.join("\n"), "[1] published is with a decoder_embed of 1024");
});

Deno.test("deno task complexity needs no permission to write, and prints JSON", async () => {
  const file = "tasks/complexity.ts";
  const args = ["--json", "a2mim-resnet50-classifier", literal];
  const { code, stdout, stderr } = await runTaskProcess({ file, args, permissions });
  assertEquals([code, stderr], [0, ""]);
  const [resnet, broken] = JSON.parse(stdout);
  assertEquals(resnet.parameters, { total: 25_557_032, trainable: 25_557_032 });
  assertEquals([resnet.flops, resnet.operators.linear], [4_111_512_576, 2_048_000]);
  assertEquals([broken.flops, broken.published.parameters.value], [null, "111.91"]);
});

Deno.test("deno task complexity answers unknown models and flags in one sentence", async () => {
  const file = "tasks/complexity.ts";
  const model = await runTaskProcess({ file, args: ["mixmim-bas"], permissions });
  assertEquals([model.code, model.stdout], [1, ""]);
  assertStringIncludes(model.stderr, 'There is no architecture "mixmim-bas"');
  assertStringIncludes(model.stderr, 'did you mean "mixmim-');
  const flag = await runTaskProcess({ file, args: ["--jsn"], permissions: [] });
  assertEquals([flag.code, flag.stdout], [2, ""]);
  assertStringIncludes(flag.stderr, "did you mean --json?");
});
