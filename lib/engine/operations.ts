/**
 * What TensorFlow says about each of its operations (its OpDef): inputs, attributes, whether it
 * keeps state. The binding checks every call against it before native memory is touched.
 *
 * @module
 */
import { PbfReader } from "pbf";
import type { CheckedAttribute } from "./attributes.ts";
import { type Guard, guardOf, refusalOf } from "./guards.ts";
import { check, cString, native, nativeBytes, type Pointer, status } from "./native.ts";

/** One input or output of an operation. */
export interface ArgumentDefinition {
  name: string;
  /** The fixed element type, or 0 when an attribute gives it. */
  dataType: number;
  /** The attribute that gives the element type, such as "T". */
  typeAttribute: string;
  /** The attribute that gives the length of a list of equal types, such as "N". */
  lengthAttribute: string;
  /** The attribute that gives the types of a mixed list. */
  typeListAttribute: string;
}

/** One attribute of an operation; `type` as TensorFlow writes it: "int", "list(int)", "type", … */
export interface AttributeDefinition {
  name: string;
  type: string;
  hasDefault: boolean;
  /** The least value of an int, or the least length of a list. */
  minimum: number;
  /** Values that were checked before, ready to be set: at most a few, those of a kernel. */
  checked: Map<unknown, CheckedAttribute>;
}

/** An operation's contract. */
export interface OperationDefinition {
  name: string;
  inputs: ArgumentDefinition[];
  outputs: ArgumentDefinition[];
  attributes: Map<string, AttributeDefinition>;
  /** Attributes that neither have a default nor follow from the inputs. */
  required: AttributeDefinition[];
  /** Whether an input, or an output, is a list, so that their number is not fixed. */
  hasListInput: boolean;
  hasListOutput: boolean;
  stateful: boolean;
  /** Checks what TensorFlow would end the process on. */
  guard: Guard | undefined;
}

// Field numbers from tensorflow/core/framework/op_def.proto.
function readArgument(reader: PbfReader): ArgumentDefinition {
  return reader.readMessage((tag, argument, field) => {
    if (tag === 1) argument.name = field.readString();
    else if (tag === 3) argument.dataType = field.readVarint();
    else if (tag === 4) argument.typeAttribute = field.readString();
    else if (tag === 5) argument.lengthAttribute = field.readString();
    else if (tag === 6) argument.typeListAttribute = field.readString();
  }, {
    name: "",
    dataType: 0,
    typeAttribute: "",
    lengthAttribute: "",
    typeListAttribute: "",
  });
}

function readAttribute(reader: PbfReader): AttributeDefinition {
  return reader.readMessage((tag, attribute, field) => {
    if (tag === 1) attribute.name = field.readString();
    else if (tag === 2) attribute.type = field.readString();
    else if (tag === 3) attribute.hasDefault = true;
    else if (tag === 6) attribute.minimum = field.readVarint(true);
  }, {
    name: "",
    type: "",
    hasDefault: false as boolean,
    minimum: -Infinity,
    checked: new Map(),
  });
}

function readOperation(bytes: Uint8Array): OperationDefinition {
  const empty: OperationDefinition = {
    name: "",
    inputs: [],
    outputs: [],
    attributes: new Map(),
    required: [],
    hasListInput: false,
    hasListOutput: false,
    stateful: false,
    guard: undefined,
  };
  const operation = new PbfReader(bytes).readFields((tag, operation, reader) => {
    if (tag === 1) operation.name = reader.readString();
    else if (tag === 2) operation.inputs.push(readArgument(reader));
    else if (tag === 3) operation.outputs.push(readArgument(reader));
    else if (tag === 4) {
      const attribute = readAttribute(reader);
      operation.attributes.set(attribute.name, attribute);
    } else if (tag === 17) operation.stateful = reader.readBoolean();
  }, empty);
  operation.hasListInput = operation.inputs.some(isListArgument);
  operation.hasListOutput = operation.outputs.some(isListArgument);
  const inferred = new Set(
    operation.inputs.flatMap((input) => [
      ...[input.typeAttribute, input.lengthAttribute, input.typeListAttribute],
    ]),
  );
  operation.required = [...operation.attributes.values()].filter(({ name, hasDefault }) =>
    !hasDefault && !inferred.has(name)
  );
  operation.guard = guardOf(operation.name);
  return operation;
}

/** Whether an argument stands for several tensors. */
export function isListArgument(argument: ArgumentDefinition): boolean {
  return argument.lengthAttribute !== "" || argument.typeListAttribute !== "";
}

const definitions = new Map<string, OperationDefinition>();
let anyGraph: Pointer = null;

/**
 * The definition of a TensorFlow operation.
 *
 * @throws {Error} when TensorFlow has no operation of that name.
 *
 * @example
 * ```ts
 * import { operationDefinition } from "./operations.ts";
 * console.log(operationDefinition("MatMul").inputs.map((input) => input.name)); // [ "a", "b" ]
 * ```
 */
export function operationDefinition(name: string): OperationDefinition {
  const known = definitions.get(name);
  if (known !== undefined) return known;
  if (typeof name !== "string" || !/^\w+$/.test(name)) {
    throw new Error(`TensorFlow has no operation ${Deno.inspect(name)}`);
  }
  const reason = refusalOf(name);
  if (reason !== undefined) {
    throw new Error(`The operation ${name} is refused: ${reason}`);
  }
  anyGraph ??= native.TF_NewGraph();
  const bufferPointer = native.TF_NewBuffer();
  try {
    native.TF_GraphGetOpDef(anyGraph, cString(name), bufferPointer, status);
    check(`TensorFlow has no operation "${name}"`);
    // TF_Buffer { const void* data; size_t length; … }
    const view = new Deno.UnsafePointerView(bufferPointer!);
    const length = Number(view.getBigUint64(8));
    const definition = readOperation(nativeBytes(view.getPointer(0), length).slice());
    definitions.set(name, definition);
    return definition;
  } finally {
    native.TF_DeleteBuffer(bufferPointer);
  }
}
