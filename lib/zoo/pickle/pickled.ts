/**
 * What a pickle describes, as plain data. Python would build objects and call functions; here a
 * class is its name, and an object is what would have been given to its class.
 *
 * @module
 */
import type { ElementType } from "../element_types.ts";
import type { ByteSource, Room } from "./byte_source.ts";

/** Any value. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickledBytes
  | PickledSequence
  | PickledDict
  | PickledGlobal
  | PickledObject
  | PickledArray
  | PickledElementType
  | StridedTensor
  | Storage;

/** Bytes, or a text too long to be a name or a note: both stay in the file until asked for. */
export interface PickledBytes {
  readonly kind: "bytes";
  readonly source: ByteSource;
  readonly begin: number;
  readonly size: number;
  /** `utf8`: Latin-1 characters in UTF-8, as protocol 2 keeps bytes. */
  readonly encoding: "raw" | "utf8";
}

/** A list, tuple or set. */
export interface PickledSequence {
  readonly kind: "list" | "tuple" | "set";
  readonly items: Pickled[];
}

/** A dict, or one of Python's own kinds of dict. */
export interface PickledDict {
  readonly kind: "dict";
  /** Keys that are no text, number or truth are compared by identity. */
  entries: Map<Pickled, Pickled> | undefined;
}

/** A class or function, by its name. */
export interface PickledGlobal {
  readonly kind: "global";
  /** As in "collections.OrderedDict". */
  readonly name: string;
  /** What stands for its call; without it, calling it makes a {@linkcode PickledObject}. */
  readonly call?: (given: readonly Pickled[]) => Pickled;
}

/** An object of a known class that stays what it was given. */
export interface PickledObject {
  readonly kind: "object";
  readonly global: PickledGlobal;
  readonly given: readonly Pickled[];
  /** Its attributes, as a rule. */
  state: Pickled | undefined;
  /** Its items, if its class is a kind of list, set or dict. */
  items: PickledSequence | undefined;
  entries: PickledDict | undefined;
}

/** An array of numpy, whose content follows its creation. */
export interface PickledArray {
  readonly kind: "array";
  tensor: StridedTensor | undefined;
}

/** numpy's dtype; its byte order follows its creation. */
export interface PickledElementType {
  readonly kind: "dtype";
  /** As in "f4". */
  readonly code: string;
  bigEndian: boolean;
}

/** Where elements lie. */
export interface Storage {
  readonly kind: "storage";
  /** PyTorch's or numpy's name of the type, as in "float32"; "uint8" where it is bytes. */
  readonly typeName: string;
  readonly bytes: number;
  readonly bigEndian: boolean;
  /** Whether all of it has to be unpacked to read a part of it. */
  readonly packed: boolean;
  read(begin: number, end: number, take?: Room): Promise<Uint8Array<ArrayBuffer>>;
}

/** A view of a storage, as it was written: not checked yet. */
export interface StridedTensor {
  readonly kind: "tensor";
  readonly shape: number[];
  /** In elements. */
  readonly strides: number[];
  /** In elements. */
  readonly offset: number;
  readonly typeName: string;
  /** Undefined for a type that mimkit has no use for, such as complex64. */
  readonly dtype: ElementType | undefined;
  readonly storage: Storage;
}

/** How a kind of value is called in messages. */
export function kindOf(value: Pickled | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (typeof value !== "object") return typeof value;
  return value.kind === "object" ? value.global.name.slice(0, 80) : value.kind;
}

/** The tensor that a value is, or a numpy array stands for. */
export function tensorOf(value: Pickled | undefined): StridedTensor | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (value.kind === "tensor") return value;
  return value.kind === "array" ? value.tensor : undefined;
}

/** The entries of a dict, or of an object that is a kind of dict. */
export function entriesOf(
  value: Pickled | undefined,
): Map<Pickled, Pickled> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (value.kind === "object") return value.entries && entriesOf(value.entries);
  return value.kind === "dict" ? value.entries ?? new Map() : undefined;
}
