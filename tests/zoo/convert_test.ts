import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { describeParameters } from "../../lib/nn/scope.ts";
import { architectures, forwardOf } from "../../lib/zoo/architectures/mod.ts";
import { readCheckpoint } from "../../lib/zoo/checkpoint_file.ts";
import { convertCheckpoint, isBackboneName } from "../../lib/zoo/convert.ts";
import { outputFormat } from "../../lib/zoo/converted_file.ts";
import { describeConversion } from "../../lib/zoo/describe_conversion.ts";
import { writeSafetensors } from "../../lib/zoo/safetensors.ts";
import { layoutOfName } from "../../lib/zoo/run_checkpoint.ts";
import { writeTorch } from "../../lib/zoo/torch/torch_writer.ts";
import { manifest } from "../manifests/manifest.ts";
import { assertSame, libraryDict, stateDict } from "./state_dicts/state_dict.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** A manifest's names with shapes that need little memory. */
async function small(name: string) {
  return stateDict(
    [...await manifest(name)].map(([key, shape]) => [
      key,
      shape.map((length) => Math.min(length, 2)),
    ]),
  );
}

Deno.test("convertCheckpoint() writes another project's names, and comes back", async () => {
  using folder = temporaryFolder();
  const resnet = await libraryDict("hf_resnet");
  await writeSafetensors(`${folder.path}/hf.safetensors`, resnet);
  const there = await convertCheckpoint(
    `${folder.path}/hf.safetensors`,
    `${folder.path}/timm.pth`,
    { to: "timm" },
  );
  assertEquals([there.family, there.from, there.to], ["resnet", "hf", "timm"]);
  assertEquals([there.read, there.written], [resnet.size, resnet.size]);
  assertEquals([there.leftOut, there.made], [[], []]);
  const timm = await readCheckpoint(`${folder.path}/timm.pth`);
  assertEquals(timm.level, undefined);
  assert(timm.tensors.has("layer1.1.conv3.weight"));
  await convertCheckpoint(`${folder.path}/timm.pth`, `${folder.path}/again.safetensors`, {
    to: "hf",
  });
  const again = await readCheckpoint(`${folder.path}/again.safetensors`);
  assertSame(again.tensors, resnet);
  assertEquals(again.metadata, { format: "pt" }); // transformers asks for it
});

Deno.test("convertCheckpoint() keeps element types", async () => {
  using folder = temporaryFolder();
  const tensors = await libraryDict("timm_resnet_basic");
  tensors.set("fc.bias", { shape: [3], dtype: "F16", data: Uint16Array.of(1, 2, 3) });
  tensors.set("bn1.bias", {
    shape: [64],
    dtype: "BF16",
    data: new Uint16Array(64).fill(7),
  });
  tensors.set("bn1.num_batches_tracked", {
    shape: [],
    dtype: "I64",
    data: BigInt64Array.of(2n ** 40n),
  });
  await writeTorch(`${folder.path}/in.pth`, tensors, { level: "state_dict" });
  for (const name of ["out.pth", "out.safetensors"]) {
    await convertCheckpoint(`${folder.path}/in.pth`, `${folder.path}/${name}`, {
      to: "openmixup",
    });
    const { tensors: written } = await readCheckpoint(`${folder.path}/${name}`);
    assertEquals(written.get("head.fc.bias"), tensors.get("fc.bias"));
    assertEquals(written.get("backbone.bn1.bias"), tensors.get("bn1.bias"));
    assertEquals(
      written.get("backbone.bn1.num_batches_tracked"),
      tensors.get("bn1.num_batches_tracked"),
    );
  }
});

Deno.test("convertCheckpoint() extracts a backbone as A2MIM's tool does", async () => {
  using folder = temporaryFolder();
  const full = await small("a2mim-resnet50-pretrain");
  full.set("ema_backbone_conv1_weight", full.get("backbone.conv1.weight")!);
  await writeTorch(`${folder.path}/full.pth`, full, {
    level: "state_dict",
    metadata: { meta: { epoch: 300 } },
  });
  const { leftOut } = await convertCheckpoint(
    `${folder.path}/full.pth`,
    `${folder.path}/backbone.pth`,
    { to: "openmixup", only: "backbone" },
  );
  assertEquals(leftOut.toSorted(), [
    "ema_backbone_conv1_weight",
    "neck.decoder_pred.0.bias",
    "neck.decoder_pred.0.weight",
  ]);
  const backbone = await readCheckpoint(`${folder.path}/backbone.pth`);
  assertEquals([backbone.level, backbone.metadata], ["state_dict", { author: "mimkit" }]);
  assertSame(
    backbone.tensors,
    new Map(
      [...full].filter(([name]) => name.startsWith("backbone."))
        .map(([name, tensor]) => [name.slice("backbone.".length), tensor]),
    ),
  );
  await convertCheckpoint(`${folder.path}/backbone.pth`, `${folder.path}/d2.pkl`, {
    to: "detectron2",
  });
  const detectron2 = await readCheckpoint(`${folder.path}/d2.pkl`);
  assertEquals(detectron2.metadata, { __author__: "mimkit", matching_heuristics: true });
  assert(detectron2.tensors.has("res5.2.conv3.norm.running_var"));
  assertEquals(detectron2.tensors.size, backbone.tensors.size);
});

Deno.test("convertCheckpoint() makes buffers, and says so in two lines", async () => {
  using folder = temporaryFolder();
  await writeSafetensors(`${folder.path}/swin.safetensors`, await libraryDict("hf_swin"));
  const conversion = await convertCheckpoint(
    `${folder.path}/swin.safetensors`,
    `${folder.path}/swin.pth`,
    { to: "official" },
  );
  assertEquals(conversion.made.length, 5); // an index for each block, one mask
  const lines = describeConversion(conversion).split("\n");
  assertEquals(lines.length, 2);
  assertStringIncludes(
    lines[0]!,
    "swin.safetensors: 79 tensors of a Swin under Hugging Face's names",
  );
  assertStringIncludes(lines[1]!, "swin.pth: 68 tensors under its authors' names");
  assertStringIncludes(lines[1]!, "made: layers.0.blocks.0.attn.relative_position_index");
});

Deno.test("convertCheckpoint() takes a run of the kit, in PyTorch's layout", async () => {
  using folder = temporaryFolder();
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const conv = "backbone.conv1.weight";
  const f32 = (
    shape: number[],
    data = new Float32Array(shape.reduce((a, b) => a * b, 1)),
  ) => ({ shape, dtype: "F32", data }) as const;
  await writeSafetensors(`${folder.path}/step.safetensors`, {
    [`parameters/${conv}`]: f32([1, 1, 3, 2], values), // HWIO
    [`ema/${conv}`]: f32([1, 1, 3, 2], values.map((value) => -value)),
    "parameters/backbone.layer1.0.conv1.weight": f32([1, 1, 2, 2]),
    "parameters/backbone.bn1.num_batches_tracked": f32([], Float32Array.of(12)),
    "parameters/head.fc.weight": f32([2, 3], values),
    [`optimizer/${conv}/first`]: f32([1, 1, 3, 2]),
  });
  const converted = async (which?: "model" | "ema") => {
    const conversion = await convertCheckpoint(
      `${folder.path}/step.safetensors`,
      `${folder.path}/out.pth`,
      { to: "timm", force: true, ...which === undefined ? {} : { which } },
    );
    assertEquals([conversion.from, conversion.leftOut], ["mimkit", []]);
    return (await readCheckpoint(`${folder.path}/out.pth`)).tensors;
  };
  const raw = await converted("model");
  assertEquals(raw.get("conv1.weight"), {
    shape: [2, 3, 1, 1],
    dtype: "F32",
    data: Float32Array.of(1, 3, 5, 2, 4, 6),
  });
  assertEquals(raw.get("fc.weight")!.data, Float32Array.of(1, 4, 2, 5, 3, 6));
  assertEquals(raw.get("bn1.num_batches_tracked"), {
    shape: [],
    dtype: "I64",
    data: BigInt64Array.of(12n),
  });
  for (const which of ["ema", undefined] as const) {
    const averaged = await converted(which);
    assertEquals(
      averaged.get("conv1.weight")!.data,
      Float32Array.of(-1, -3, -5, -2, -4, -6),
    );
    assertEquals(averaged.get("fc.weight")!.data, raw.get("fc.weight")!.data);
  }
});

Deno.test("the layout of every architecture's parameters follows from name and shape", () => {
  const larger = /large|huge|base-384|resnet(34|101|152|200)|-small|b-32|l-14/;
  for (const [name, model] of Object.entries(architectures)) {
    if (larger.test(name)) continue; // as the base, with more of the same
    for (const [name, { shape, layout }] of describeParameters(forwardOf(model))) {
      assertEquals(layoutOfName(name, shape), layout, name);
    }
  }
});

Deno.test("isBackboneName() leaves out heads, decoders and mask tokens", async () => {
  const kept = async (family: "vit" | "mixmim" | "clip" | "convnext", name: string) => {
    const names = [...(await manifest(name)).keys()];
    return names.filter(isBackboneName(family, names));
  };
  const mae = await kept("vit", "mae-official-pretrain-vit-base-p16");
  assertEquals(mae.length, 150);
  assertEquals(mae.filter((name) => /decoder|mask/.test(name)), []);
  const probe = await kept("vit", "milan-official-linprobe-vit-base-p16");
  assertEquals(probe.filter((name) => name.startsWith("head")), []);
  const clip = await kept("clip", "clip-openai-vit-b-16");
  assert(clip.every((name) => name.startsWith("visual.")));
  const a2mim = await kept("convnext", "a2mim-convnext-tiny-pretrain");
  assert(a2mim.includes("backbone.mask_token"));
  assertEquals(a2mim.filter((name) => name.startsWith("neck")), []);
});

Deno.test("outputFormat() knows three endings", () => {
  assertEquals(outputFormat("a/b.safetensors", "hf"), "safetensors");
  assertEquals(outputFormat("b.pth", "detectron2"), "torch");
  assertEquals(outputFormat("b.pkl", "detectron2"), "pickle");
  assertThrows(() => outputFormat("b.pkl", "timm"), Error, "Only detectron2 reads .pkl");
  assertThrows(() => outputFormat("b.onnx", "timm"), Error, "use .safetensors, .pth");
});

Deno.test("convertCheckpoint() refuses in one sentence, and leaves nothing behind", async () => {
  using folder = temporaryFolder();
  const resnet = `${folder.path}/resnet.safetensors`;
  await writeSafetensors(resnet, await libraryDict("timm_resnet_basic"));
  const refused = async (input: string, output: string, to: "timm" | "openai") => {
    const error = await assertRejects(
      () => convertCheckpoint(input, `${folder.path}/${output}`, { to }),
      Error,
    );
    return error.message;
  };
  await Deno.writeTextFile(`${folder.path}/there.pth`, "mine");
  assertStringIncludes(await refused(resnet, "there.pth", "timm"), "--force");
  assertEquals(await Deno.readTextFile(`${folder.path}/there.pth`), "mine");
  assertStringIncludes(await refused(resnet, "o.pth", "openai"), "A ResNet has no names");
  assertStringIncludes(
    await refused(`${folder.path}/there.pth`, "o.pth", "timm"),
    "there.pth",
  );
  assertStringIncludes(
    await refused(resnet, "there.pth/o.pth", "timm"),
    "a file stands where a folder must",
  );
  const stranger = `${folder.path}/stranger.safetensors`;
  await writeSafetensors(stranger, stateDict([["a.b", [1]]]));
  assertStringIncludes(await refused(stranger, "o.pth", "timm"), "a.b");
  const left = await Array.fromAsync(Deno.readDir(folder.path));
  assertEquals(left.map(({ name }) => name).sort(), [
    "resnet.safetensors",
    "stranger.safetensors",
    "there.pth",
  ]);
});

Deno.test("convertCheckpoint() does not tell of buffers that both projects have", async () => {
  using folder = temporaryFolder();
  const swin = `${folder.path}/swin.safetensors`;
  await writeSafetensors(swin, await libraryDict("hf_swin"));
  const [one, other] = [`${folder.path}/mmpretrain.pth`, `${folder.path}/official.pth`];
  const there = await convertCheckpoint(swin, one, { to: "mmpretrain" });
  assertEquals(there.made.length, 4);
  const { leftOut, made } = await convertCheckpoint(one, other, { to: "official" });
  assertEquals([leftOut, made], [[], ["layers.0.blocks.1.attn_mask"]]);
});

Deno.test("convertCheckpoint() makes OUT's folder, and ends when it is told to", async () => {
  using folder = temporaryFolder();
  const resnet = `${folder.path}/resnet.safetensors`;
  await writeSafetensors(resnet, await libraryDict("timm_resnet_basic"));
  const signal = AbortSignal.abort(new Error("enough"));
  const output = `${folder.path}/new/o.pth`;
  for (const path of [output, output.replace(".pth", ".safetensors")]) {
    await assertRejects(
      () => convertCheckpoint(resnet, path, { to: "official", signal }),
      Error,
      "enough",
    );
  }
  assertEquals(await Array.fromAsync(Deno.readDir(`${folder.path}/new`)), []);
  await convertCheckpoint(resnet, output, { to: "official" });
  assert((await Deno.stat(output)).size > 0);
});
