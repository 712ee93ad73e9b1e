/**
 * Nested records and arrays of tensors ("trees"), as jitted functions take and return them.
 *
 * @module
 */
import { type Tensor, tf } from "./tensorflow.ts";

/** A value that is part of a function's signature rather than of its data. */
export type Static = string | number | boolean | null | undefined;
/** A tensor, a static value, or records and arrays of them. */
export type Tree = Tensor | Static | readonly Tree[] | { readonly [key: string]: Tree };

/** Where the tensors of a tree are, and what else it holds. */
export type Structure =
  | { kind: "tensor" }
  | { kind: "static"; value: Static }
  | { kind: "array"; items: Structure[] }
  | { kind: "record"; items: [string, Structure][] };

/** A tree taken apart. */
export interface Flat {
  tensors: Tensor[];
  structure: Structure;
}

function isStatic(value: unknown): value is Static {
  return value === null ||
    ["string", "number", "boolean", "undefined"].includes(typeof value);
}

function flattenInto(value: unknown, path: string, tensors: Tensor[]): Structure {
  if (value instanceof tf.Tensor) {
    if (value.isDisposed) throw new Error(`The tensor at ${path} was disposed`);
    tensors.push(value);
    return { kind: "tensor" };
  }
  if (isStatic(value)) return { kind: "static", value };
  if (Array.isArray(value)) {
    const items = value.map((item, index) =>
      flattenInto(item, `${path}[${index}]`, tensors)
    );
    return { kind: "array", items };
  }
  const prototype = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    const items = Object.entries(value as object).map((
      [key, item],
    ): [string, Structure] => [
      key,
      flattenInto(item, `${path}.${key}`, tensors),
    ]);
    return { kind: "record", items };
  }
  const hint = ArrayBuffer.isView(value)
    ? "make a tensor of it: tf.tensor(…)"
    : "pass its parts";
  throw new Error(
    `${path} is ${
      Deno.inspect(value, { depth: 0 })
    }: only tensors, plain values, and records ` +
      `and arrays of them can go in and out of a traced function; ${hint}`,
  );
}

/**
 * Takes a tree apart into its tensors and its structure.
 *
 * @throws {Error} when it holds something else than tensors, plain values, records and arrays.
 */
export function flatten(tree: unknown, path = "value"): Flat {
  const tensors: Tensor[] = [];
  const structure = flattenInto(tree, path, tensors);
  return { tensors, structure };
}

/** Puts a tree together again from its structure and as many tensors. */
export function unflatten(structure: Structure, tensors: Iterator<Tensor>): unknown {
  switch (structure.kind) {
    case "tensor":
      return tensors.next().value;
    case "static":
      return structure.value;
    case "array":
      return structure.items.map((item) => unflatten(item, tensors));
    case "record":
      return Object.fromEntries(
        structure.items.map(([key, item]) => [key, unflatten(item, tensors)]),
      );
  }
}

/** A text that two trees share exactly when they have the same structure. */
export function structureKey(structure: Structure): string {
  switch (structure.kind) {
    case "tensor":
      return "T";
    case "static":
      return typeof structure.value === "string"
        ? JSON.stringify(structure.value)
        : Object.is(structure.value, -0)
        ? "-0"
        : String(structure.value);
    case "array":
      return `[${structure.items.map(structureKey).join()}]`;
    case "record":
      return `{${
        structure.items.map(([key, item]) =>
          `${JSON.stringify(key)}:${structureKey(item)}`
        )
      }}`;
  }
}

/**
 * Disposes every tensor of a tree.
 *
 * @example
 * ```ts
 * import { disposeTree } from "./tree.ts";
 * import { tf } from "./tensorflow.ts";
 * disposeTree({ weight: tf.zeros([2]), moments: [tf.zeros([2])] });
 * ```
 */
export function disposeTree(tree: unknown): void {
  for (const tensor of flatten(tree).tensors) if (!tensor.isDisposed) tensor.dispose();
}
