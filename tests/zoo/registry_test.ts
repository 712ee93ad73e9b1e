import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describeParameters } from "../../lib/nn/scope.ts";
import { recipe, recipeForward } from "../../lib/recipes/mod.ts";
import {
  architecture,
  architectures,
  forwardOf,
} from "../../lib/zoo/architectures/mod.ts";
import { preprocessingTransform } from "../../lib/zoo/preprocessing.ts";
import { listModels, releasedModel, releasedModels } from "../../lib/zoo/registry/mod.ts";
import type { ReleasedModel } from "../../lib/zoo/registry/mod.ts";

const tasks = {
  pretrain: "pretrain",
  finetune: "finetune",
  "linear-probe": "linear",
  teacher: "clip",
} as const;

Deno.test("every released model, alias and file has a name of its own", () => {
  const names = releasedModels.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const files = releasedModels.map(({ weights }) => weights.file);
  for (const all of [names, files]) {
    assertEquals(all.filter((name, index) => all.indexOf(name) !== index), []);
  }
  for (const file of files) assertMatch(file, /^[\w.-]+\.(pth|pt|pth\.tar)$/);
  assertGreater(releasedModels.length, 80);
});

Deno.test("every released model's architecture is one of the zoo's", () => {
  const unknown = releasedModels.map((model) => model.architecture)
    .filter((name) => !Object.hasOwn(architectures, name));
  assertEquals([...new Set(unknown)], []);
});

Deno.test("every address is of a server that is known, and every checksum is whole", () => {
  const hosts = [
    "download.openmmlab.com",
    "github.com",
    "dl.fbaipublicfiles.com",
    "openaipublic.azureedge.net",
    "drive.google.com",
  ];
  for (const { name, weights } of releasedModels) {
    const { protocol, host, pathname } = new URL(weights.url);
    assertEquals(protocol, "https:", name);
    assert(hosts.includes(host), name);
    assertEquals(weights.kind === "by-hand", host === "drive.google.com", name);
    if (weights.kind === "by-hand") continue;
    assertEquals(pathname.split("/").at(-1), weights.file, name);
    const { algorithm, hex = "" } = weights.checksum ?? {};
    if (host === "openaipublic.azureedge.net") assertEquals(hex.length, 64, name);
    // The digits at the end of OpenMMLab's names are the sha256's first.
    if (algorithm === "sha256") assertStringIncludes(weights.url, hex);
    if (algorithm === "md5") assertMatch(hex, /^[0-9a-f]{6}$/);
    if (/_\d{8}-[0-9a-f]{8}\.pth$/.test(weights.file)) assertEquals(hex.length, 8, name);
  }
});

Deno.test("every released model says its accuracy, classes and licence as its use asks", () => {
  for (const model of releasedModels) {
    const { name, use, accuracy, classes, licence } = model;
    const classifies = use === "finetune" || use === "linear-probe";
    assertEquals(classes === "imagenet-1k", classifies, name);
    assertEquals(use === "teacher", model.method === "CLIP", name);
    if (accuracy !== undefined) {
      assert(classifies, name);
      assert(accuracy.top1 > 70 && accuracy.top1 < (accuracy.top5 ?? 90), name);
    } else if (classifies) {
      assertStringIncludes(model.note ?? "", "no accuracy is published");
    }
    // The authors of MILAN and MixMIM state none.
    assertEquals(licence === null, model.weights.kind === "by-hand", name);
  }
});

/** Recipes speak of one method, but for classifiers. */
const methodOf: Readonly<Record<string, string>> = {
  mae: "MAE",
  milan: "MILAN",
  mixmim: "MixMIM",
  simmim: "SimMIM",
  a2mim: "A2MIM",
};

Deno.test("every model's preprocessing is its recipe's evaluation", () => {
  const withRecipe = releasedModels.filter((model) => model.recipe !== undefined);
  assertGreater(withRecipe.length, 55);
  for (const model of withRecipe) {
    const { task, data, model: { kind } } = recipe(model.recipe!);
    const { imageSize, resize, interpolation, mean, std } = model.preprocessing;
    assertEquals({ crop: imageSize, resize, interpolation }, data.evaluation, model.name);
    assertEquals({ mean, std }, { ...data.normalization! }, model.name);
    assertEquals(task, tasks[model.use], model.name);
    if (task === "pretrain") assertEquals(methodOf[kind], model.method, model.name);
  }
});

Deno.test("a model that has the name of a recipe is trained by it", () => {
  for (const { name, recipe: trainedBy } of releasedModels) {
    const known = (() => {
      try {
        return recipe(name).name;
      } catch {
        return undefined;
      }
    })();
    if (known !== undefined) assertEquals(trainedBy, name);
  }
});

type Shapes = [string, readonly number[]][];

function shapesOf(forward: Parameters<typeof describeParameters>[0]): Shapes {
  return [...describeParameters(forward)].map(([name, { shape }]) =>
    [name, shape] as [string, readonly number[]]
  ).sort();
}

/** Models that differ in architecture or in recipe, one of each. */
function distinctModels(): ReleasedModel[] {
  const found = new Map<string, ReleasedModel>();
  for (const model of releasedModels) {
    if (model.recipe === undefined || model.use === "linear-probe") continue;
    if (!Object.hasOwn(architectures, model.architecture)) continue; // another test's
    const { kind, ...network } = recipe(model.recipe).model;
    found.set(JSON.stringify([model.architecture, kind, network]), model);
  }
  return [...found.values()];
}

for (const model of distinctModels()) {
  Deno.test(`${model.architecture} has the parameters of ${model.recipe}`, () => {
    const { imageSize } = recipe(model.recipe!).data;
    const chosen = architecture(model.architecture);
    const sized = imageSize === 160 ? chosen : chosen.atSize(imageSize); // RSB A3
    assertEquals(
      shapesOf(forwardOf(sized)),
      shapesOf(recipeForward(recipe(model.recipe!))),
    );
  });
}

Deno.test("linear probes read the class token through a batch norm", () => {
  const probes = listModels("linear-probe");
  assertEquals(probes.length, 1);
  for (const { architecture: name } of probes) {
    const names = shapesOf(forwardOf(architecture(name))).map(([parameter]) => parameter);
    assert(names.includes("head.0.running_mean"), name);
    assert(names.includes("norm.weight") && !names.includes("fc_norm.weight"), name);
  }
});

Deno.test("preprocessingTransform() takes the centre of the resized picture", () => {
  const { preprocessing } = releasedModel("mixmim_official_mixmim_base_384_finetune");
  const transform = preprocessingTransform(preprocessing);
  assertEquals(transform.size, { height: 384, width: 384 });
  const clip = preprocessingTransform(releasedModel("ViT-B/16").preprocessing);
  const draws = { uniform: () => 0, normal: () => 0, integer: () => 0 };
  const { whole } = clip.crop({ height: 448, width: 672 }, draws);
  assertEquals(whole, { height: 224, width: 336 });
});

Deno.test("listModels() takes words, and patterns of names", () => {
  const names = (pattern: string) => listModels(pattern).map(({ name }) => name);
  assertEquals(listModels().length, releasedModels.length);
  assertEquals(names("milan linear"), [
    "vit-base-p16_milan-pre_8xb2048-linear-coslr-100e_in1k",
  ]);
  assertEquals(names("mixmim-base*"), [
    "mixmim_mixmim-base_16xb128-coslr-300e_in1k", // by an alias
    "mixmim-base_mixmim-pre_8xb128-coslr-100e_in1k",
    "mixmim-base_3rdparty_in1k",
  ]);
  assertEquals(names("ViT-?/14"), ["clip_vit-large-p14_openai"]);
  assertEquals(names("*.*"), []);
  assertEquals(names("MAE FINETUNE huge").length, 3);
  assertEquals(names("no such model"), []);
});

Deno.test("releasedModel() knows aliases, and the nearest of what it does not know", () => {
  const milan = releasedModel("vit-base-p16_milan-pre_8xb128-coslr-100e_in1k");
  assertEquals(milan.weights.checksum, { algorithm: "sha256", hex: "74ac94fa" });
  assertEquals(releasedModel("vit-base-p16_ft-8xb128-coslr-100e_in1k-milan"), milan);
  const message = assertThrows(
    () => releasedModel("mixmim-base_3rdpary_in1k"),
    Error,
    'did you mean "mixmim-base_3rdparty_in1k"',
  ).message;
  assertStringIncludes(message, "deno task models");
  assertThrows(
    () => releasedModel("qqqq"),
    Error,
    'no released model "qqqq": `deno task models`',
  );
  assertThrows(() => releasedModel("constructor"), Error, "no released model");
});
