/**
 * Opens a checkpoint of any format that mimkit reads, which is told by its content: names say
 * little (`.pth.tar` is no tar file, and `.pt` is four formats).
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import type { StoredTensor } from "./element_types.ts";
import { type ByteSource, fileSource, readRange } from "./pickle/byte_source.ts";
import { CheckpointError, naming } from "./pickle/checkpoint_error.ts";
import type {
  CheckpointEntry,
  CheckpointFormat,
  CheckpointOptions,
  CheckpointReader,
  JsonRecord,
} from "./pickle/checkpoint_reader.ts";
import { cursorAt } from "./pickle/cursor.ts";
import { findWeights } from "./pickle/find_weights.ts";
import { latin1Text } from "./pickle/latin1.ts";
import { finderOf } from "./pickle/globals.ts";
import { readPickle } from "./pickle/machine.ts";
import { type OpenFile, pickledReader } from "./pickle/pickled_reader.ts";
import { openSafetensors } from "./safetensors.ts";
import { legacyMagic, readTorchLegacy } from "./torch/torch_legacy.ts";
import { findModuleWeights } from "./torch/torchscript.ts";
import { readTorchZip } from "./torch/torch_zip.ts";

export { CheckpointError };
export type { CheckpointEntry, CheckpointFormat, CheckpointOptions, CheckpointReader };

/** A checkpoint in memory. */
export interface Checkpoint {
  format: CheckpointFormat;
  /** The name of the dict that the weights were in; undefined where there was nothing else. */
  level: string | undefined;
  /** What else was in the file. */
  metadata: Readonly<JsonRecord>;
  tensors: Map<string, StoredTensor>;
}

/** The outer forms of a file. */
type Container = "zip" | "pickle" | "safetensors";

const known = "safetensors, PyTorch's .pth (and TorchScript), and detectron2's .pkl";

/** Files that are often taken for checkpoints, by what they have at which byte. */
const strangers: { at: number; sign: string; message: string }[] = [
  { at: 0, sign: "<", message: "it is a web page: the download did not give the file" },
  {
    at: 0,
    sign: "version https://git-lfs",
    message: "it is Git LFS's note of a file: run `git lfs pull`",
  },
  { at: 0, sign: "\x1f\x8b", message: "it is packed by gzip: unpack it first" },
  { at: 0, sign: "BZh", message: "it is packed by bzip2: unpack it first" },
  { at: 0, sign: "\xfd7zXZ", message: "it is packed by xz: unpack it first" },
  {
    at: 0,
    sign: "\x89HDF",
    message: "it is an HDF5 file, as Keras writes: not read here",
  },
  {
    at: 257,
    sign: "ustar",
    message:
      "it is a tar file: unpack it first, or if PyTorch before 0.1.10 wrote it, load " +
      "and save it again with a newer torch",
  },
];

function containerOf(source: ByteSource): Container {
  const start = readRange(source, 0, Math.min(source.size, 512));
  const text = latin1Text(start);
  // A header's length comes first, then its JSON.
  if (text[8] === "{" && start.slice(5, 8).every((byte) => byte === 0)) {
    return "safetensors";
  }
  if (text.startsWith("PK\x03\x04") || text.startsWith("PK\x05\x06")) return "zip";
  if (start[0] === 0x80 && start[1]! >= 2 && start[1]! <= 5) return "pickle";
  const stranger = strangers.find(({ at, sign }) => text.startsWith(sign, at));
  if (stranger !== undefined) throw new CheckpointError(stranger.message);
  const bytes = [...start.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  throw new CheckpointError(
    source.size === 0
      ? "it is empty: fetch it again"
      : `it begins with the bytes ${
        bytes.join(" ")
      }, like no checkpoint that mimkit reads; ` +
        `it reads ${known}`,
  );
}

async function openZip(
  file: OpenFile,
  source: ByteSource,
  options: CheckpointOptions,
): Promise<CheckpointReader> {
  const { root, script } = await readTorchZip(source, options);
  if (!script) return pickledReader(file, "torch", findWeights(root, options));
  if (options.which === "ema" || options.level !== undefined) {
    throw new CheckpointError("it is TorchScript's, which holds one model and no levels");
  }
  return pickledReader(file, "torchscript", findModuleWeights(root));
}

function openPickle(
  file: OpenFile,
  source: ByteSource,
  options: CheckpointOptions,
): CheckpointReader {
  const cursor = cursorAt(source);
  const root = readPickle(source, cursor, { find: finderOf() });
  if (root !== legacyMagic) {
    return pickledReader(file, "pickle", findWeights(root, options));
  }
  const object = readTorchLegacy(source, cursor);
  return pickledReader(file, "torch-legacy", findWeights(object, options));
}

/** What the reader of safetensors throws names the file already. */
async function asCheckpointError<Result>(
  path: string,
  action: () => Promise<Result>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const { message } = error as Error;
    throw new CheckpointError(message, { path, cause: error });
  }
}

async function openSafetensorsFile(
  path: string,
  { which, level }: CheckpointOptions,
): Promise<CheckpointReader> {
  if (which === "ema" || level !== undefined) {
    throw new CheckpointError(
      "it is a safetensors file, which holds weights and no levels",
    );
  }
  const file = await asCheckpointError(path, () => openSafetensors(path));
  return {
    format: "safetensors",
    level: undefined,
    metadata: file.metadata,
    entries: file.entries,
    read: (name, take) => asCheckpointError(path, () => file.read(name, take)),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/**
 * Opens a checkpoint and reads what is in it; tensors are read when they are asked for, so that an
 * optimizer beside them is never read. Nothing in the file is run.
 *
 * @throws {CheckpointError} one sentence that begins with the path, when the file is no checkpoint,
 *   is damaged, has no weights where they are looked for, or holds a Python object that is not known
 *   to be harmless.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "./checkpoint_file.ts";
 * import { writeTorch } from "./torch/torch_writer.ts";
 * const path = await Deno.makeTempFile();
 * const bias = { shape: [2], dtype: "F32" as const, data: new Float32Array([1, 2]) };
 * await writeTorch(path, { bias }, { level: "model", metadata: { epoch: 3 } });
 * using file = await openCheckpoint(path);
 * console.log(file.level, file.metadata, (await file.read("bias")).data);
 * // model { epoch: 3 } Float32Array [ 1, 2 ]
 * ```
 */
export function openCheckpoint(
  path: string,
  options: CheckpointOptions = {},
): Promise<CheckpointReader> {
  return naming(path, async () => {
    const handle = await Deno.open(path);
    try {
      const { size, isFile } = await handle.stat();
      if (!isFile) throw new CheckpointError("it is no file");
      const source = fileSource(handle, size);
      const file: OpenFile = { path, size, [Symbol.dispose]: () => handle.close() };
      switch (containerOf(source)) {
        case "zip":
          return await openZip(file, source, options);
        case "pickle":
          return openPickle(file, source, options);
        case "safetensors": {
          const reader = await openSafetensorsFile(path, options);
          handle.close();
          return reader;
        }
      }
    } catch (error) {
      handle.close();
      throw error;
    }
  });
}

/** So many bytes are read before others get their turn: 30 ms or so. */
const bytesPerTurn = 2 ** 26;

/**
 * Reads a whole checkpoint.
 *
 * @throws {CheckpointError} as {@linkcode openCheckpoint} does.
 */
export async function readCheckpoint(
  path: string,
  options: CheckpointOptions = {},
): Promise<Checkpoint> {
  using file = await openCheckpoint(path, options);
  const { format, level, metadata } = file;
  const tensors = new Map<string, StoredTensor>();
  let unbroken = 0;
  for (const name of file.entries.keys()) {
    const tensor = await file.read(name);
    tensors.set(name, tensor);
    unbroken += tensor.data.byteLength;
    if (unbroken > bytesPerTurn) {
      await setImmediate();
      unbroken = 0;
    }
  }
  return { format, level, metadata, tensors };
}
