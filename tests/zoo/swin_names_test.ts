import { assertEquals, assertThrows } from "@std/assert";
import { swin, type SwinConfiguration } from "../../lib/backbones/swin.ts";
import { maskFromOrder } from "../../lib/maskers/mask.ts";
import { classify } from "../../lib/methods/classification.ts";
import { simmim } from "../../lib/methods/simmim.ts";
import { shiftMask } from "../../lib/nn/shifted_window_attention.ts";
import { relativePositionIndex } from "../../lib/nn/window_attention.ts";
import { namingOf } from "../../lib/zoo/namings.ts";
import {
  assertKnown,
  assertSame,
  kitDict,
  libraryDict,
  shapesOf,
  type StateDict,
  stateDict,
  toKit,
  toProject,
} from "./state_dicts/state_dict.ts";

const small: SwinConfiguration = { width: 4, depths: [2, 2], heads: [1, 2], window: 2 };

function classifier(configuration: SwinConfiguration, imageSize = 16): StateDict {
  return kitDict((scope, input) =>
    classify(scope, input({ shape: [1, imageSize, imageSize, 3] }), {
      backbone: { kind: "swin", ...configuration },
      classes: 3,
    })
  );
}

function pretraining(): StateDict {
  return kitDict((scope, input) => {
    const mask = maskFromOrder(input({ shape: [1, 4], dtype: "int32" }), 0.5);
    simmim(scope, input({ shape: [1, 16, 16, 3] }), mask, {
      backbone: { kind: "swin", ...small },
    });
  });
}

Deno.test("Hugging Face's Swin is the kit's", async () => {
  await assertKnown("hf_swin", "hf", classifier(small));
  const backbone = kitDict((scope, input) =>
    swin(scope.at("backbone"), input({ shape: [1, 16, 16, 3] }), small)
  );
  await assertKnown("hf_swin_bare", "hf", backbone);
});

Deno.test("Hugging Face's pretraining of a Swin is SimMIM's", async () => {
  await assertKnown("hf_swin_pretraining", "hf", pretraining());
});

Deno.test("a Swin in memory of transformers 5 is that of its files", async () => {
  const [inMemory, inFiles] = [
    toKit(await libraryDict("hf_swin_module")),
    toKit(await libraryDict("hf_swin")),
  ];
  assertEquals(shapesOf(inMemory), shapesOf(inFiles));
});

Deno.test("timm's Swin is the kit's", async () => {
  await assertKnown("timm_swin", "timm", classifier(small));
});

Deno.test("a Swin goes to every project and back", () => {
  const kit = classifier({ ...small, depths: [1, 2, 2], heads: [1, 2, 4] }, 32);
  for (const project of ["openmixup", "mmpretrain", "timm", "official", "hf"] as const) {
    const theirs = toProject(kit, project);
    const named = project === "mmpretrain" ? "openmixup" : project; // alike
    assertEquals(namingOf(theirs).project, named);
    assertSame(toKit(theirs), kit);
  }
});

Deno.test("SimMIM's Swin goes to every project that has one and back", () => {
  const kit = pretraining();
  for (const project of ["openmixup", "mmpretrain", "official", "hf"] as const) {
    assertSame(toKit(toProject(kit, project)), kit);
  }
  const official = toProject(kit, "official");
  assertEquals(
    ["encoder.mask_token", "encoder.norm.bias", "decoder.0.weight"]
      .filter((name) => !official.has(name)),
    [],
  );
  assertEquals(toProject(kit, "timm").has("mask_token"), false);
});

Deno.test("patch merging's values change their order between projects", () => {
  const merging = "stages.0.downsample.norm.weight";
  const kit = stateDict([
    ["backbone.stages.0.blocks.0.attn.w_msa.qkv.weight", [1]],
    ["backbone.stages.1.blocks.0.attn.w_msa.qkv.weight", [1]],
  ]);
  // Of two channels: (channel, row, column) in mmcv's order.
  const values = Uint8Array.of(0, 1, 2, 3, 10, 11, 12, 13);
  kit.set(`backbone.${merging}`, { shape: [8], dtype: "U8", data: values });
  const expected = Uint8Array.of(0, 10, 2, 12, 1, 11, 3, 13);
  const { data } = toProject(kit, "official").get(merging.replace("stages", "layers"))!;
  assertEquals(data, expected);
  const atStart = toProject(kit, "timm").get("layers.1.downsample.norm.weight")!;
  assertEquals(atStart.data, expected);
  assertEquals(toProject(kit, "mmpretrain").get(`backbone.${merging}`)!.data, values);
});

Deno.test("the buffers of a Swin are made as its authors save them", () => {
  const kit = classifier({ ...small, depths: [1, 2, 2], heads: [1, 2, 4] }, 32);
  const official = toProject(kit, "official");
  const buffers = [...official.keys()].filter((name) => /attn_mask|_index$/.test(name));
  assertEquals(buffers.sort(), [
    "layers.0.blocks.0.attn.relative_position_index",
    "layers.1.blocks.0.attn.relative_position_index",
    "layers.1.blocks.1.attn.relative_position_index",
    "layers.1.blocks.1.attn_mask", // of the last stage's one window there is none
    "layers.2.blocks.0.attn.relative_position_index",
    "layers.2.blocks.1.attn.relative_position_index",
  ]);
  assertEquals(official.get("layers.1.blocks.1.attn_mask"), {
    shape: [4, 4, 4],
    dtype: "F32",
    data: shiftMask({ rows: 4, columns: 4, window: 2, shift: 1 }),
  });
  const index = official.get("layers.0.blocks.0.attn.relative_position_index")!;
  assertEquals([...index.data].map(Number), [...relativePositionIndex(2)]);
});

Deno.test("a Swin with a table of no square window is refused", () => {
  const kit = classifier(small);
  const table = "backbone.stages.0.blocks.0.attn.w_msa.relative_position_bias_table";
  kit.set(table, { shape: [10, 1], dtype: "U8", data: new Uint8Array(10) });
  assertThrows(() => toProject(kit, "mmpretrain"), Error, "10 relative positions");
});

Deno.test("a MixMIM is no Swin", () => {
  const mixmim = stateDict([
    ["absolute_pos_embed", [1, 4, 4]],
    ["patch_embed.proj.weight", [4, 3, 4, 4]],
    ["layers.0.blocks.0.attn.relative_position_bias_table", [9, 1]],
    ["layers.0.blocks.0.norm1.weight", [4]],
  ]);
  assertEquals(namingOf(mixmim).family, "mixmim");
});
