import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  elementSizes,
  elementsOf,
  type ElementType,
} from "../../lib/zoo/element_types.ts";
import type { StoredTensor } from "../../lib/zoo/element_types.ts";
import { readerOf, type TensorReader } from "../../lib/zoo/key_maps/map_reader.ts";
import {
  type Entries,
  kitReader,
  namingFor,
  namingOf,
  type Project,
  projectReader,
  wrapperMap,
} from "../../lib/zoo/namings.ts";
import { manifest, manifestNames } from "../manifests/manifest.ts";
import foreign from "./state_dicts/vit_and_clip.json" with { type: "json" };

type Shapes = ReadonlyMap<string, number[]>;

/** Tensors of a form whose every value tells where it was. */
function numbered(shapes: Shapes, dtype: ElementType = "U16"): Map<string, StoredTensor> {
  let next = 0;
  return new Map([...shapes].map(([name, shape]) => {
    const length = shape.reduce((product, axis) => product * axis, 1);
    const bytes = new ArrayBuffer(length * elementSizes[dtype]);
    const words = new Uint16Array(bytes);
    for (let word = 0; word < words.length; word++) words[word] = next++;
    return [name, { shape, dtype, data: elementsOf(dtype, bytes) }];
  }));
}

function listed(entries: Entries): [string, string][] {
  return [...entries].map(([name, { shape }]): [string, string] => [name, shape.join()])
    .sort(([a], [b]) => a < b ? -1 : 1);
}

async function contentOf(
  { entries, read }: ReturnType<typeof readerOf>,
): Promise<Map<string, StoredTensor>> {
  const content = new Map<string, StoredTensor>();
  for (const name of [...entries.keys()].sort()) content.set(name, await read(name));
  return content;
}

const known = ["vit", "mixmim", "clip"];

/** Whose names a manifest has. */
function projectOf(name: string): string {
  if (name.startsWith("a2mim-")) return "openmixup";
  if (name.includes("mmpretrain")) return "mmpretrain";
  if (name.startsWith("clip-")) return name.startsWith("clip-hf") ? "hf" : "openai";
  return "official";
}

/** Entries without values: names and shapes are what matters. */
function entriesOf(shapes: Shapes): Entries {
  return new Map([...shapes].map(([name, shape]) => [name, { shape, dtype: "F32" }]));
}

/** A manifest's names in the families that are tested here, the teacher inside left out. */
async function manifests(): Promise<[string, Shapes][]> {
  const all = await Promise.all(
    (await manifestNames()).map(async (name) => [name, await manifest(name)] as const),
  );
  return all.filter(([, shapes]) => known.includes(namingOf(entriesOf(shapes)).family))
    .map(([name, shapes]) => [name, new Map(shapes)]);
}

const ofManifests = await manifests();

Deno.test("namingOf() recognizes every manifest", () => {
  assert(ofManifests.length > 30, `${ofManifests.length}`);
  for (const [name, shapes] of ofManifests) {
    assertEquals([name, namingOf(entriesOf(shapes)).project], [name, projectOf(name)]);
  }
});

/** A reader of which nothing is read. */
function unread(entries: Entries): TensorReader {
  return { entries, read: (name) => Promise.reject(new Error(`${name} was read`)) };
}

for (const [name, shapes] of ofManifests) {
  Deno.test(`${name} comes back from the kit's names as it was`, () => {
    const { naming, reader } = kitReader(unread(entriesOf(shapes)));
    const back = projectReader(reader, naming.project);
    const kept = [...shapes].filter(([key]) => !key.startsWith("target_generator."));
    assertEquals(listed(back.entries), listed(entriesOf(new Map(kept))));
  });
}

/** The first blocks of each kind at a 64th of the width: a small model of the same form. */
function small(shapes: Shapes): Shapes {
  const isFirst = (name: string): boolean =>
    !/(blocks|layers|layer|resblocks)\.([2-9]|1\d+)\./.test(name) &&
    !name.startsWith("target_generator.");
  const shrunk = (length: number): number => length % 64 === 0 ? length / 64 : length;
  return new Map(
    [...shapes].filter(([name]) => isFirst(name)).map(([name, shape]) => [
      name,
      shape.map(shrunk),
    ]),
  );
}

const projects = ["official", "mmpretrain", "openmixup", "timm", "hf", "openai"] as const;

/** What a project has no place for, in the kit's names. */
const lost: Partial<Record<typeof projects[number], RegExp>> = {
  mmpretrain: /^neck\.|^backbone\.mask_/,
  timm:
    /^(mask_token|decoder_|backbone\.mask_|neck\.|transformer\.|token_embedding|positional_embedding|ln_final|text_projection|logit_scale)/,
  hf: /^(mask_token|decoder_|backbone\.mask_|neck\.)/,
};

/** The encoder of a model that reconstructs from it, where a project has none but the encoder. */
function atRoot(name: string): string {
  return name.replace(/^backbone\./, "");
}

async function assertRoundTrips(name: string, tensors: Map<string, StoredTensor>) {
  const kit = await contentOf(kitReader(readerOf(tensors)).reader);
  const refusals: string[] = [];
  for (const project of projects) {
    let there: TensorReader;
    try {
      there = projectReader(readerOf(kit), project);
    } catch (error) {
      refusals.push((error as Error).message);
      continue;
    }
    const back = await contentOf(kitReader(readerOf(await contentOf(there))).reader);
    const whole = [...kit].filter(([key]) => !back.has(key));
    // MAE's decoder is the one that Hugging Face has.
    const isKept = project === "hf" && kit.has("decoder_blocks.0.attn.qkv.weight");
    const isLost = (key: string) => !isKept && (lost[project]?.test(key) ?? false);
    for (const [key, value] of back) {
      const original = kit.get(key) ?? kit.get(`backbone.${key}`);
      assertEquals([name, project, key, original !== undefined], [
        name,
        project,
        key,
        true,
      ]);
      assertEquals(value.shape, original!.shape);
      const differs = original!.data.some((word, at) => word !== value.data[at]);
      assert(!differs, `${name}, ${project}: ${key}`);
    }
    for (const [key] of whole) {
      const kept = back.has(atRoot(key)) || isLost(key);
      assertEquals([name, project, key, kept], [name, project, key, true]);
    }
  }
  for (const message of refusals) {
    assert(/(convert to|choose) .*\w$/.test(message), message);
    assertEquals(message.split(/[.!?] /).length, 1, message);
  }
}

Deno.test("every model survives the names of every project, bit for bit", async () => {
  for (const [name, shapes] of ofManifests) {
    if (/-(large|huge)-|vit-small/.test(name)) continue; // the same names as the others
    await assertRoundTrips(name, numbered(small(shapes)));
  }
});

/** Small models of transformers and timm, in versions that the file tells, by names and shapes. */
type ForeignModel = keyof typeof foreign.models;

/** A model of transformers or timm, as its state_dict or as its file has it. */
function foreignModel(name: ForeignModel): Map<string, StoredTensor> {
  const names = foreign.models[name] as [string, number[]][];
  return numbered(new Map(names));
}

/** transformers 5 writes the decoder's blocks under a name that MAE's released files do not have. */
function asReleased(name: string): string {
  return name.replace("decoder.decoder_encoder.layer.", "decoder.decoder_layers.");
}

for (const name of Object.keys(foreign.models) as ForeignModel[]) {
  const isHuggingFace = name.startsWith("transformers");
  const project = isHuggingFace ? "hf" : "timm";
  Deno.test(`${name} goes to the kit's names and back`, () => {
    const { naming, reader } = kitReader(readerOf(foreignModel(name)));
    assertEquals(naming.family, /CLIP|clip/.test(name) ? "clip" : "vit");
    // A ViT of timm's has the authors' names.
    assert([project, "official"].includes(naming.project), naming.project);
    const back = projectReader(reader, project);
    const file = isHuggingFace && !name.endsWith(", file") ? `${name}, file` : name;
    const expected = foreign.models[file as ForeignModel] as [string, number[]][];
    const written = expected.filter(([key]) => !key.includes("pooler.dense"))
      .map(([key, shape]): [string, number[]] => [asReleased(key), shape])
      .map(([key, shape]): [string, number[]] =>
        name.startsWith("transformers CLIPVisionModel") && !key.startsWith("vis")
          ? [`vision_model.${key}`, shape]
          : [key, shape]
      );
    assertEquals(listed(back.entries), listed(entriesOf(new Map(written))));
  });

  Deno.test(`${name} survives the names of every project, bit for bit`, async () => {
    await assertRoundTrips(name, foreignModel(name));
  });
}

/** The names that a checkpoint has in the kit. */
function kitNames(names: readonly string[], family?: "clip"): string[] {
  const entries = entriesOf(new Map(names.map((name) => [name, [64, 64]])));
  return [...kitReader(unread(entries), family).reader.entries.keys()];
}

Deno.test("kitReader() cuts what wrappers put before all names", () => {
  const names = ["_orig_mod.module.blocks.0.norm1.weight", "_orig_mod.module.norm.bias"];
  assertEquals(kitNames([...names, "n_averaged"]), [
    "blocks.0.norm1.weight",
    "norm.bias",
  ]);
  const some = new Map([["module.a", [1]], ["b", [1]]]);
  assertEquals(wrapperMap(entriesOf(some)), undefined);
});

Deno.test("kitReader() reads a backbone that was taken out of OpenMMLab's checkpoint", () => {
  const names = ["layers.0.ln1.weight", "patch_embed.projection.bias", "ln1.bias"];
  assertEquals(kitNames(names), [
    "blocks.0.norm1.weight",
    "patch_embed.proj.bias",
    "norm.bias",
  ]);
  assertEquals(kitNames(["layers.0.ln1.weight", "layers.0.gamma_1", "mask_token"]), [
    ...["blocks.0.norm1.weight", "blocks.0.ls1.gamma", "mask_token"]
      .map((name) => `backbone.${name}`),
  ]);
});

Deno.test("kitReader() finds the ViT and the CLIP of one checkpoint", () => {
  const names = [
    "backbone.layers.0.ln1.weight",
    "target_generator.tokenizer.visual.class_embedding",
  ];
  assertEquals(kitNames(names), ["blocks.0.norm1.weight"]);
  assertEquals(kitNames(names, "clip"), ["visual.class_embedding"]);
});

Deno.test("mmpretrain's CLIP and its image tower have the axes that OpenAI's lacks", () => {
  const entries = entriesOf(
    new Map([
      ["visual.cls_token", [1, 1, 8]],
      ["visual.pos_embed", [1, 5, 8]],
      ["visual_proj.proj", [8, 4]],
      ["visual.layers.0.attn.qkv.bias", [24]],
    ]),
  );
  const kit = [
    ["visual.class_embedding", "8"],
    ["visual.positional_embedding", "5,8"],
    ["visual.proj", "8,4"],
    ["visual.transformer.resblocks.0.attn.in_proj_bias", "24"],
  ];
  assertEquals(listed(kitReader(unread(entries)).reader.entries), kit);
  const renamed = [...entries].map(([name, { shape }]): [string, number[]] =>
    name === "visual_proj.proj"
      ? ["head.layers.head.weight", [4, 8]]
      : [name.replace("visual.", "backbone."), shape]
  );
  const tower = entriesOf(new Map([...renamed, ["backbone.pre_norm.weight", [8]]]));
  assertEquals(
    listed(kitReader(unread(tower)).reader.entries).filter(([name]) =>
      !name.includes("ln_pre")
    ),
    kit,
  );
});

Deno.test("the bias of a classifier on timm's CLIP is not taken for a projection's zeros", () => {
  const names = (outputs: number) => {
    const shapes = new Map([
      ["norm_pre.weight", [8]],
      ["blocks.0.norm1.weight", [8]],
      ["head.weight", [outputs, 8]],
      ["head.bias", [outputs]],
    ]);
    return [...kitReader(unread(entriesOf(shapes))).reader.entries.keys()];
  };
  assertEquals([names(512), names(1000)].map((all) => all.includes("head.bias")), [
    false,
    true,
  ]);
});

Deno.test("namingOf() says what it saw and what it knows", () => {
  const entries = entriesOf(new Map([["conv.weight", [1]], ["conv.bias", [1]]]));
  assertThrows(
    () => namingOf(entries),
    Error,
    "Tensors such as conv.weight, conv.bias are no network that the kit knows; names must be " +
      "those of official,",
  );
  assertThrows(() => namingOf(entries, "clip"), Error, "are no CLIP; its names must be");
  assertThrows(() => namingOf(new Map()), Error, "The checkpoint holds no tensors");
});

Deno.test("namingFor() and fromKit() say what a project has not", () => {
  const kit = (...names: string[]): Entries =>
    entriesOf(new Map(["blocks.0.norm1.weight", ...names].map((name) => [name, [4]])));
  const convert = (project: Project, ...names: string[]) => () =>
    namingFor(kit(...names), project).fromKit(kit(...names));
  assertThrows(
    convert("detectron2"),
    Error,
    "A ViT has no names in detectron2: choose official, openmixup, mmpretrain, timm, hf",
  );
  assertThrows(
    convert("hf", "head.weight", "fc_norm.weight"),
    Error,
    "Hugging Face has no ViT with a norm of the mean of its tokens, which this one has: " +
      "convert to official, mmpretrain or timm",
  );
  assertThrows(convert("timm", "head.1.weight"), Error, "a batch norm before its head");
  assertThrows(convert("openmixup", "head.1.weight"), Error, "openmixup has no ViT with");
});
