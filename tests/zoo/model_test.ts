import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { tf } from "../../lib/engine/mod.ts";
import { describeParameters } from "../../lib/nn/scope.ts";
import { architectures, forwardOf } from "../../lib/zoo/architectures/mod.ts";
import { getModel } from "../../lib/zoo/model.ts";
import { projectReader } from "../../lib/zoo/namings.ts";
import { releasedModels } from "../../lib/zoo/registry/mod.ts";
import { readerOf } from "../../lib/zoo/key_maps/map_reader.ts";
import { fromKit } from "../../lib/zoo/layout.ts";
import { type StoredTensor, writeSafetensors } from "../../lib/zoo/safetensors.ts";
import { writeTorch } from "../../lib/zoo/torch/torch_writer.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** What an architecture's encoder has and gives, for one image, on shapes alone. */
interface Described {
  parameters: ReturnType<typeof describeParameters>;
  features: number[];
  logits: number[] | undefined;
}

const described = new Map<string, Described>();

function describe(name: string): Described {
  const known = described.get(name);
  if (known !== undefined) return known;
  const { imageSize, encode } = architectures[name]!;
  let features: number[] = [];
  let logits: number[] | undefined;
  const parameters = describeParameters((scope, input) => {
    const given = encode(scope, input({ shape: [1, imageSize, imageSize, 3] }));
    [features, logits] = [given.features.shape, given.logits?.shape];
  });
  const found = { parameters, features, logits };
  described.set(name, found);
  return found;
}

Deno.test("every architecture's encoder needs some of its parameters, and no others", () => {
  for (const [name, model] of Object.entries(architectures)) {
    const all = describeParameters(forwardOf(model));
    const { parameters } = describe(name);
    assert(parameters.size > 0, name);
    for (const [parameter, { shape }] of parameters) {
      assertEquals(all.get(parameter)?.shape, shape, `${name}: ${parameter}`);
    }
  }
});

Deno.test("a classifier gives logits of a thousand classes, another model none", () => {
  for (const name of Object.keys(architectures)) {
    const { features, logits } = describe(name);
    assertEquals(features.length, 2, name);
    const classifies = /classifier|finetune|linprobe|3rdparty/.test(name);
    assertEquals(logits, classifies ? [1, 1000] : undefined, name);
  }
  assertEquals(describe("mixmim-base-classifier").features, [1, 1024]);
});

Deno.test("a released model has a classifier if the registry says so", () => {
  for (const { name, architecture, classes } of releasedModels) {
    assertEquals(
      classes !== undefined,
      describe(architecture).logits !== undefined,
      name,
    );
  }
});

Deno.test("no architecture has the name of a released model", () => {
  const names = releasedModels.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  assertEquals(names.filter((name) => Object.hasOwn(architectures, name)), []);
});

/** A model's weights in a file of another project. */
async function writeAs(
  path: string,
  project: Parameters<typeof projectReader>[1],
  name: string,
): Promise<void> {
  using model = await getModel(name, { seed: 3 });
  const kit = new Map<string, StoredTensor>();
  for (const [key, { layout }] of describe(name).parameters) {
    const tensor = model.parameters[key]!;
    const data = Float32Array.from(tensor.dataSync());
    const { values, shape } = fromKit(data, tensor.shape, layout);
    kit.set(key, { shape, dtype: "F32", data: values });
  }
  const reader = projectReader(readerOf(kit), project);
  const tensors: Record<string, StoredTensor> = {};
  for (const key of reader.entries.keys()) tensors[key] = await reader.read(key);
  await writeTorch(path, tensors, { level: "state_dict" });
}

function photograph() {
  return tf.tidy(() => tf.sin(tf.range(0, 64 * 64 * 3)).reshape([1, 64, 64, 3]));
}

Deno.test("getModel() reads another project's file, and computes the same", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/r18.pth`;
  await writeAs(path, "timm", "resnet18-classifier");
  using expected = await getModel("resnet18-classifier", { seed: 3, imageSize: 64 });
  using model = await getModel("resnet18-classifier", { weights: path, imageSize: 64 });
  assertEquals(model.imageSize, 64);
  assertEquals(model.preprocessing.resize, 73);
  assertEquals(model.report!.missing, []);
  const images = photograph();
  assertEquals(model.features(images).shape, [1, 512]);
  assertEquals(
    model.logits(images).dataSync(),
    expected.logits(images).dataSync(),
  );
});

Deno.test("getModel() reads the checkpoint of a run", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/step-00000001.safetensors`;
  using expected = await getModel("resnet18-classifier", { seed: 3, imageSize: 64 });
  const tensors = Object.entries(expected.parameters).map((
    [name, tensor],
  ): [string, StoredTensor] => [
    `parameters/${name}`,
    { shape: tensor.shape, dtype: "F32", data: Float32Array.from(tensor.dataSync()) },
  ]);
  await writeSafetensors(path, new Map(tensors));
  using model = await getModel("resnet18-classifier", { weights: path, imageSize: 64 });
  const images = photograph();
  assertEquals(model.logits(images).dataSync(), expected.logits(images).dataSync());
  assertEquals(model.classNames![0], "tench");
});

Deno.test("getModel() refuses weights of another model, and loads what fits if asked", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/r18.pth`;
  await writeAs(path, "openmixup", "resnet18-classifier");
  const error = await assertRejects(
    () => getModel("resnet34-classifier", { weights: path }),
    Error,
  );
  assertStringIncludes(error.message, `${path}: The checkpoint does not fit the model`);
  assertStringIncludes(error.message, "missing: backbone.layer1.2.conv1.weight");
  using model = await getModel("resnet34-classifier", { weights: path, strict: false });
  assert(model.report!.missing.length > 0);
  // What the file does not have is drawn.
  assertEquals(model.logits(photograph()).shape, [1, 1000]);
});

Deno.test("getModel() says what there is not", async () => {
  await assertRejects(
    () => getModel("mixmim-base_3rdpary_in1k"),
    Error,
    'did you mean "mixmim-base_3rdparty_in1k"',
  );
  await assertRejects(
    () => getModel("resnet18-classifier", { pretrained: true }),
    Error,
    "resnet18-classifier is an architecture of which no weights were released",
  );
  const cache = Deno.makeTempDirSync();
  await assertRejects(
    () => getModel("mae_finetuned_vit_base", { pretrained: true, offline: true, cache }),
    Error,
    `save https://dl.fbaipublicfiles.com/mae/finetune/mae_finetuned_vit_base.pth as ${cache}/`,
  );
  Deno.removeSync(cache, { recursive: true });
});

Deno.test("logits() of a pretrained model says that it has no classifier", async () => {
  using model = await getModel("simmim_r50_sz224_8xb256_cos_fp16_ep300_full");
  assertThrows(
    () => model.logits(photograph()),
    Error,
    "was pretrained and has no classifier: take its features (deno task features)",
  );
  assertEquals(model.classNames, undefined);
  assertEquals(model.features(photograph()).shape, [1, 2048]);
});
