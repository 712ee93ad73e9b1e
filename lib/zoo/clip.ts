/**
 * CLIP from a file, under OpenAI's, Hugging Face's or mmpretrain's names: MILAN's teacher.
 *
 * @module
 */
import { describeClip } from "../backbones/clip.ts";
import {
  type ClipShapeOptions,
  type ClipTowers,
  clipTowersOf,
} from "../backbones/clip_shapes.ts";
import { cacheFolder, processEnvironment } from "../engine/library/mod.ts";
import type { Parameters } from "../nn/scope.ts";
import {
  huggingFaceClip,
  mmpretrainTargetGenerator,
  openaiClip,
} from "./key_maps/clip.ts";
import { applyKeyMap, type KeyMap } from "./key_maps/key_map.ts";
import { fromKit } from "./layout.ts";
import { loadParameters } from "./load_parameters.ts";
import { openSafetensors, type StoredTensor, writeSafetensors } from "./safetensors.ts";

/** A CLIP's shape and parameters. */
export interface LoadedClip extends ClipTowers {
  /** Under OpenAI's names, in the kit's layout; the caller disposes them. */
  parameters: Parameters;
}

/** Options of {@linkcode loadClip}. */
export interface LoadClipOptions extends ClipShapeOptions {
  /** `vision` reads only the image tower, all that a teacher needs. Default: both. */
  towers?: "both" | "vision";
}

/** The CLIPs that OpenAI released, by name, with their repositories on Hugging Face. */
const releases = {
  "ViT-B/32": "openai/clip-vit-base-patch32",
  "ViT-B/16": "openai/clip-vit-base-patch16",
  "ViT-L/14": "openai/clip-vit-large-patch14",
} as const;

/** The name of a CLIP that OpenAI released. */
export type ClipRelease = keyof typeof releases;

/** How a project names CLIP's parameters, and what tells its files from others. */
interface Naming {
  map: KeyMap;
  /** A parameter that only such files have. */
  sign: string;
  /** The names of the image tower. */
  vision: RegExp;
}

const namings: readonly Naming[] = [
  { map: openaiClip, sign: "visual.class_embedding", vision: /^visual\./ },
  {
    map: huggingFaceClip,
    sign: "vision_model.embeddings.class_embedding",
    vision: /^(vision_model\.|visual_projection\.)/,
  },
  {
    map: mmpretrainTargetGenerator,
    sign: "target_generator.tokenizer.visual.class_embedding",
    vision: /^target_generator\.tokenizer\.visual\./,
  },
];

function isRelease(name: string): name is ClipRelease {
  return Object.hasOwn(releases, name);
}

/** Where the file of a released CLIP is looked for. */
export function releasedClipPath(
  name: ClipRelease,
  cache: string = cacheFolder(processEnvironment),
): string {
  return `${cache}/weights/${releases[name].replace("/", "-")}.safetensors`;
}

async function requireFile(nameOrPath: string): Promise<string> {
  const path = isRelease(nameOrPath) ? releasedClipPath(nameOrPath) : nameOrPath;
  const found = await Deno.stat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (found?.isFile) return path;
  if (isRelease(nameOrPath)) {
    const source = `https://huggingface.co/${
      releases[nameOrPath]
    }/resolve/main/model.safetensors`;
    throw new Error(
      `CLIP ${nameOrPath} is not on this machine: save ${source} as ${path}`,
    );
  }
  const known = Object.keys(releases).join(", ");
  throw new Error(
    `There is no CLIP at ${nameOrPath}: give the path of a .safetensors file, or one of ${known}`,
  );
}

/** A saved CLIP's own word on what its shapes do not tell. */
function optionsIn(metadata: Record<string, string>): ClipShapeOptions {
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
 * Reads a CLIP from a safetensors file. Its architecture is read off its parameters, and off the
 * metadata that {@linkcode saveClip} writes.
 *
 * @param nameOrPath a path, or the name of a released CLIP, such as "ViT-B/16", whose file from
 *   Hugging Face lies in the cache folder.
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
  const path = await requireFile(nameOrPath);
  using file = await openSafetensors(path);
  const naming = namings.find(({ sign }) => file.entries.has(sign));
  if (naming === undefined) {
    const signs = namings.map(({ map, sign }) => `${sign} (${map.from})`).join(", ");
    throw new Error(`${path} holds no CLIP: it has none of ${signs}`);
  }
  const stored = new Map<string, StoredTensor>();
  for (const name of file.entries.keys()) {
    if (towers === "both" || naming.vision.test(name)) {
      stored.set(name, await file.read(name));
    }
  }
  try {
    const tensors = applyKeyMap(naming.map, stored);
    const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
    const found = clipTowersOf(shapes, { ...optionsIn(file.metadata), ...options });
    const channels = tensors.get("visual.conv1.weight")!.shape[1]!;
    const { parameters } = loadParameters(describeClip(found, channels), tensors);
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
