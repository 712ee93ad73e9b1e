/**
 * Files made by PyTorch and numpy (torch_roundtrip.py), and what mimkit must find in them.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { crc32 } from "node:zlib";
import {
  CheckpointError,
  type CheckpointOptions,
  readCheckpoint,
} from "../../lib/zoo/checkpoint_file.ts";
import type { StoredTensor } from "../../lib/zoo/element_types.ts";

/** A tensor as torch_roundtrip.py describes it; the hash is the CRC-32 of its elements. */
export interface Described {
  dtype: string;
  shape: number[];
  hash: number;
}

/** What is to be found in a file. */
export type Expected =
  & { options?: CheckpointOptions; metadata?: unknown }
  & (
    | { error: string }
    | {
      error?: undefined;
      format: string;
      level: string | null;
      tensors: Record<string, Described>;
    }
  );

/** Describes a tensor in the same way. */
export function describe({ dtype, shape, data }: StoredTensor): Described {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { dtype, shape, hash: crc32(bytes) };
}

/** What a folder's expected.json says of its files. */
export async function expectedFiles(folder: string): Promise<Record<string, Expected>> {
  const { files } = JSON.parse(await Deno.readTextFile(`${folder}/expected.json`));
  return files;
}

/** Reads a file and compares all of it. */
export async function compareFile(path: string, expected: Expected): Promise<void> {
  if (expected.error !== undefined) {
    let message = "";
    try {
      await readCheckpoint(path, expected.options);
    } catch (error) {
      assert(error instanceof CheckpointError, `${error}`);
      message = error.message;
    }
    assert(message.startsWith(`${path}: `), message);
    return assertStringIncludes(message, expected.error);
  }
  const found = await readCheckpoint(path, expected.options);
  assertEquals(found.format, expected.format);
  assertEquals(found.level ?? null, expected.level);
  const tensors = [...found.tensors].map(([name, tensor]) => [name, describe(tensor)]);
  assertEquals(Object.fromEntries(tensors), expected.tensors);
  if (expected.metadata !== undefined) assertEquals(found.metadata, expected.metadata);
}
