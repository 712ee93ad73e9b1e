/**
 * A checkpoint under other names, whose tensors are still read one at a time.
 *
 * @module
 */
import type { Room } from "../pickle/byte_source.ts";
import type { StoredTensor } from "../element_types.ts";
import { type Entries, type KeyMap, planKeyMap, type StoredTensors } from "./key_map.ts";

/** Tensors that are read when they are asked for: an open checkpoint, under whichever names. */
export interface TensorReader {
  readonly entries: Entries;
  /**
   * Reads one tensor.
   *
   * @param take where its bytes may go. Default: into memory of their own.
   */
  read(name: string, take?: Room): Promise<StoredTensor>;
}

/** Tensors in memory as tensors to read. */
export function readerOf(tensors: StoredTensors): TensorReader {
  return {
    entries: tensors,
    read(name) {
      const tensor = tensors.get(name);
      if (tensor !== undefined) return Promise.resolve(tensor);
      return Promise.reject(new Error(`There is no tensor "${name}"`));
    },
  };
}

/**
 * A checkpoint under another project's names. Only the tensors that one is made of are in memory while
 * it is read.
 *
 * @throws {Error} as `planKeyMap` does, before anything is read.
 *
 * @example
 * ```ts
 * import { mapReader, readerOf } from "./map_reader.ts";
 * import { mmpretrainVit } from "./mmpretrain_vit.ts";
 * const bias = { shape: [1], dtype: "F32" as const, data: new Float32Array([7]) };
 * const reader = readerOf(new Map([["backbone.ln1.bias", bias]]));
 * const mapped = mapReader(mmpretrainVit("linear"), reader);
 * console.log((await mapped.read("norm.bias")).data); // Float32Array [ 7 ]
 * ```
 */
export function mapReader(map: KeyMap, reader: TensorReader): TensorReader {
  const planned = planKeyMap(map, reader.entries);
  return {
    entries: planned,
    async read(name, take) {
      const tensor = planned.get(name);
      if (tensor === undefined) {
        throw new Error(`There is no tensor "${name}" in the names of ${map.to}`);
      }
      const parts: StoredTensor[] = [];
      const room = tensor.of.length === 1 ? take : undefined; // parts lie beside one another
      for (const part of tensor.of) parts.push(await reader.read(part, room));
      return tensor.make(parts);
    },
  };
}
