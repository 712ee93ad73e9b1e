/**
 * CLIP from a file, under OpenAI's names or another project's: MILAN's teacher.
 *
 * @module
 */
import { describeClip } from "../backbones/clip.ts";
import {
  type ClipShapeOptions,
  type ClipTowers,
  clipTowersOf,
} from "../backbones/clip_shapes.ts";
import type { Parameters } from "../nn/scope.ts";
import { openCheckpoint } from "./checkpoint_file.ts";
import { weightsFile, type WeightsFileOptions } from "./download/mod.ts";
import { fromKit } from "./layout.ts";
import { loadCheckpointInto } from "./load_checkpoint.ts";
import { kitReader } from "./namings.ts";
import type { JsonRecord } from "./pickle/to_json.ts";
import { listModels } from "./registry/mod.ts";
import { type StoredTensor, writeSafetensors } from "./safetensors.ts";

/** A CLIP's shape and parameters. */
export interface LoadedClip extends ClipTowers {
  /** Under OpenAI's names, in the kit's layout; the caller disposes them. */
  parameters: Parameters;
}

/** Options of {@linkcode loadClip}. */
export interface LoadClipOptions extends ClipShapeOptions, WeightsFileOptions {
  /** `vision` reads only the image tower, all that a teacher needs. Default: both. */
  towers?: "both" | "vision";
}

/**
 * The file of a CLIP: a path, or a released one by name, which is fetched if need be.
 *
 * @throws {Error} when there is no such file and no such name, or it cannot be fetched.
 */
export async function clipFile(
  nameOrPath: string,
  options: WeightsFileOptions = {},
): Promise<string> {
  const isFile = await Deno.stat(nameOrPath).then((info) => info.isFile, () => false);
  if (isFile) return nameOrPath;
  const released = listModels("CLIP teacher");
  const found = released.find(({ name, aliases = [] }) =>
    [name, ...aliases].includes(nameOrPath)
  );
  if (found !== undefined) return await weightsFile(found, options);
  const known = released.map(({ name, aliases: [alias = name] = [] }) => alias).join(
    ", ",
  );
  throw new Error(
    `There is no CLIP at ${nameOrPath}: give the path of a file of weights, or one of ${known}`,
  );
}

/** A saved CLIP's own word on what its shapes do not tell. */
function optionsIn(metadata: Readonly<JsonRecord>): ClipShapeOptions {
  const { "clip.visionHeads": visionHeads, "clip.textHeads": textHeads } = metadata;
  const activation = metadata["clip.activation"];
  return {
    ...(visionHeads === undefined ? {} : { visionHeads: Number(visionHeads) }),
    ...(textHeads === undefined ? {} : { textHeads: Number(textHeads) }),
    ...(activation === "gelu" || activation === "quick-gelu" ? { activation } : {}),
  };
}

/** The shape of a CLIP, read off its parameters, which must have OpenAI's names. */
export function clipFromParameters(
  parameters: Parameters,
  options: ClipShapeOptions = {},
): LoadedClip {
  const shapes = new Map(
    Object.entries(parameters).map(([name, { shape }]) => [name, shape]),
  );
  return { ...clipTowersOf(shapes, options), parameters };
}

/**
 * Reads a CLIP from a file of any format and of any project's names. Its architecture is read off
 * its parameters, and off the metadata that {@linkcode saveClip} writes.
 *
 * @param nameOrPath a path, or the name of a released CLIP, such as "ViT-B/16".
 * @throws {Error} when there is no such file, it holds no CLIP, or a parameter is missing or of
 *   another shape.
 *
 * @example
 * ```ts
 * import { loadClip, saveClip } from "./clip.ts";
 * import { describeClip } from "../backbones/clip.ts";
 * import { tinyClip } from "../backbones/clip_variants.ts";
 * import { randomKey } from "../engine/mod.ts";
 * import { initializeParameters } from "../nn/scope.ts";
 * const towers = tinyClip({ imageSize: 8, patchSize: 4, vocabularySize: 9, contextLength: 5 });
 * const parameters = initializeParameters(describeClip(towers), randomKey(0));
 * const path = await Deno.makeTempFile();
 * await saveClip(path, { ...towers, parameters });
 * const teacher = await loadClip(path, { towers: "vision" });
 * console.log(teacher.vision.layers); // 4
 * ```
 */
export async function loadClip(
  nameOrPath: string,
  { towers = "both", ...options }: LoadClipOptions = {},
): Promise<LoadedClip> {
  const path = await clipFile(nameOrPath, options);
  using file = await openCheckpoint(path);
  try {
    const { reader } = kitReader(file, "clip");
    const used = new Map(
      [...reader.entries].filter(([name]) =>
        towers === "both" || name.startsWith("visual.")
      ),
    );
    const shapes = new Map([...used].map(([name, { shape }]) => [name, shape]));
    const found = clipTowersOf(shapes, { ...optionsIn(file.metadata), ...options });
    const channels = shapes.get("visual.conv1.weight")![1]!; // OIHW
    const wanted = describeClip(found, channels);
    const { parameters } = await loadCheckpointInto(wanted, {
      entries: used,
      read: (name, take) => reader.read(name, take),
    });
    return { ...found, parameters };
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Writes a CLIP under OpenAI's names and in PyTorch's layout, with what its shapes do not tell in
 * the file's metadata.
 *
 * @param metadata more texts to keep with the tensors.
 */
export async function saveClip(
  path: string,
  { vision, text, parameters }: LoadedClip,
  metadata: Record<string, string> = {},
): Promise<void> {
  const channels = parameters["visual.conv1.weight"]?.shape[2]; // HWIO
  const tensors = new Map<string, StoredTensor>();
  const towers = text === undefined ? { vision } : { vision, text };
  for (const [name, { layout }] of describeClip(towers, channels)) {
    const tensor = parameters[name];
    if (tensor === undefined) throw new Error(`This CLIP lacks the parameter ${name}`);
    const data = Float32Array.from(await tensor.data());
    const { values, shape } = fromKit(data, tensor.shape, layout);
    tensors.set(name, { shape, dtype: "F32", data: values });
  }
  await writeSafetensors(path, tensors, {
    ...metadata,
    "clip.visionHeads": `${vision.heads}`,
    ...(text === undefined ? {} : { "clip.textHeads": `${text.heads}` }),
    "clip.activation": vision.activation ?? "quick-gelu",
  });
}
