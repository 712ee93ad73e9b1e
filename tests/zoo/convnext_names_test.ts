import { assertEquals } from "@std/assert";
import { convNext, type ConvNextConfiguration } from "../../lib/backbones/convnext.ts";
import { classify } from "../../lib/methods/classification.ts";
import { namingOf } from "../../lib/zoo/namings.ts";
import { manifest } from "../manifests/manifest.ts";
import {
  assertKnown,
  assertSame,
  kitDict,
  libraryDict,
  shapesOf,
  stateDict,
  toKit,
  toProject,
} from "./state_dicts/state_dict.ts";

function classifier(configuration: ConvNextConfiguration) {
  return kitDict((scope, input) =>
    classify(scope, input({ shape: [1, 32, 32, 3] }), {
      backbone: { kind: "convnext", ...configuration },
      classes: 3,
    })
  );
}

const twoStages = { depths: [2, 1], widths: [4, 8] };
const fourStages = { depths: [2, 1, 1, 1], widths: [4, 8, 16, 32] };

Deno.test("Hugging Face's ConvNeXt is the kit's", async () => {
  await assertKnown("hf_convnext", "hf", classifier(twoStages));
  const backbone = kitDict((scope, input) =>
    convNext(scope.at("backbone"), input({ shape: [1, 32, 32, 3] }), twoStages)
  );
  await assertKnown("hf_convnext_bare", "hf", backbone);
});

Deno.test("timm's ConvNeXt is the kit's", async () => {
  await assertKnown("timm_convnext", "timm", classifier(fourStages));
});

Deno.test("timm's ConvNeXt of 1×1 convolutions is the same with linear layers", async () => {
  const kit = toKit(await libraryDict("timm_convnext_1x1"));
  assertSame(kit, toKit(await libraryDict("timm_convnext")));
});

async function small(name: string): Promise<[string, number[]][]> {
  return [...await manifest(name)].map(([key, shape]) => [
    key,
    shape.map((length) => Math.min(length, 2)),
  ]);
}

const projects = ["openmixup", "mmpretrain", "timm", "official", "hf"] as const;

Deno.test("a ConvNeXt goes to every project and back", async () => {
  for (const size of ["tiny", "small", "base"]) {
    const kit = stateDict(await small(`a2mim-convnext-${size}-classifier`));
    for (const project of projects) {
      const theirs = toProject(kit, project);
      const named = project === "mmpretrain" ? "openmixup" : project; // alike
      assertEquals(namingOf(theirs).project, named);
      assertSame(toKit(theirs), kit);
    }
  }
});

Deno.test("A2MIM's ConvNeXts lose their pretraining elsewhere", async () => {
  const kit = stateDict(await small("a2mim-convnext-tiny-pretrain"));
  assertSame(toProject(kit, "openmixup"), kit);
  const back = toKit(toProject(kit, "official"));
  assertEquals(
    shapesOf(kit).filter(([name]) => !back.has(name)).map(([name]) => name),
    [
      "backbone.mask_gamma",
      "backbone.mask_token",
      "neck.decoder_pred.0.bias",
      "neck.decoder_pred.0.weight",
    ],
  );
});

Deno.test("the authors' names of a ConvNeXt are those of their repository", async () => {
  const kit = stateDict(await small("a2mim-convnext-tiny-classifier"));
  const official = new Set(toProject(kit, "official").keys());
  const expected = [
    "downsample_layers.0.0.weight",
    "downsample_layers.3.1.bias",
    "stages.2.8.dwconv.weight",
    "stages.2.8.norm.bias",
    "stages.2.8.pwconv1.weight",
    "stages.2.8.pwconv2.bias",
    "stages.2.8.gamma",
    "norm.weight",
    "head.bias",
  ];
  assertEquals(expected.filter((name) => !official.has(name)), []);
  assertEquals(official.size, kit.size);
});

Deno.test("a ConvNeXt of mmpretrain with 1×1 convolutions becomes one of linear layers", async () => {
  const kit = stateDict(await small("a2mim-convnext-tiny-classifier"));
  const convolved = new Map([...kit].map(([name, tensor]) => [
    name,
    /pointwise_conv\d\.weight$/.test(name)
      ? { ...tensor, shape: [...tensor.shape, 1, 1] }
      : tensor,
  ]));
  assertSame(toKit(convolved), kit);
});
