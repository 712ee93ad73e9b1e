/**
 * Writes a backbone for detectron2: a pickle of numpy arrays, which `pickle.load` reads in Python
 * with numpy 1 or 2. checkpoint_file.ts reads such files.
 *
 * @module
 */
import {
  elementSizes,
  type ElementType,
  type StoredTensor,
  toFloat32,
} from "./element_types.ts";
import type { JsonRecord } from "./pickle/checkpoint_reader.ts";
import { opcodes } from "./pickle/opcodes.ts";
import { type PickleWriter, pickleWriter } from "./pickle/pickle_writer.ts";
import { type FileStream, streamFile } from "../runs/stream_file.ts";
import {
  bytesToWrite,
  elementCount,
  streamed,
  type StreamedTensor,
} from "./written_tensors.ts";

/** numpy's codes; it has no bfloat16, which is written as float32, without loss. */
const numpyCodes: Record<Exclude<ElementType, "BF16">, string> = {
  F64: "f8",
  F32: "f4",
  F16: "f2",
  I64: "i8",
  I32: "i4",
  I16: "i2",
  I8: "i1",
  U64: "u8",
  U32: "u4",
  U16: "u2",
  U8: "u1",
  BOOL: "b1",
};

/** What numpy can hold of a tensor. */
function forNumpy(
  tensor: StreamedTensor,
): StreamedTensor & { dtype: keyof typeof numpyCodes } {
  const { shape, dtype, read } = tensor;
  if (dtype !== "BF16") return { ...tensor, dtype };
  return {
    shape,
    dtype: "F32",
    read: async () => toFloat32({ shape, dtype, data: await read() }),
  };
}

function elementType(pickle: PickleWriter, dtype: keyof typeof numpyCodes) {
  pickle.global("numpy", "dtype");
  pickle.operation(opcodes.MARK);
  pickle.text(numpyCodes[dtype]);
  pickle.boolean(false);
  pickle.boolean(true);
  pickle.operation(opcodes.TUPLE);
  pickle.operation(opcodes.REDUCE);
  pickle.operation(opcodes.MARK);
  pickle.number(3); // the version of what follows
  pickle.text(elementSizes[dtype] === 1 ? "|" : "<");
  for (let field = 0; field < 3; field++) pickle.operation(opcodes.NONE);
  for (const field of [-1, -1, 0]) pickle.number(field);
  pickle.operation(opcodes.TUPLE);
  pickle.operation(opcodes.BUILD);
}

async function writeArray(
  stream: FileStream,
  pickle: PickleWriter,
  name: string,
  given: StreamedTensor,
) {
  const tensor = forNumpy(given);
  const { shape, dtype } = tensor;
  pickle.text(name);
  // numpy 2 keeps this name of numpy 1, which does not know numpy 2's.
  pickle.global("numpy.core.multiarray", "_reconstruct");
  pickle.operation(opcodes.MARK);
  pickle.global("numpy", "ndarray");
  pickle.tuple([0]);
  pickle.bytesOf(1);
  await stream.write(pickle.take());
  await stream.write(new TextEncoder().encode("b"));
  pickle.operation(opcodes.TUPLE);
  pickle.operation(opcodes.REDUCE);
  pickle.operation(opcodes.MARK);
  pickle.number(1); // the version of what follows
  pickle.tuple(shape);
  elementType(pickle, dtype);
  pickle.boolean(false); // rows first
  pickle.bytesOf(elementCount(shape) * elementSizes[dtype]);
  await stream.write(pickle.take());
  await stream.write(await bytesToWrite(name, tensor));
  pickle.operation(opcodes.TUPLE);
  pickle.operation(opcodes.BUILD);
}

/** What stands beside the model, if nothing else is said; the second makes detectron2 match by endings. */
export const detectron2Metadata: JsonRecord = {
  __author__: "mimkit",
  matching_heuristics: true,
};

/**
 * Writes a checkpoint for detectron2 from tensors that are read one after the other.
 *
 * @throws {Error} when a tensor's elements do not fit its shape; the old file stays.
 */
export async function streamDetectron2(
  path: string,
  tensors: Iterable<[string, StreamedTensor]>,
  metadata: JsonRecord = detectron2Metadata,
): Promise<void> {
  if (Object.hasOwn(metadata, "model")) {
    throw new Error('Both the tensors and a note are to be "model": rename the note');
  }
  const pickle = pickleWriter(4);
  await streamFile(path, async (stream) => {
    pickle.operation(opcodes.EMPTY_DICT);
    pickle.operation(opcodes.MARK);
    pickle.text("model");
    pickle.operation(opcodes.EMPTY_DICT);
    pickle.operation(opcodes.MARK);
    for (const [name, tensor] of tensors) await writeArray(stream, pickle, name, tensor);
    pickle.operation(opcodes.SETITEMS);
    for (const [name, note] of Object.entries(metadata)) {
      pickle.text(name);
      pickle.json(note);
    }
    pickle.operation(opcodes.SETITEMS);
    pickle.operation(opcodes.STOP);
    await stream.write(pickle.take());
  });
}

/**
 * Writes a checkpoint for detectron2: `{"model": {name: array}, "__author__": …,
 * "matching_heuristics": True}`, as A2MIM's converter does. Names are written as they are given.
 *
 * @param metadata what stands beside the model.
 * @throws {Error} when a tensor's elements do not fit its shape; the old file stays.
 *
 * @example
 * ```ts
 * import { readCheckpoint } from "./checkpoint_file.ts";
 * import { writeDetectron2 } from "./detectron2_writer.ts";
 * const path = await Deno.makeTempFile();
 * const bias = { shape: [2], dtype: "F32" as const, data: new Float32Array([1, 2]) };
 * await writeDetectron2(path, { "stem.conv1.norm.bias": bias });
 * console.log((await readCheckpoint(path)).metadata);
 * // { __author__: "mimkit", matching_heuristics: true }
 * ```
 */
export function writeDetectron2(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor> | Record<string, StoredTensor>,
  metadata: JsonRecord = detectron2Metadata,
): Promise<void> {
  return streamDetectron2(path, streamed(tensors), metadata);
}
