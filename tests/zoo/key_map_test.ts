import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  huggingFaceClip,
  mmpretrainTargetGenerator,
} from "../../lib/zoo/key_maps/clip.ts";
import {
  applyKeyMap,
  type KeyMap,
  planKeyMap,
  rename,
  renameBy,
  reverseKeyMap,
} from "../../lib/zoo/key_maps/key_map.ts";
import { mapReader, readerOf } from "../../lib/zoo/key_maps/map_reader.ts";
import {
  mmpretrainHeadOf,
  mmpretrainVit,
} from "../../lib/zoo/key_maps/mmpretrain_vit.ts";
import { openmixupVit } from "../../lib/zoo/key_maps/openmixup_vit.ts";
import { patchMerging } from "../../lib/zoo/key_maps/patch_merging.ts";
import { leadingAxes, reorderLastAxis } from "../../lib/zoo/key_maps/stored_values.ts";
import type { StoredTensor } from "../../lib/zoo/safetensors.ts";
import { manifest } from "../manifests/manifest.ts";

/** Bytes are cheaper than floats, and maps do not look at them. */
function bytes(shape: number[], values?: number[]): StoredTensor {
  const count = shape.reduce((product, length) => product * length, 1);
  return { shape, dtype: "U8", data: Uint8Array.from(values ?? new Uint8Array(count)) };
}

/** A checkpoint of a manifest with its widths divided by 64: the names are what matters. */
async function checkpoint(name: string): Promise<Map<string, StoredTensor>> {
  const shapes = await manifest(name);
  return new Map(
    [...shapes].map(([name, shape]) => [
      name,
      bytes(shape.map((length) => length % 64 === 0 ? length / 64 : 1)),
    ]),
  );
}

function names(tensors: Map<string, unknown>): string[] {
  return [...tensors.keys()].sort();
}

function shapes(tensors: Map<string, StoredTensor>): [string, string][] {
  return names(tensors).map((name) => [name, tensors.get(name)!.shape.join()]);
}

async function assertMaps(map: KeyMap, from: string, to: string): Promise<void> {
  const [source, target] = [await checkpoint(from), await checkpoint(to)];
  assertEquals(shapes(applyKeyMap(map, source)), shapes(target));
  const kept = [...source].filter(([name]) => !name.startsWith("target_generator."));
  assertEquals(shapes(applyKeyMap(reverseKeyMap(map), target)), shapes(new Map(kept)));
}

Deno.test("huggingFaceClip maps a whole ViT-B/16 to OpenAI's names and back", async () => {
  await assertMaps(huggingFaceClip, "clip-hf-vit-base-patch16", "clip-openai-vit-b-16");
});

Deno.test("huggingFaceClip drops the position ids of older files", () => {
  const tensors = new Map([["vision_model.embeddings.position_ids", bytes([1, 197])]]);
  assertEquals(applyKeyMap(huggingFaceClip, tensors).size, 0);
});

Deno.test("mmpretrainVit() maps MILAN's pretraining to the original names and back", async () => {
  const from = "milan-mmpretrain-pretrain-vit-base-p16-with-target-generator";
  await assertMaps(mmpretrainVit("linear"), from, "milan-official-pretrain-vit-base-p16");
});

Deno.test("mmpretrainVit() maps MILAN's fine-tuned classifier and back", async () => {
  const from = "milan-mmpretrain-finetune-vit-base-p16";
  assertEquals(mmpretrainHeadOf((await manifest(from)).keys()), "linear");
  await assertMaps(mmpretrainVit("linear"), from, "milan-official-finetune-vit-base-p16");
});

Deno.test("mmpretrainVit() maps MILAN's linear probe and back", async () => {
  const from = "milan-mmpretrain-linprobe-vit-base-p16";
  assertEquals(mmpretrainHeadOf((await manifest(from)).keys()), "linear-probe");
  await assertMaps(
    mmpretrainVit("linear-probe"),
    from,
    "milan-official-linprobe-vit-base-p16",
  );
});

Deno.test("mmpretrainVit() maps MAE's decoder, a hidden head and layer scale", async () => {
  const rename = renameBy(mmpretrainVit("vision-transformer"));
  const expected = {
    "head.layers.pre_logits.weight": "pre_logits.fc.weight",
    "head.layers.head.bias": "head.bias",
    "backbone.layers.11.attn.gamma1.weight": "blocks.11.ls1.gamma",
    "backbone.layers.11.ffn.gamma2.weight": "blocks.11.ls2.gamma",
    "neck.decoder_blocks.0.attn.qkv.weight": "decoder_blocks.0.attn.qkv.weight",
    "target_generator.tokenizer.logit_scale": undefined,
    "something.else": "something.else",
  };
  for (const [from, to] of Object.entries(expected)) assertEquals(rename(from), to);
  assertEquals(mmpretrainHeadOf(["head.layers.head.weight"]), "vision-transformer");
  const official = names(await manifest("mae-official-pretrain-vit-base-p16"));
  const back = renameBy(reverseKeyMap(mmpretrainVit("linear")));
  const there = official.map((name) => back(name)!);
  assertEquals(there.every((name) => /^(backbone|neck)\./.test(name)), true);
  assertEquals(there.map(renameBy(mmpretrainVit("linear"))), official);
});

Deno.test("mmpretrainTargetGenerator finds the CLIP inside a MILAN checkpoint", async () => {
  const from = "milan-mmpretrain-pretrain-vit-base-p16-with-target-generator";
  const clip = applyKeyMap(mmpretrainTargetGenerator, await checkpoint(from));
  assertEquals(names(clip), names(await manifest("clip-openai-vit-b-16")));
});

Deno.test("applyKeyMap() joins, splits and transposes values", () => {
  const map: KeyMap = {
    from: "A",
    to: "B",
    rules: [
      { kind: "join", from: ["*.q.*", "*.k.*"], to: "*.qk.*" },
      { kind: "transpose", from: "proj.weight", to: "proj" },
    ],
  };
  const tensors = new Map([
    ["0.k.weight", bytes([1, 2], [3, 4])],
    ["0.q.weight", bytes([1, 2], [1, 2])],
    ["proj.weight", bytes([2, 3], [1, 2, 3, 4, 5, 6])],
  ]);
  const mapped = applyKeyMap(map, tensors);
  assertEquals(mapped.get("0.qk.weight"), bytes([2, 2], [1, 2, 3, 4]));
  assertEquals(mapped.get("proj"), bytes([3, 2], [1, 4, 2, 5, 3, 6]));
  assertEquals(mapped.size, 2);
  const back = applyKeyMap(reverseKeyMap(map), mapped);
  assertEquals(names(back), names(tensors));
  for (const [name, tensor] of tensors) assertEquals(back.get(name), tensor);
});

Deno.test("applyKeyMap() says which part of a joined tensor is missing or does not fit", () => {
  const q = "text_model.encoder.layers.0.self_attn.q_proj.weight";
  const part = (letter: string) => q.replace("q_proj", `${letter}_proj`);
  assertThrows(
    () => applyKeyMap(huggingFaceClip, new Map([[part("v"), bytes([2, 2])]])),
    Error,
    `lacks ${q}: transformer.resblocks.0.attn.in_proj_weight is made of`,
  );
  const uneven = new Map([
    [q, bytes([2, 2])],
    [part("k"), bytes([2, 2])],
    [part("v"), bytes([2, 3])],
  ]);
  assertThrows(
    () => applyKeyMap(huggingFaceClip, uneven),
    Error,
    "v_proj.weight (U8 [2,3])",
  );
  const odd = new Map([["visual.transformer.resblocks.0.attn.in_proj_bias", bytes([4])]]);
  assertThrows(
    () => applyKeyMap(reverseKeyMap(huggingFaceClip), odd),
    Error,
    "[4] cannot be split into 3 equal parts",
  );
});

Deno.test("applyKeyMap() refuses two tensors with one new name", () => {
  const tensors = new Map([["backbone.ln1.bias", bytes([1])], ["norm.bias", bytes([1])]]);
  assertThrows(
    () => applyKeyMap(mmpretrainVit("linear"), tensors),
    Error,
    'Both backbone.ln1.bias and norm.bias are "norm.bias" in the names of MAE',
  );
});

Deno.test("renameBy() refuses a rule that changes values", () => {
  assertThrows(
    () => renameBy(huggingFaceClip)("visual_projection.weight"),
    Error,
    "changes more than its name",
  );
});

/** A rule of each kind but drop, whose map can be read back. */
const everyKind: KeyMap = {
  from: "A",
  to: "B",
  rules: [
    { kind: "change", from: "token", to: "class", ...leadingAxes(2) },
    {
      kind: "derived",
      from: "table.index",
      of: "table",
      make: ([rows]) => bytes([rows!]),
    },
    { kind: "join", from: ["q", "k"], to: "qk" },
    { kind: "split", from: "gate", to: ["up", "down"] },
    { kind: "transpose", from: "proj.weight", to: "proj" },
    rename("old.*", "new.*"),
    ...patchMerging("merge.*", "downsample.*"),
  ],
};

const everyTensor = new Map([
  ["token", bytes([2], [1, 2])],
  ["table", bytes([3, 1], [1, 2, 3])],
  ["table.index", bytes([3])],
  ["q", bytes([1, 2], [1, 2])],
  ["k", bytes([1, 2], [3, 4])],
  ["gate", bytes([2, 1], [5, 6])],
  ["proj.weight", bytes([2, 3], [1, 2, 3, 4, 5, 6])],
  ["old.bias", bytes([1], [7])],
  ["merge.0.reduction.weight", bytes([1, 8], [0, 1, 2, 3, 4, 5, 6, 7])],
  ["unknown", bytes([1], [9])],
]);

Deno.test("applyKeyMap() changes values and leaves derived buffers out, and back makes them", () => {
  const mapped = applyKeyMap(everyKind, everyTensor);
  assertEquals(mapped.get("class"), bytes([1, 1, 2], [1, 2]));
  assertEquals(mapped.has("table.index"), false);
  assertEquals(mapped.get("up"), bytes([1, 1], [5]));
  // Two channels of four neighbours: mmcv has a channel's four together, row by row.
  const merged = mapped.get("downsample.0.reduction.weight")!;
  assertEquals(merged, bytes([1, 8], [0, 4, 2, 6, 1, 5, 3, 7]));
  const back = applyKeyMap(reverseKeyMap(everyKind), mapped);
  assertEquals(names(back), names(everyTensor));
  for (const [name, tensor] of everyTensor) assertEquals(back.get(name), tensor);
  assertEquals(reverseKeyMap(reverseKeyMap(everyKind)), everyKind);
});

Deno.test("planKeyMap() knows every shape and element type without reading", () => {
  for (const map of [everyKind, reverseKeyMap(everyKind)]) {
    const tensors = map === everyKind ? everyTensor : applyKeyMap(everyKind, everyTensor);
    const planned = planKeyMap(map, tensors);
    const made = applyKeyMap(map, tensors);
    assertEquals([...planned.keys()], [...made.keys()]);
    for (const [name, { shape, dtype }] of planned) {
      assertEquals([shape, dtype], [made.get(name)!.shape, made.get(name)!.dtype]);
    }
  }
});

Deno.test("mapReader() reads what is asked for, and nothing else", async () => {
  const read: string[] = [];
  const file = readerOf(everyTensor);
  const reader = mapReader(everyKind, {
    entries: file.entries,
    read: (name) => (read.push(name), file.read(name)),
  });
  assertEquals(await reader.read("qk"), bytes([2, 2], [1, 2, 3, 4]));
  assertEquals(read, ["q", "k"]);
  const back = mapReader(reverseKeyMap(everyKind), reader);
  read.length = 0;
  assertEquals(await back.read("table.index"), bytes([3]));
  assertEquals(read, []);
  await assertRejects(() => reader.read("q"), Error, 'no tensor "q" in the names of B');
  await assertRejects(() => file.read("none"), Error, 'There is no tensor "none"');
});

Deno.test("planKeyMap() refuses what does not go with a rule before anything is read", () => {
  const entry = (shape: number[]) => ({ shape, dtype: "F32" as const });
  const plan = (map: KeyMap, name: string, shape: number[]) => () =>
    planKeyMap(map, new Map([[name, entry(shape)]]));
  const merging = "merge.0.reduction.weight";
  assertThrows(
    plan(everyKind, merging, [2, 6]),
    Error,
    `${merging}: its last axis should be a multiple of 4, got [2,6]`,
  );
  assertThrows(
    plan(reverseKeyMap(everyKind), "class", [3, 2]),
    Error,
    "class: it should have 2 axes of length 1 in front, got [3,2]",
  );
  const table = "blocks.0.attn.relative_position_bias_table";
  assertThrows(
    plan(reverseKeyMap(openmixupVit()), table, [733, 12]),
    Error,
    "A table of 733 relative positions is of no square window",
  );
});

Deno.test("reorderLastAxis() moves whole elements of any width", () => {
  const { values } = reorderLastAxis((place, length) => length - 1 - place);
  const data = new Float32Array([1, 2, 3, 4]);
  const turned = values({ shape: [2, 2], dtype: "F32", data }, "x");
  assertEquals(turned, {
    shape: [2, 2],
    dtype: "F32",
    data: new Float32Array([2, 1, 4, 3]),
  });
});
