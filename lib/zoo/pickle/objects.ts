/**
 * What a pickle does with values once they are made: fills lists and dicts, gives objects their
 * state, and calls globals. A call goes to the few functions that the allow-list (globals.ts) has
 * written here, or makes an object that is nothing but its class's name and what was given.
 *
 * @module
 */
import { CheckpointError, damaged } from "./checkpoint_error.ts";
import { setByteOrder, setContent } from "./numpy.ts";
import { kindOf, type Pickled, type PickledDict } from "./pickled.ts";

function refuse(what: string): CheckpointError {
  return new CheckpointError(`its pickle ${what}: ${damaged}`);
}

function isRecord(value: Pickled): value is Extract<Pickled, { kind: string }> {
  return typeof value === "object" && value !== null;
}

/** Appends to a list, or adds to a set. */
export function addItems(target: Pickled, items: readonly Pickled[]): void {
  if (isRecord(target)) {
    if (target.kind === "object") {
      target.items ??= { kind: "list", items: [] };
      return addItems(target.items, items);
    }
    if (target.kind === "list" || target.kind === "set") {
      for (const item of items) target.items.push(item);
      return;
    }
  }
  throw refuse(`appends to ${kindOf(target)}`);
}

function addEntry(dict: PickledDict, key: Pickled, value: Pickled) {
  dict.entries ??= new Map();
  if (typeof key === "string" && dict.entries.has(key)) {
    throw refuse(`has the key ${JSON.stringify(key.slice(0, 80))} twice in one dict`);
  }
  dict.entries.set(key, value);
}

/** Puts keys and values, one after the other, into a dict. */
export function addEntries(target: Pickled, items: readonly Pickled[]): void {
  if (items.length % 2 !== 0) throw refuse("has a key without a value");
  if (isRecord(target)) {
    if (target.kind === "object") {
      target.entries ??= { kind: "dict", entries: undefined };
      return addEntries(target.entries, items);
    }
    if (target.kind === "dict") {
      for (let index = 0; index < items.length; index += 2) {
        addEntry(target, items[index]!, items[index + 1]!);
      }
      return;
    }
  }
  throw refuse(`sets items of ${kindOf(target)}`);
}

/** Gives an object its state. */
export function build(target: Pickled, state: Pickled): void {
  if (isRecord(target)) {
    switch (target.kind) {
      case "object":
        target.state = state;
        return;
      case "array":
        return setContent(target, state);
      case "dtype":
        return setByteOrder(target, state);
      case "dict": // attributes of an OrderedDict, such as a state dict's version
      case "tensor": // attributes that someone gave to a tensor
        return;
    }
  }
  throw refuse(`gives a state to ${kindOf(target)}`);
}

/** What stands for the call of a global. */
export function call(global: Pickled, given: readonly Pickled[]): Pickled {
  if (!isRecord(global) || global.kind !== "global") {
    throw refuse(`calls ${kindOf(global)}`);
  }
  if (global.call !== undefined) return global.call(given);
  return {
    kind: "object",
    global,
    given,
    state: undefined,
    items: undefined,
    entries: undefined,
  };
}
