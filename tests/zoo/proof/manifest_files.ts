/**
 * Checkpoints in the layouts of projects that cannot be installed here, made from the lists of their
 * parameters: each is loaded strictly into its architecture, and comes back bit by bit.
 *
 * @module
 */
import { disposeTree, type Tensor } from "../../../lib/engine/mod.ts";
import { describeParameters, type Parameters } from "../../../lib/nn/scope.ts";
import { architecture, forwardOf } from "../../../lib/zoo/architectures/mod.ts";
import { openCheckpoint } from "../../../lib/zoo/checkpoint_file.ts";
import { mmpretrainTargetGenerator } from "../../../lib/zoo/key_maps/clip.ts";
import { type KeyMap, reverseKeyMap } from "../../../lib/zoo/key_maps/key_rules.ts";
import { mapReader, type TensorReader } from "../../../lib/zoo/key_maps/map_reader.ts";
import { loadCheckpointInto } from "../../../lib/zoo/load_checkpoint.ts";
import {
  type Family,
  kitReader,
  type Project,
  projectReader,
} from "../../../lib/zoo/namings.ts";
import { runReader } from "../../../lib/zoo/run_checkpoint.ts";
import type { Elements, StoredTensor } from "../../../lib/zoo/safetensors.ts";
import { streamTorch } from "../../../lib/zoo/torch/torch_writer.ts";
import type { StreamedTensor } from "../../../lib/zoo/written_tensors.ts";
import { manifest } from "../../manifests/manifest.ts";

/** What became of one manifest's file. */
export interface ManifestRow {
  name: string;
  /** Whose names they were taken for. */
  project: string;
  bytes: number;
  tensors: number;
  fault?: string;
}

const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, axis) => product * axis, 1);

/** Every axis of a manifest's tensors as bytes of float32. */
export async function manifestBytes(name: string): Promise<number> {
  return 4 * [...(await manifest(name)).values()].map(sizeOf).reduce((a, b) => a + b, 0);
}

/**
 * Pairs of places in a square window, numbered by how far they are from each other: the tables that
 * Swin, MixMIM and BEiT keep beside their weights. A window of one place more than a square has a
 * class token before the others, with three numbers of its own.
 */
export function pairNumbers(places: number): BigInt64Array<ArrayBuffer> {
  const side = Math.floor(Math.sqrt(places));
  const tokens = places - side * side;
  const row = 2 * side - 1;
  const numbers = new BigInt64Array(places * places);
  for (let from = 0; from < places; from++) {
    for (let to = 0; to < places; to++) {
      const [one, other] = [from - tokens, to - tokens];
      const down = Math.floor(one / side) - Math.floor(other / side);
      const right = one % side - other % side;
      const patches = (down + side - 1) * row + right + side - 1;
      const withToken = row * row + (one >= 0 ? 1 : other >= 0 ? 0 : 2);
      numbers[from * places + to] = BigInt(one < 0 || other < 0 ? withToken : patches);
    }
  }
  return numbers;
}

/** Numbers with random signs and fractions, none of them zero, infinite or no number. */
function drawnFloats(count: number): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(count);
  const most = 16_384; // so many words the system gives at once
  for (let begin = 0; begin < count; begin += most) {
    crypto.getRandomValues(words.subarray(begin, begin + most));
  }
  for (let index = 0; index < count; index++) {
    words[index] = words[index]! & 0x807f_ffff | 0x3f00_0000; // ± 0.5 … 1
  }
  return new Float32Array(words.buffer);
}

/** Tensors of whole numbers. */
const counts = /(relative_position_index|num_batches_tracked)$/;

function drawn(name: string, shape: number[]): Elements {
  if (name.endsWith("relative_position_index")) return pairNumbers(shape[0]!);
  if (name.endsWith("num_batches_tracked")) return BigInt64Array.of(5_004n);
  return drawnFloats(sizeOf(shape));
}

/** Each tensor is drawn when it is written: the file is never in memory. */
async function writeFile(path: string, shapes: Map<string, number[]>): Promise<void> {
  const tensors = [...shapes].map(([name, shape]): [string, StreamedTensor] => {
    const dtype = counts.test(name) ? "I64" : "F32";
    return [name, { shape, dtype, read: () => drawn(name, shape) }];
  });
  await streamTorch(path, tensors, { level: "state_dict" });
}

/** A model's parameters as a run's checkpoint has them, in the kit's layout. */
function checkpointOf(parameters: Parameters): TensorReader {
  const places = Object.entries(parameters).map(([name, tensor]): [string, Tensor] => [
    `parameters/${name}`,
    tensor,
  ]);
  const tensors = new Map(places);
  return {
    entries: new Map(
      places.map(([place, { shape }]) => [place, { shape, dtype: "F32" }]),
    ),
    async read(place) {
      const tensor = tensors.get(place)!;
      const data = await tensor.data<"float32">() as Float32Array<ArrayBuffer>;
      return { shape: tensor.shape, dtype: "F32", data };
    },
  };
}

function isSame(one: StoredTensor, other: StoredTensor): boolean {
  const [words, others] = [one, other].map(({ data }) =>
    new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4)
  ) as [Uint32Array, Uint32Array];
  return one.dtype === other.dtype && one.shape.join() === other.shape.join() &&
    words.length === others.length && words.every((word, k) => word === others[k]);
}

async function firstDifferent(
  one: TensorReader,
  other: TensorReader,
): Promise<string | undefined> {
  const missing = [...one.entries.keys()].find((name) => !other.entries.has(name)) ??
    [...other.entries.keys()].find((name) => !one.entries.has(name));
  if (missing !== undefined) return `${missing} is in one of them alone`;
  for (const name of one.entries.keys()) {
    if (!isSame(await one.read(name), await other.read(name))) return `${name} differs`;
  }
  return undefined;
}

/** A network in a file, and what it is loaded into. */
interface Part {
  architecture: string;
  family?: Family;
  /** What it is called in the file, where a project's names for such a network are others there. */
  names?: KeyMap;
}

/** MILAN as OpenMMLab trains it has its teacher in its file. */
const twoNetworks: Readonly<Record<string, readonly Part[]>> = {
  "milan-mmpretrain-pretrain-vit-base-p16-with-target-generator": [
    { architecture: "milan-mmpretrain-pretrain-vit-base-p16", family: "vit" },
    {
      architecture: "clip-openai-vit-b-16",
      family: "clip",
      names: mmpretrainTargetGenerator,
    },
  ],
};

async function loadPart(
  file: TensorReader,
  { architecture: name, family, names }: Part,
): Promise<{ project: Project; parameters: Parameters; back: TensorReader }> {
  const { naming, reader } = kitReader(file, family);
  const specifications = describeParameters(forwardOf(architecture(name)));
  const { parameters } = await loadCheckpointInto(specifications, reader);
  const kit = runReader(checkpointOf(parameters));
  const back = names === undefined
    ? projectReader(kit, naming.project)
    : mapReader(reverseKeyMap(names), kit);
  return { project: naming.project, parameters, back };
}

/** What several readers have, of different names. */
function together(readers: readonly TensorReader[]): TensorReader {
  return {
    entries: new Map(readers.flatMap(({ entries }) => [...entries])),
    read: (name) => readers.find(({ entries }) => entries.has(name))!.read(name),
  };
}

/** Writes a manifest's file in a folder, loads it, writes it back, and compares. */
export async function proveManifest(
  name: string,
  folder: string,
): Promise<ManifestRow> {
  const path = `${folder}/${name}.pth`;
  const shapes = await manifest(name);
  await writeFile(path, shapes);
  const { size: bytes } = await Deno.stat(path);
  const row = { name, project: "", bytes, tensors: shapes.size };
  using file = await openCheckpoint(path);
  const loaded: Awaited<ReturnType<typeof loadPart>>[] = [];
  try {
    for (const part of twoNetworks[name] ?? [{ architecture: name }]) {
      loaded.push(await loadPart(file, part));
    }
    row.project = loaded[0]!.project;
    const different = await firstDifferent(
      file,
      together(loaded.map(({ back }) => back)),
    );
    return different === undefined ? row : { ...row, fault: different };
  } catch (error) {
    return { ...row, fault: (error as Error).message };
  } finally {
    disposeTree(loaded.map(({ parameters }) => parameters));
    await Deno.remove(path);
  }
}
