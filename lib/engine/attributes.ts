/**
 * An operation's attributes: checked against its definition, then set on an eager operation or on
 * a graph node, which take them through functions of the same form.
 *
 * @module
 */
import { isDataType, shapeProblem } from "./dtypes.ts";
import type { AttributeDefinition, OperationDefinition } from "./operations.ts";
import { cString, native, type Pointer, status } from "./native.ts";

/** The kinds of attribute that tfjs names, in its numbering (tfjs_binding.d.ts). */
export const AttributeKind = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
} as const;

/** An attribute as tfjs gives it: a kind, and one value or a list of them. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

const kindNames = ["string", "int", "float", "bool", "type", "shape"] as const;
const listKindNames = kindNames.map((kind) => `list(${kind})`);

/** Attributes with a value checked to be of the operation's own kind. */
export type CheckedAttribute =
  | { name: string; kind: "string"; value: Uint8Array<ArrayBuffer> }
  | { name: string; kind: "int"; value: bigint }
  | { name: string; kind: "float" | "type"; value: number }
  | { name: string; kind: "bool"; value: boolean }
  | { name: string; kind: "shape"; value: BigInt64Array<ArrayBuffer> }
  | { name: string; kind: "list(int)"; value: BigInt64Array<ArrayBuffer> }
  | { name: string; kind: "list(float)"; value: Float32Array<ArrayBuffer> }
  | { name: string; kind: "list(type)"; value: Int32Array<ArrayBuffer> }
  | { name: string; kind: "list(string)"; value: Uint8Array<ArrayBuffer>[] };

const encoder = new TextEncoder();

function wholeNumber(value: unknown, name: string): bigint {
  if (typeof value === "bigint") {
    if (BigInt.asIntN(64, value) !== value) {
      throw new TypeError("a whole number of 64 bits");
    }
    return value;
  }
  // tfjs draws its seeds as fractions and hands them on as they are.
  const seed = name === "seed" || name === "seed2";
  const number = seed && typeof value === "number" ? Math.trunc(value) : value;
  if (!Number.isSafeInteger(number)) throw new TypeError("a whole number");
  return BigInt(number as number);
}

function elementType(value: unknown): number {
  if (!isDataType(value)) throw new TypeError("a TensorFlow element type");
  return value;
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.slice();
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  throw new TypeError("a list");
}

function numberValue(value: unknown): number {
  if (typeof value !== "number") throw new TypeError("a number");
  return value;
}

function bytesOf(value: unknown): Uint8Array<ArrayBuffer> {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value !== "string") throw new TypeError("a text");
  return encoder.encode(value);
}

function checkValue(name: string, kind: string, value: unknown): CheckedAttribute {
  switch (kind) {
    case "string":
      return { name, kind, value: bytesOf(value) };
    case "list(string)":
      return { name, kind, value: list(value).map(bytesOf) };
    case "int":
      return { name, kind, value: wholeNumber(value, name) };
    case "float":
      return { name, kind, value: numberValue(value) };
    case "bool":
      if (typeof value !== "boolean" && value !== 0 && value !== 1) {
        throw new TypeError("true or false");
      }
      return { name, kind, value: Boolean(value) };
    case "type":
      return { name, kind, value: elementType(value) };
    case "shape": {
      const lengths = list(value);
      const problem = shapeProblem(lengths, -1);
      if (problem !== undefined) throw new TypeError(`a shape of ${problem}`);
      return { name, kind, value: BigInt64Array.from(lengths as number[], BigInt) };
    }
    case "list(int)": {
      const items = list(value).map((item) => wholeNumber(item, name));
      return { name, kind, value: BigInt64Array.from(items) };
    }
    case "list(float)":
      return { name, kind, value: Float32Array.from(list(value), numberValue) };
    case "list(type)":
      return { name, kind, value: Int32Array.from(list(value), elementType) };
    default:
      throw new TypeError(`no value from JavaScript (its kind is ${kind})`);
  }
}

/** TensorFlow checks it for graphs only; an eager operation below it may end the process. */
function requireMinimum({ kind, value }: CheckedAttribute, minimum: number): void {
  if (kind === "int" && value < minimum) {
    throw new TypeError(`a whole number from ${minimum}`);
  }
  if (kind.startsWith("list") && (value as ArrayLike<unknown>).length < minimum) {
    throw new TypeError(`a list of at least ${minimum}`);
  }
}

// A kernel sets an attribute to few values; what tells data apart (a seed, a limit) stays out.
const mostRemembered = 16;

function checkAttribute(
  operation: OperationDefinition,
  definition: AttributeDefinition,
  type: number,
  value: unknown,
): CheckedAttribute {
  const { name, type: wanted, checked } = definition;
  const given = kindNames[type];
  if (given === undefined || (wanted !== given && wanted !== listKindNames[type])) {
    throw new Error(
      `${operation.name}: attribute "${name}" is of kind ${wanted}, not ${
        given ?? inspect(type)
      }`,
    );
  }
  const known = checked.get(value);
  if (known !== undefined) return known;
  try {
    const result = checkValue(name, wanted, value);
    requireMinimum(result, definition.minimum);
    // An object's content may change, and 0 and -0 are one key.
    const isPlain = typeof value !== "object" && value !== 0;
    if (isPlain && checked.size < mostRemembered) checked.set(value, result);
    return result;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error(
      `${operation.name}: attribute "${name}" takes ${error.message}, got ${
        inspect(value)
      }`,
    );
  }
}

function inspect(value: unknown): string {
  return Deno.inspect(value, { depth: 1, iterableLimit: 8, strAbbreviateSize: 60 });
}

/**
 * Checks attributes against the operation's definition.
 *
 * @throws {Error} that names the operation and the attribute.
 */
export function checkAttributes(
  operation: OperationDefinition,
  attributes: readonly Attribute[],
): CheckedAttribute[] {
  if (!Array.isArray(attributes)) {
    throw new Error(
      `${operation.name}: attributes must be an array, got ${inspect(attributes)}`,
    );
  }
  const checked: CheckedAttribute[] = [];
  for (const attribute of attributes as readonly (Attribute | null | undefined)[]) {
    const name = attribute?.name as string;
    const definition = operation.attributes.get(name);
    if (definition === undefined) {
      const known = [...operation.attributes.keys()].join(", ") || "none";
      throw new Error(
        `${operation.name} has no attribute ${inspect(name)}; it has: ${known}`,
      );
    }
    for (const earlier of checked) {
      if (earlier.name === name) {
        throw new Error(`${operation.name}: attribute "${name}" was given twice`);
      }
    }
    checked.push(
      checkAttribute(operation, definition, attribute!.type, attribute!.value),
    );
  }
  for (const { name, type } of operation.required) {
    if (!checked.some((given) => given.name === name)) {
      throw new Error(`${operation.name} needs the attribute "${name}" (${type})`);
    }
  }
  return checked;
}

/** The addresses and lengths of texts, as C takes a list of them; valid as long as the texts. */
function addressesOf(texts: Uint8Array<ArrayBuffer>[]) {
  const pointer = (bytes: Uint8Array<ArrayBuffer>): bigint =>
    bytes.length === 0
      ? 0n
      : BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
  return {
    addresses: BigUint64Array.from(texts, pointer),
    lengths: BigUint64Array.from(texts, (bytes) => BigInt(bytes.length)),
  };
}

/** Sets a checked attribute on an eager operation. */
export function setEagerAttribute(operation: Pointer, attribute: CheckedAttribute): void {
  const name = cString(attribute.name);
  const { kind, value } = attribute;
  switch (kind) {
    case "string":
      return native.TFE_OpSetAttrString(operation, name, value, BigInt(value.length));
    case "int":
      return native.TFE_OpSetAttrInt(operation, name, value);
    case "float":
      return native.TFE_OpSetAttrFloat(operation, name, value);
    case "bool":
      return native.TFE_OpSetAttrBool(operation, name, value ? 1 : 0);
    case "type":
      return native.TFE_OpSetAttrType(operation, name, value);
    case "shape":
      return native.TFE_OpSetAttrShape(operation, name, value, value.length, status);
    case "list(int)":
      return native.TFE_OpSetAttrIntList(operation, name, value, value.length);
    case "list(float)":
      return native.TFE_OpSetAttrFloatList(operation, name, value, value.length);
    case "list(type)":
      return native.TFE_OpSetAttrTypeList(operation, name, value, value.length);
    case "list(string)": {
      const { addresses, lengths } = addressesOf(value);
      return native.TFE_OpSetAttrStringList(
        operation,
        name,
        addresses,
        lengths,
        value.length,
      );
    }
  }
}

/** Sets a checked attribute on a graph node. */
export function setNodeAttribute(node: Pointer, attribute: CheckedAttribute): void {
  const name = cString(attribute.name);
  const { kind, value } = attribute;
  switch (kind) {
    case "string":
      return native.TF_SetAttrString(node, name, value, BigInt(value.length));
    case "int":
      return native.TF_SetAttrInt(node, name, value);
    case "float":
      return native.TF_SetAttrFloat(node, name, value);
    case "bool":
      return native.TF_SetAttrBool(node, name, value ? 1 : 0);
    case "type":
      return native.TF_SetAttrType(node, name, value);
    case "shape":
      return native.TF_SetAttrShape(node, name, value, value.length);
    case "list(int)":
      return native.TF_SetAttrIntList(node, name, value, value.length);
    case "list(float)":
      return native.TF_SetAttrFloatList(node, name, value, value.length);
    case "list(type)":
      return native.TF_SetAttrTypeList(node, name, value, value.length);
    case "list(string)": {
      const { addresses, lengths } = addressesOf(value);
      return native.TF_SetAttrStringList(node, name, addresses, lengths, value.length);
    }
  }
}
