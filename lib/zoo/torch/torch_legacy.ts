/**
 * What `torch.save` wrote before PyTorch 1.6, and writes on request: pickles one after the other (a
 * magic number, the protocol, the machine, the object, the storages' keys), then every storage's
 * length and elements in the order of the keys.
 *
 * @module
 */
import { type ByteSource, readRange } from "../pickle/byte_source.ts";
import { CheckpointError, damaged, quoted } from "../pickle/checkpoint_error.ts";
import type { Cursor } from "../pickle/cursor.ts";
import { finderOf } from "../pickle/globals.ts";
import { readPickle } from "../pickle/machine.ts";
import { entriesOf, kindOf, type Pickled, type Storage } from "../pickle/pickled.ts";
import { type StorageReference, storageReference } from "./persistent_storage.ts";
import { torchGlobals } from "./torch_globals.ts";

/** The number that such a file begins with, a pickle itself. */
export const legacyMagic = 0x1950a86a20f9469cfc6cn;

const protocol = 1001;

/** A storage whose place is known once the keys are read. */
interface Placed {
  reference: StorageReference;
  begin: number | undefined;
}

function viewOffset({ view, elementSize, key }: StorageReference): {
  offset: number;
  bytes: number;
} | undefined {
  if (view === undefined || view === null) return undefined;
  const items = typeof view === "object" && view.kind === "tuple" ? view.items : [];
  const [offset, elements] = [items[1], items[2]];
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(elements)) {
    throw new CheckpointError(
      `its storage ${quoted(key)} has ${kindOf(view)} for a view`,
    );
  }
  return {
    offset: offset as number * elementSize,
    bytes: elements as number * elementSize,
  };
}

/**
 * Reads the rest of a file whose first pickle was {@linkcode legacyMagic}.
 *
 * @throws {CheckpointError} when it is damaged or names a global that is not on the allow-list.
 */
export function readTorchLegacy(source: ByteSource, cursor: Cursor): Pickled {
  const find = finderOf(torchGlobals);
  const version = readPickle(source, cursor, { find });
  if (version !== protocol) {
    throw new CheckpointError(
      `it is of another protocol of PyTorch's than ${protocol}, the only one that mimkit knows`,
    );
  }
  const machine = entriesOf(readPickle(source, cursor, { find }));
  const bigEndian = machine?.get("little_endian") === false;

  const placed = new Map<string, Placed>();
  function persistent(id: Pickled): Storage {
    const reference = storageReference(id);
    const { key, typeName, bytes } = reference;
    const known = placed.get(key);
    if (known !== undefined && known.reference.bytes !== bytes) {
      throw new CheckpointError(`its storage ${quoted(key)} has two lengths: ${damaged}`);
    }
    const place: Placed = known ?? { reference, begin: undefined };
    placed.set(key, place);
    const view = viewOffset(reference) ?? { offset: 0, bytes };
    if (!(view.offset >= 0 && view.bytes >= 0 && view.offset + view.bytes <= bytes)) {
      throw new CheckpointError(
        `its storage ${quoted(key)} has a view that reaches out of it: ${damaged}`,
      );
    }
    return {
      kind: "storage",
      typeName,
      bytes: view.bytes,
      bigEndian,
      packed: false,
      read(from, to) {
        const begin = place.begin! + view.offset;
        return Promise.resolve(readRange(source, begin + from, begin + to));
      },
    };
  }

  const root = readPickle(source, cursor, { find, persistent });
  const keys = readPickle(source, cursor, { find });
  if (typeof keys !== "object" || keys?.kind !== "list") {
    throw new CheckpointError(
      `it has ${kindOf(keys)} in place of its storages: ${damaged}`,
    );
  }
  placeStorages(source, cursor.position(), keys.items, placed, bigEndian);
  return root;
}

/** Finds every storage in the file. */
function placeStorages(
  source: ByteSource,
  begin: number,
  keys: readonly Pickled[],
  placed: ReadonlyMap<string, Placed>,
  bigEndian: boolean,
) {
  let position = begin;
  for (const key of keys) {
    const place = typeof key === "string" ? placed.get(key) : undefined;
    if (place === undefined || place.begin !== undefined) {
      throw new CheckpointError(
        `it lists the storage ${
          typeof key === "string" ? quoted(key) : kindOf(key)
        } wrongly: ${damaged}`,
      );
    }
    const { bytes, elementSize } = place.reference;
    const length = new DataView(readRange(source, position, position + 8).buffer)
      .getBigInt64(0, !bigEndian);
    if (length !== BigInt(bytes / elementSize)) {
      throw new CheckpointError(
        `its storage ${
          quoted(place.reference.key)
        } has ${length} elements, its pickle says ` +
          `${bytes / elementSize}: ${damaged}`,
      );
    }
    place.begin = position + 8;
    position += 8 + bytes;
    if (position > source.size) {
      throw new CheckpointError(
        `its storages reach to byte ${position}, and it ends at ${source.size}: ${damaged}`,
      );
    }
  }
  for (const [key, { begin }] of placed) {
    if (begin === undefined) {
      throw new CheckpointError(`it lacks the storage ${quoted(key)}: ${damaged}`);
    }
  }
}
