/**
 * Checkpoints of the kit's own runs as tensors in PyTorch's layout: what other projects take.
 *
 * @module
 */
import type { Layout } from "../nn/scope.ts";
import type { StoredTensor } from "./element_types.ts";
import { toFloat32 } from "./element_types.ts";
import type { TensorReader } from "./key_maps/map_reader.ts";
import { fromKit, referenceShape } from "./layout.ts";
import { openSafetensors } from "./safetensors.ts";

const parametersFolder = "parameters/";
const averageFolder = "ema/";

/** Whether tensors are those of a run of the kit. */
export function isRunCheckpoint({ entries }: Pick<TensorReader, "entries">): boolean {
  for (const name of entries.keys()) if (name.startsWith(parametersFolder)) return true;
  return false;
}

/**
 * The layout of a parameter of the kit, which its name and shape tell.
 *
 * @param shape in the kit's layout.
 *
 * @example
 * ```ts
 * import { layoutOfName } from "./run_checkpoint.ts";
 * console.log(layoutOfName("backbone.conv1.weight", [7, 7, 3, 64])); // convolution
 * ```
 */
export function layoutOfName(name: string, shape: readonly number[]): Layout {
  const isWeight = /(\.|in_proj_)weight$/.test(name);
  if (shape.length === 2) {
    return isWeight && !name.endsWith("token_embedding.weight") ? "linear" : "plain";
  }
  if (shape.length !== 4) return "plain";
  if (!isWeight) return "map";
  return name.endsWith("depthwise_conv.weight") ? "depthwise" : "convolution";
}

/** Whether a path is a safetensors file of a run of the kit; others say later what they are. */
export async function isRunFile(path: string): Promise<boolean> {
  try {
    using file = await openSafetensors(path);
    return isRunCheckpoint(file);
  } catch {
    return false;
  }
}

const counted = /(^|\.)num_batches_tracked$/;

/** A tensor of the kit as PyTorch has it. */
function inReferenceLayout(name: string, tensor: StoredTensor): StoredTensor {
  if (counted.test(name)) {
    const data = BigInt64Array.from(toFloat32(tensor), BigInt);
    return { shape: tensor.shape, dtype: "I64", data };
  }
  const layout = layoutOfName(name, tensor.shape);
  const { values, shape } = fromKit(toFloat32(tensor), tensor.shape, layout);
  return { shape, dtype: "F32", data: values };
}

/**
 * The parameters in a checkpoint of a run, under the kit's names and in PyTorch's layout; the optimizer
 * beside them is never read.
 *
 * @param which `ema`: the moving averages, and the parameters themselves of what is not averaged.
 *   Default: the averages where there are some, as evaluation takes them.
 * @throws {Error} when the averages are asked for and there are none.
 */
export function runReader(
  checkpoint: TensorReader,
  which?: "model" | "ema",
): TensorReader {
  const names = [...checkpoint.entries.keys()];
  const hasAverages = names.some((name) => name.startsWith(averageFolder));
  if (which === "ema" && !hasAverages) {
    throw new Error("This run keeps no moving average of its weights: leave out --which");
  }
  const places = new Map<string, string>();
  const folders = which === "model" ? [parametersFolder] : [
    ...[parametersFolder, averageFolder], // the latter over the former
  ];
  for (const folder of folders) {
    for (const place of names) {
      if (place.startsWith(folder)) places.set(place.slice(folder.length), place);
    }
  }
  const entries = new Map([...places].map(([name, place]) => {
    const { shape } = checkpoint.entries.get(place)!;
    const dtype = counted.test(name) ? "I64" as const : "F32" as const;
    return [name, { shape: referenceShape(shape, layoutOfName(name, shape)), dtype }];
  }));
  return {
    entries,
    async read(name) {
      const place = places.get(name);
      if (place === undefined) throw new Error(`This run has no parameter "${name}"`);
      return inReferenceLayout(name, await checkpoint.read(place));
    },
  };
}
