/**
 * The header of a safetensors file, with nothing in it taken on trust: files come from the network.
 *
 * The format: 8 bytes of header length (little-endian), the header as JSON, then the elements. See
 * https://github.com/huggingface/safetensors#format.
 *
 * @module
 */
import { elementSizes, type ElementType } from "./element_types.ts";

/** Where a tensor lies in the file. */
export interface TensorEntry {
  shape: number[];
  dtype: ElementType;
  /** In bytes from the start of the file. */
  begin: number;
  end: number;
}

/** What a header says. */
export interface SafetensorsHeader {
  metadata: Record<string, string>;
  /** In the order in which the tensors lie in the file. */
  entries: Map<string, TensorEntry>;
}

/** The format's own limit; a longer header is an attack or another kind of file. */
export const longestHeader = 100_000_000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkMetadata(value: unknown, file: string): Record<string, string> {
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== "string")) {
    throw new Error(`${file}: its __metadata__ is not a record of texts`);
  }
  return value as Record<string, string>;
}

function checkEntry(value: unknown, where: string, bytes: number): TensorEntry {
  if (!isRecord(value)) {
    throw new Error(`${where} has no record of dtype, shape and offsets`);
  }
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(elementSizes, dtype)) {
    const known = Object.keys(elementSizes).join(", ");
    throw new Error(
      `${where} has the element type ${Deno.inspect(dtype)}; known are ${known}`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw new Error(
      `${where} has the shape ${Deno.inspect(shape)}, which is no list of lengths`,
    );
  }
  const size = shape.reduce((product, length) => product * length, 1) *
    elementSizes[dtype as ElementType];
  if (!Number.isSafeInteger(size)) {
    throw new Error(
      `${where} has the shape [${shape}], more elements than any file can hold`,
    );
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw new Error(
      `${where} has the offsets ${Deno.inspect(offsets)}, not [begin, end]`,
    );
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > bytes) {
    throw new Error(
      `${where} is said to lie at bytes ${begin} to ${end} of ${bytes}: the file is truncated ` +
        "or damaged; fetch it again",
    );
  }
  if (end - begin !== size) {
    throw new Error(
      `${where} has ${end - begin} bytes, its shape [${shape}] of ${dtype} needs ${size}`,
    );
  }
  return { shape: shape as number[], dtype: dtype as ElementType, begin, end };
}

/** Every byte belongs to exactly one tensor, as the format demands. */
function checkCoverage(
  entries: readonly [string, TensorEntry][],
  file: string,
  bytes: number,
) {
  let reached = 0;
  let previous = "the header";
  for (const [name, { begin, end }] of entries) {
    if (begin < reached) {
      throw new Error(`${file}: the tensors ${previous} and ${name} overlap`);
    }
    if (begin > reached) {
      throw new Error(
        `${file}: ${begin - reached} bytes before ${name} belong to no tensor`,
      );
    }
    [reached, previous] = [end, name];
  }
  if (reached !== bytes) {
    throw new Error(`${file}: ${bytes - reached} bytes at its end belong to no tensor`);
  }
}

/**
 * Reads and checks a header.
 *
 * @param json the header's bytes.
 * @param bytes how many bytes of elements follow it.
 * @throws {Error} that names the file, and the tensor where one is at fault.
 */
export function parseHeader(
  json: Uint8Array,
  bytes: number,
  file: string,
): SafetensorsHeader {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    throw new Error(
      `${file}: its header is no JSON, so it is no safetensors file or damaged`,
    );
  }
  if (!isRecord(header)) throw new Error(`${file}: its header is no record of tensors`);
  const { __metadata__: metadata = {}, ...tensors } = header;
  const relative = Object.entries(tensors)
    .map(([name, value]): [string, TensorEntry] => [
      name,
      checkEntry(value, `${file}: the tensor ${name}`, bytes),
    ])
    .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkCoverage(relative, file, bytes);
  const start = 8 + json.length;
  return {
    metadata: checkMetadata(metadata, file),
    entries: new Map(relative.map(([name, { begin, end, ...entry }]) => [
      name,
      { ...entry, begin: start + begin, end: start + end },
    ])),
  };
}
