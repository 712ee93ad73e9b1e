/**
 * What is in a checkpoint beside its weights, as plain JSON: command lines, epochs, configurations.
 *
 * @module
 */
import { type Pickled, type PickledObject, tensorOf } from "./pickled.ts";

/** A value that JSON has. */
export type Json = null | boolean | number | string | Json[] | JsonRecord;

/** A record of values that JSON has. */
export interface JsonRecord {
  [name: string]: Json;
}

/**
 * So much is told of a file, in values and in lengths of 64 letters; a pickle of a kilobyte can
 * describe 2¹⁰⁰ values by telling one many times.
 */
const mostTold = 20_000;

/** So many values are looked at for tensors. */
const mostSeen = 1_000_000;

/** So deep values are told. */
const deepest = 16;

/** What stands for values that are left out. */
const leftOut = "…";

/** Values that need no telling. */
type Plain = null | boolean | number | bigint | string;

/** Years to microseconds in the ten bytes of a datetime, as Python's C code packs them. */
function dateText({ given: [packed] }: PickledObject): string | undefined {
  if (typeof packed !== "object" || packed?.kind !== "bytes") return undefined;
  if (packed.size !== 10 || packed.encoding !== "raw") return undefined;
  const bytes = new Uint8Array(10);
  packed.source.read(packed.begin, bytes);
  const two = (index: number) => String(bytes[index]).padStart(2, "0");
  const year = String(bytes[0]! * 256 + bytes[1]!).padStart(4, "0");
  return `${year}-${two(2)}-${two(3)}T${two(4)}:${two(5)}:${two(6)}`;
}

/** Tells values as JSON, all within one measure. */
interface Teller {
  told: number;
  seen: number;
  /** The values around the one that is told: it may hold one of them, in a circle. */
  around: Set<Pickled>;
}

/** The values that a value is made of. */
function partsOf(value: Exclude<Pickled, Plain>): Iterable<Pickled> {
  switch (value.kind) {
    case "list":
    case "tuple":
    case "set":
      return value.items;
    case "dict":
      return value.entries?.values() ?? [];
    case "object":
      return [value.state ?? null, value.items ?? null, value.entries ?? null];
    default:
      return [];
  }
}

/** How many tensors are in a value: an optimizer's thousand moments are no notes. */
function countTensors(teller: Teller, root: Pickled): number {
  const seen = new Set<Pickled>();
  const waiting: Pickled[] = [root];
  let tensors = 0;
  while (waiting.length > 0) {
    const value = waiting.pop()!;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value.kind === "tensor") tensors++;
    for (const item of partsOf(value)) {
      if (teller.seen++ > mostSeen) break;
      waiting.push(item);
    }
  }
  return tensors;
}

function tellText(teller: Teller, text: string): string {
  teller.told += text.length / 64;
  return teller.told > mostTold ? leftOut : text;
}

function tellKey(teller: Teller, key: Pickled): string {
  if (typeof key === "string") return tellText(teller, key);
  const told = tell(teller, key);
  return typeof told === "string" ? told : JSON.stringify(told);
}

function tellList(teller: Teller, items: readonly Pickled[]): Json[] {
  const values: Json[] = [];
  for (const item of items) {
    values.push(tell(teller, item));
    if (teller.told > mostTold) break;
  }
  return values;
}

function tellRecord(teller: Teller, entries: Iterable<[Pickled, Pickled]>): JsonRecord {
  const told: [string, Json][] = [];
  for (const [key, value] of entries) {
    told.push([tellKey(teller, key), tell(teller, value)]);
    if (teller.told > mostTold) break;
  }
  return Object.fromEntries(told);
}

function tellObject(teller: Teller, value: PickledObject): Json {
  const { global, given, state, items, entries } = value;
  if (global.name.startsWith("pathlib.")) return tellList(teller, given).join("/");
  if (global.name === "torch.device") return tellList(teller, given).join(":");
  const date = global.name === "datetime.datetime" ? dateText(value) : undefined;
  if (date !== undefined) return date;
  const content = entries ?? items ?? state;
  if (content !== undefined && content !== null) return tell(teller, content);
  const name = tellText(teller, global.name);
  return given.length === 0 ? name : { [name]: tellList(teller, given) };
}

function tellInside(teller: Teller, value: Exclude<Pickled, Plain>): Json {
  switch (value.kind) {
    case "list":
    case "tuple":
    case "set":
      return tellList(teller, value.items);
    case "dict":
      return tellRecord(teller, value.entries ?? []);
    case "object":
      return tellObject(teller, value);
    case "bytes":
      return `${value.size} bytes`;
    case "global":
      return tellText(teller, value.name);
    case "dtype":
      return tellText(teller, value.code);
    case "storage":
      return `${value.typeName} storage of ${value.bytes} bytes`;
    case "tensor":
    case "array": {
      const tensor = tensorOf(value);
      if (tensor === undefined) return "array of objects";
      return tellText(teller, `${tensor.typeName} [${tensor.shape}]`);
    }
  }
}

function tell(teller: Teller, value: Pickled): Json {
  if (++teller.told > mostTold) return leftOut;
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return tellText(teller, value);
  if (typeof value === "bigint") return `${value}`;
  if (typeof value === "number") return Number.isFinite(value) ? value : `${value}`;
  const { around } = teller;
  if (around.size >= deepest || around.has(value)) return leftOut;
  around.add(value);
  const told = tellInside(teller, value);
  around.delete(value);
  return told;
}

/**
 * Values as JSON: tuples and sets are lists, objects are records of their attributes, tensors and
 * bytes are told by their sizes, and what is full of tensors (an optimizer) by their number.
 */
export function notesOf(entries: Iterable<[Pickled, Pickled]>): JsonRecord {
  const teller: Teller = { told: 0, seen: 0, around: new Set() };
  const told: [string, Json][] = [];
  for (const [key, value] of entries) {
    const tensors = countTensors(teller, value);
    const note = tensors > 1 ? `${tensors} tensors, left out` : tell(teller, value);
    told.push([tellKey(teller, key), note]);
    if (teller.told > mostTold) break;
  }
  return Object.fromEntries(told);
}
