import { assertEquals, assertThrows } from "@std/assert";
import { classify } from "../../lib/methods/classification.ts";
import type { ResnetConfiguration } from "../../lib/backbones/resnet.ts";
import { resnet } from "../../lib/backbones/resnet.ts";
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

function classifier(configuration: ResnetConfiguration) {
  return kitDict((scope, input) =>
    classify(scope, input({ shape: [1, 32, 32, 3] }), {
      backbone: { kind: "resnet", ...configuration },
      classes: 3,
    })
  );
}

const bottlenecks = { depths: [2, 1], stemChannels: 4, baseChannels: 2 };
const basic = {
  depths: [1, 1],
  block: "basic",
  stemChannels: 4,
  baseChannels: 4,
} as const;

Deno.test("Hugging Face's ResNet is the kit's", async () => {
  await assertKnown("hf_resnet", "hf", classifier(bottlenecks));
  await assertKnown("hf_resnet_basic", "hf", classifier(basic));
});

Deno.test("Hugging Face's ResNet without a head has no prefix", async () => {
  const backbone = kitDict((scope, input) =>
    resnet(scope.at("backbone"), input({ shape: [1, 32, 32, 3] }), bottlenecks)
  );
  await assertKnown("hf_resnet_bare", "hf", backbone);
});

Deno.test("timm's ResNet is the kit's", async () => {
  const depths = [2, 1, 1, 1];
  const kit = classifier({ depths, stemChannels: 64, baseChannels: 2 });
  await assertKnown("timm_resnet", "timm", kit);
  const basicKit = classifier({ ...basic, depths: [1, 1, 1, 1], stemChannels: 64 });
  await assertKnown("timm_resnet_basic", "timm", basicKit);
});

for (const project of ["openmixup", "mmpretrain", "timm", "official", "hf"] as const) {
  Deno.test(`a ResNet-50 goes to ${project} and back`, async () => {
    const kit = stateDict(await small("a2mim-resnet50-classifier"));
    assertSame(toKit(toProject(kit, project)), kit);
  });
}

/** A manifest's names with shapes that need little memory. */
async function small(name: string): Promise<[string, number[]][]> {
  return [...await manifest(name)].map(([key, shape]) => [
    key,
    shape.map((length) => Math.min(length, 3)),
  ]);
}

Deno.test("A2MIM's ResNets are known, and lose their pretraining elsewhere", async () => {
  for (const depth of [50, 101, 152, 200]) {
    const kit = stateDict(await small(`a2mim-resnet${depth}-pretrain`));
    const { family, project } = namingOf(kit);
    assertEquals([family, project], ["resnet", "openmixup"]);
    assertSame(toKit(kit), kit);
    assertSame(toProject(kit, "openmixup"), kit);
    for (const other of ["timm", "hf", "mmpretrain"] as const) {
      const back = toKit(toProject(kit, other));
      assertEquals(
        shapesOf(kit).filter(([name]) => !back.has(name)).map(([name]) => name),
        [
          "backbone.mask_gamma",
          "backbone.mask_token",
          "neck.decoder_pred.0.bias",
          "neck.decoder_pred.0.weight",
        ],
      );
    }
  }
});

Deno.test("the state of openmixup's training is left out", async () => {
  const kit = stateDict(await small("resnet18-classifier"));
  const trained = stateDict([
    ...shapesOf(kit),
    ["ema_backbone_conv1_weight", [1]],
    ["momentum", [1]],
    ["backbone.conv1.weight_momentum_buffer", [1]],
  ]);
  assertEquals(shapesOf(toKit(trained)), shapesOf(kit));
});

Deno.test("encoders of self-supervised methods are known by A2MIM's prefixes", () => {
  const names = ["conv1.weight", "bn1.weight", "layer1.0.conv1.weight"];
  const shapes = [[4, 3, 7, 7], [4], [4, 4, 1, 1]];
  for (
    const prefix of ["encoder_q.", "encoder.", "base_encoder.", "backbone.timm_model."]
  ) {
    const moco = stateDict([
      ...names.map((name, index) => [`${prefix}${name}`, shapes[index]!] as const),
      [`${prefix}fc.0.weight`, [4, 4]],
      ["encoder_k.conv1.weight", [4, 3, 7, 7]],
      ["queue", [4]],
    ]);
    assertEquals(
      [...toKit(moco).keys()],
      names.map((name) => `backbone.${name}`),
    );
  }
});

Deno.test("batches that were not counted are counted from nothing", async () => {
  const counted = await libraryDict("timm_resnet_basic");
  const old = new Map(
    [...counted].filter(([name]) => !name.endsWith("num_batches_tracked")),
  );
  const kit = toKit(old);
  assertEquals(shapesOf(kit), shapesOf(toKit(counted)));
  assertEquals(kit.get("backbone.layer2.0.downsample.1.num_batches_tracked"), {
    shape: [],
    dtype: "I64",
    data: BigInt64Array.of(0n),
  });
});

Deno.test("a ResNet has no names in openai", () => {
  const kit = stateDict([["backbone.conv1.weight", [1, 1, 1, 1]], [
    "backbone.layer1.0.conv1.weight",
    [1, 1, 1, 1],
  ]]);
  assertThrows(() => toProject(kit, "openai"), Error, "A ResNet has no names in openai");
});
