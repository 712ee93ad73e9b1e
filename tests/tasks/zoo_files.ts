/**
 * Small things that tasks with models are tried on: pictures, and files of weights.
 *
 * @module
 */
import sharp from "sharp";
import { getModel } from "../../lib/zoo/model.ts";
import { fromKit } from "../../lib/zoo/layout.ts";
import { layoutOfName } from "../../lib/zoo/run_checkpoint.ts";
import type { StoredTensor } from "../../lib/zoo/safetensors.ts";
import { writeTorch } from "../../lib/zoo/torch/torch_writer.ts";
import { type TaskEnd, trainingPermissions } from "./child.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";

/** Asserts that a task ended with one sentence on stderr, and nothing on stdout. */
export function assertRefused(end: TaskEnd, code: number, ...says: string[]): void {
  assertEquals(end.stderr.trim().split("\n").length, 1, end.stderr);
  for (const part of says) assertStringIncludes(end.stderr, part);
  assertEquals([end.code, end.stdout], [code, ""]);
}

/** What a task that uses a model needs: to write what it makes, and to compile. */
export const usingPermissions = trainingPermissions;

/** Two class folders of plain pictures, `each` in both. */
export async function writePictures(folder: string, each = 3): Promise<void> {
  const colours = { blue: { r: 20, g: 40, b: 220 }, red: { r: 220, g: 30, b: 20 } };
  for (const [name, { r, g, b }] of Object.entries(colours)) {
    await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    for (let index = 0; index < each; index++) {
      const background = { r, g: g + 20 * index, b };
      await sharp({ create: { width: 40, height: 36, channels: 3, background } })
        .png().toFile(`${folder}/${name}/${index}.png`);
    }
  }
}

/** The architecture that {@linkcode writeWeights} writes: the smallest there is. */
export const smallest = "resnet18-classifier";

/**
 * Weights as they are drawn, in a .pth file under openmixup's names.
 *
 * @param change what becomes of the values of a tensor.
 */
export async function writeWeights(
  path: string,
  change: (name: string, values: Float32Array) => void = () => {},
): Promise<void> {
  using model = await getModel(smallest, { seed: 3 });
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, tensor] of Object.entries(model.parameters)) {
    const drawn = Float32Array.from(tensor.dataSync());
    change(name, drawn);
    const { values, shape } = fromKit(
      ...[drawn, tensor.shape, layoutOfName(name, tensor.shape)] as const,
    );
    tensors[name] = { shape, dtype: "F32", data: values };
  }
  await writeTorch(path, tensors, { level: "state_dict" });
}
