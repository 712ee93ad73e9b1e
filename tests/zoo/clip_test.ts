import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { describeClip } from "../../lib/backbones/clip.ts";
import { tinyClip } from "../../lib/backbones/clip_variants.ts";
import { randomKey, tf } from "../../lib/engine/mod.ts";
import { initializeParameters, type Parameters } from "../../lib/nn/scope.ts";
import { clipFromParameters, loadClip, saveClip } from "../../lib/zoo/clip.ts";
import { huggingFaceClip } from "../../lib/zoo/key_maps/clip.ts";
import { applyKeyMap, reverseKeyMap } from "../../lib/zoo/key_maps/key_map.ts";
import { readSafetensors, writeSafetensors } from "../../lib/zoo/safetensors.ts";

const configuration = tinyClip({
  imageSize: 8,
  patchSize: 4,
  vocabularySize: 9,
  contextLength: 5,
  width: 12,
  layers: 2,
  heads: 3,
});

async function withSavedClip(
  body: (path: string, parameters: Parameters) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const parameters = initializeParameters(describeClip(configuration, 1), randomKey(0));
  try {
    const path = `${folder}/clip.safetensors`;
    await saveClip(path, { ...configuration, parameters });
    await body(path, parameters);
  } finally {
    tf.dispose(parameters);
    await Deno.remove(folder, { recursive: true });
  }
}

function assertSame(loaded: Parameters, expected: Parameters): void {
  for (const [name, tensor] of Object.entries(loaded)) {
    assertEquals(tensor.shape, expected[name]!.shape, name);
    assertEquals(tensor.dataSync(), expected[name]!.dataSync(), name);
  }
}

Deno.test("loadClip() reads back what saveClip() wrote, heads and activation included", async () => {
  await withSavedClip(async (path, parameters) => {
    const loaded = await loadClip(path);
    const activation = "quick-gelu";
    assertEquals(loaded.vision, { ...configuration.vision, activation });
    assertEquals(loaded.text, { ...configuration.text, activation });
    assertEquals(Object.keys(loaded.parameters), Object.keys(parameters));
    assertSame(loaded.parameters, parameters);
    tf.dispose(loaded.parameters);
  });
});

Deno.test("loadClip() reads only the image tower for a teacher", async () => {
  await withSavedClip(async (path, parameters) => {
    const loaded = await loadClip(path, { towers: "vision" });
    assertEquals(loaded.text, undefined);
    assertEquals(Object.keys(loaded.parameters).length, 8 + 2 * 12);
    assertSame(loaded.parameters, parameters);
    tf.dispose(loaded.parameters);
  });
});

Deno.test("loadClip() reads Hugging Face's and mmpretrain's names", async () => {
  await withSavedClip(async (path, parameters) => {
    const { tensors, metadata } = await readSafetensors(path);
    const huggingFace = applyKeyMap(reverseKeyMap(huggingFaceClip), tensors);
    const generator = new Map(
      [...tensors].map((
        [name, tensor],
      ) => [`target_generator.tokenizer.${name}`, tensor]),
    );
    for (const stored of [huggingFace, generator]) {
      await writeSafetensors(path, stored, metadata);
      for (const towers of ["both", "vision"] as const) {
        const loaded = await loadClip(path, { towers });
        assertSame(loaded.parameters, parameters);
        tf.dispose(loaded.parameters);
      }
    }
  });
});

Deno.test("loadClip() says what a file lacks", async () => {
  await withSavedClip(async (path) => {
    const { tensors, metadata } = await readSafetensors(path);
    tensors.delete("visual.ln_post.bias");
    await writeSafetensors(path, tensors, metadata);
    await assertRejects(() => loadClip(path), Error, "1 missing: visual.ln_post.bias");
    await writeSafetensors(path, tensors);
    await assertRejects(() => loadClip(path), Error, "12 is no multiple of 64");
    tensors.delete("visual.class_embedding");
    await writeSafetensors(path, tensors, metadata);
    await assertRejects(
      () => loadClip(path),
      Error,
      "are no CLIP",
    );
  });
});

Deno.test("loadClip() says where a released CLIP comes from and goes to", async () => {
  const cache = await Deno.makeTempDir();
  const { message } = await assertRejects(
    () => loadClip("ViT-B/16", { cache, offline: true }),
    Error,
  );
  assertStringIncludes(
    message,
    "https://openaipublic.azureedge.net/clip/models/5806e77c",
  );
  assertStringIncludes(message, `${cache}/weights/ViT-B-16.pt`);
  await assertRejects(
    () => loadClip("nowhere.safetensors"),
    Error,
    "no CLIP at nowhere.safetensors: give the path of a file of weights, or one of ViT-B/32",
  );
  await Deno.remove(cache);
});

Deno.test("clipFromParameters() reads the sizes off parameters in memory", () => {
  const parameters = initializeParameters(describeClip(configuration), randomKey(0));
  const { vision, text } = clipFromParameters(parameters, {
    visionHeads: 3,
    textHeads: 3,
  });
  assertEquals([vision.layers, vision.heads, text?.contextLength], [2, 3, 5]);
  tf.dispose(parameters);
});
