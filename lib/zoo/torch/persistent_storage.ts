/**
 * How a pickle of PyTorch refers to a storage: ("storage", type, key, device, elements).
 *
 * @module
 */
import { CheckpointError, damaged, quoted } from "../pickle/checkpoint_error.ts";
import { kindOf, type Pickled } from "../pickle/pickled.ts";
import { storageTypes } from "./torch_globals.ts";

/** A reference to a storage. */
export interface StorageReference {
  key: string;
  typeName: string;
  elementSize: number;
  bytes: number;
  /** What the older format says of a view: (key, offset, elements), or None. */
  view: Pickled | undefined;
}

/**
 * Reads a reference.
 *
 * @throws {CheckpointError} when it is something else.
 */
export function storageReference(id: Pickled): StorageReference {
  const items = typeof id === "object" && id?.kind === "tuple" ? id.items : [];
  const [word, type, key, , elements, view] = items;
  if (word !== "storage" || typeof type !== "object" || type?.kind !== "global") {
    throw new CheckpointError(
      `its pickle refers to ${kindOf(id)} in place of a storage: ${damaged}`,
    );
  }
  const name = type.name.replace(/^.*\._?/, "");
  const known = Object.hasOwn(storageTypes, name) ? storageTypes[name] : undefined;
  if (known === undefined) {
    throw new CheckpointError(
      `it has a storage of the unknown type ${quoted(type.name)}`,
    );
  }
  const bytes = Number.isSafeInteger(elements) ? elements as number * known.size : NaN;
  if (typeof key !== "string" || !Number.isSafeInteger(bytes) || bytes < 0) {
    throw new CheckpointError(
      `its pickle refers to a storage without a key and a size: ${damaged}`,
    );
  }
  return { key, typeName: known.type, elementSize: known.size, bytes, view };
}
