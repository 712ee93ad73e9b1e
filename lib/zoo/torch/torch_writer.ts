/**
 * Writes checkpoints that `torch.load(path, weights_only=True)` reads, tensor by tensor.
 *
 * @module
 */
import type { ElementType, StoredTensor } from "../element_types.ts";
import type { JsonRecord } from "../pickle/checkpoint_reader.ts";
import { opcodes } from "../pickle/opcodes.ts";
import { type PickleWriter, pickleWriter } from "../pickle/pickle_writer.ts";
import { streamFile } from "../../runs/stream_file.ts";
import {
  bytesToWrite,
  elementCount,
  streamed,
  type StreamedTensor,
} from "../written_tensors.ts";
import { storageTypes, torchElementTypes } from "./torch_globals.ts";
import { zipStream } from "./zip_writer.ts";

/** Options of {@linkcode writeTorch}. */
export interface WriteTorchOptions {
  /** The name of the dict that the tensors go into, as in "state_dict"; none by default. */
  level?: string;
  /** What else the file holds, beside that dict. */
  metadata?: JsonRecord;
}

/** The name of PyTorch's storage for a type. */
function storageFor(name: string, dtype: ElementType): string {
  const found = Object.entries(storageTypes).find(([, { type }]) =>
    torchElementTypes[type] === dtype
  );
  if (found !== undefined) return found[0];
  throw new Error(
    `The tensor ${name} is of ${dtype}, which few versions of PyTorch know: write it as I64, ` +
      "or the file as .safetensors",
  );
}

function pickleTensor(
  pickle: PickleWriter,
  name: string,
  { shape, dtype }: StreamedTensor,
  key: string,
) {
  const strides: number[] = [];
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  pickle.text(name);
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.operation(opcodes.MARK);
  pickle.operation(opcodes.MARK);
  pickle.text("storage");
  pickle.global("torch", storageFor(name, dtype));
  pickle.text(key);
  pickle.text("cpu");
  pickle.number(elementCount(shape));
  pickle.operation(opcodes.TUPLE);
  pickle.operation(opcodes.BINPERSID);
  pickle.number(0); // where in the storage
  pickle.tuple(shape);
  pickle.tuple(strides);
  pickle.boolean(false); // it needs no gradient
  emptyDict(pickle); // and has no hooks
  pickle.operation(opcodes.TUPLE);
  pickle.operation(opcodes.REDUCE);
}

function emptyDict(pickle: PickleWriter) {
  pickle.global("collections", "OrderedDict");
  pickle.operation(opcodes.EMPTY_TUPLE);
  pickle.operation(opcodes.REDUCE);
}

function pickleOf(
  tensors: readonly [string, StreamedTensor][],
  { level, metadata = {} }: WriteTorchOptions,
): Uint8Array {
  const pickle = pickleWriter(2);
  const notes = Object.entries(metadata);
  if (level === undefined && notes.length > 0) {
    throw new Error(
      `A checkpoint without a level holds tensors only, so ${
        notes[0]![0]
      } has no place: give a ` +
        'level, as in { level: "state_dict" }',
    );
  }
  if (level !== undefined) {
    if (Object.hasOwn(metadata, level)) {
      throw new Error(
        `Both the tensors and a note are to be ${level}: name one of them anew`,
      );
    }
    pickle.operation(opcodes.EMPTY_DICT);
    pickle.operation(opcodes.MARK);
    pickle.text(level);
  }
  emptyDict(pickle);
  pickle.operation(opcodes.MARK);
  for (const [index, [name, tensor]] of tensors.entries()) {
    pickleTensor(pickle, name, tensor, `${index}`);
  }
  pickle.operation(opcodes.SETITEMS);
  if (level !== undefined) {
    for (const [name, note] of notes) {
      pickle.text(name);
      pickle.json(note);
    }
    pickle.operation(opcodes.SETITEMS);
  }
  pickle.operation(opcodes.STOP);
  return pickle.take();
}

/**
 * Writes a checkpoint for PyTorch from tensors that are read one after the other.
 *
 * @throws {Error} when a tensor's elements do not fit its shape, or PyTorch has no such type; the old
 *   file stays.
 */
export async function streamTorch(
  path: string,
  tensors: Iterable<[string, StreamedTensor]>,
  options: WriteTorchOptions = {},
): Promise<void> {
  const entries = [...tensors];
  const pickle = pickleOf(entries, options);
  const text = new TextEncoder();
  await streamFile(path, async (stream) => {
    const zip = zipStream(stream);
    await zip.add("archive/data.pkl", pickle);
    await zip.add("archive/byteorder", text.encode("little"));
    for (const [index, [name, tensor]] of entries.entries()) {
      await zip.add(`archive/data/${index}`, await bytesToWrite(name, tensor));
    }
    await zip.add("archive/version", text.encode("3\n"));
    await zip.finish();
  });
}

/**
 * Writes a checkpoint for PyTorch, which `torch.load(path, weights_only=True)` reads, with
 * `mmap=True` too.
 *
 * @throws {Error} when a tensor's elements do not fit its shape, or PyTorch has no such type; the old
 *   file stays.
 *
 * @example
 * ```ts
 * import { readCheckpoint } from "../checkpoint_file.ts";
 * import { writeTorch } from "./torch_writer.ts";
 * const path = await Deno.makeTempFile();
 * const bias = { shape: [2], dtype: "F32" as const, data: new Float32Array([1, 2]) };
 * await writeTorch(path, { bias }, { level: "state_dict", metadata: { author: "mimkit" } });
 * console.log([...(await readCheckpoint(path)).tensors.keys()]); // [ "bias" ]
 * ```
 */
export function writeTorch(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor> | Record<string, StoredTensor>,
  options: WriteTorchOptions = {},
): Promise<void> {
  return streamTorch(path, streamed(tensors), options);
}
