/**
 * The object that tfjs-node's kernels expect from their native addon (tfjs_binding.d.ts), served by
 * TensorFlow's C API. With no trace open an operation runs at once; with one open it is recorded.
 *
 * @module
 */
import { type Attribute, checkAttributes, setEagerAttribute } from "./attributes.ts";
import type { CheckedAttribute } from "./attributes.ts";
import { eagerContext, hasGpu } from "./context.ts";
import { DataType, type TensorValues } from "./dtypes.ts";
import {
  adoptResult,
  createHandle,
  deleteHandle,
  findHandle,
  type Handle,
  handleCount,
  readHandle,
  type StringValues,
  type TensorMetadata,
} from "./handles.ts";
import { check, cString, native, status, tensorflowVersion } from "./native.ts";
import { type OperationDefinition, operationDefinition } from "./operations.ts";
import { castForOperation } from "./precision.ts";
import { sourceLocation } from "./source_location.ts";
import {
  activeTrace,
  groupInputs,
  recordOperation,
  registerSymbol,
  type Symbol,
  symbolOf,
  type Trace,
} from "./trace.ts";

let operationCount = 0;

/** Number of operations run or recorded so far, for budgets in tests. */
export function executedOperations(): number {
  return operationCount;
}

function requireHandle(operation: string, id: number, position: number): Handle {
  const handle = findHandle(id);
  if (handle === undefined) {
    throw new Error(
      `${operation}: input ${position} (tensor ${
        inspect(id)
      }) was disposed, or comes from a ` +
        "trace that has ended",
    );
  }
  return handle;
}

function inspect(value: unknown): string {
  return Deno.inspect(value, { depth: 1, iterableLimit: 8, strAbbreviateSize: 60 });
}

// More outputs than any operation of a sensible size has; a bound on what is allocated for them.
const mostOutputs = 4096;

/** How many outputs an operation has, or undefined where a default of TensorFlow's decides. */
function outputCountOf(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
): number | undefined {
  if (!operation.hasListOutput) return operation.outputs.length;
  const groups = groupInputs(operation, attributes, inputs);
  let count = 0;
  for (const { lengthAttribute, typeListAttribute } of operation.outputs) {
    const name = lengthAttribute || typeListAttribute;
    const given = attributes.find((attribute) => attribute.name === name);
    const input = operation.inputs.findIndex((argument) =>
      name === argument.lengthAttribute || name === argument.typeListAttribute
    );
    if (name === "") count++;
    else if (given?.kind === "int") count += Number(given.value);
    else if (given?.kind === "list(type)") count += given.value.length;
    else if (input >= 0) count += groups[input]!.items.length;
    else return undefined;
  }
  return count;
}

/** Checks the number of inputs and outputs, without which memory would be read or written wrongly. */
function checkCounts(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
  outputCount: number,
): void {
  if (operation.hasListInput || inputs.length !== operation.inputs.length) {
    groupInputs(operation, attributes, inputs);
  }
  if (!Number.isInteger(outputCount) || outputCount < 0 || outputCount > mostOutputs) {
    throw new Error(
      `${operation.name}: the number of outputs must be a whole number up to ${mostOutputs}, ` +
        `got ${inspect(outputCount)}`,
    );
  }
  const expected = outputCountOf(operation, attributes, inputs);
  if (expected !== undefined && outputCount !== expected) {
    throw new Error(
      `${operation.name} has ${expected} outputs, ${outputCount} were asked for`,
    );
  }
}

// Where TensorFlow writes the results of the operation that runs; one at a time does.
const resultPointers = new BigUint64Array(mostOutputs);
const resultCount = new Int32Array(1);

function checkShapes(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly { shape: number[] | undefined }[],
): void {
  const problem = operation.guard?.(inputs.map(({ shape }) => shape), attributes);
  if (problem !== undefined) throw new Error(`${operation.name}: ${problem}`);
}

/** Runs one operation now. */
function run(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
  outputCount: number,
): TensorMetadata[] {
  const { name } = operation;
  if (operation.guard !== undefined) {
    const handles = inputs.map((id, position) => requireHandle(name, id, position));
    checkShapes(operation, attributes, handles);
  }
  const op = native.TFE_NewOp(eagerContext(), cString(name), status);
  check(name);
  try {
    for (let position = 0; position < inputs.length; position++) {
      const { pointer } = requireHandle(name, inputs[position]!, position);
      native.TFE_OpAddInput(op, pointer, status);
      check(name);
    }
    for (const attribute of attributes) setEagerAttribute(op, attribute);
    resultCount[0] = outputCount;
    native.TFE_Execute(op, resultPointers, resultCount, status);
    check(name);
  } finally {
    native.TFE_DeleteOp(op);
  }
  const results: TensorMetadata[] = [];
  for (let index = 0; index < resultCount[0]!; index++) {
    results.push(adoptResult(Deno.UnsafePointer.create(resultPointers[index]!)));
  }
  if (results.length !== outputCount) {
    for (const { id } of results) deleteHandle(id);
    throw new Error(
      `${name} has ${results.length} outputs, ${outputCount} were asked for`,
    );
  }
  return results;
}

// Operations that draw from a hidden generator would not be a function of the traced inputs.
const hostRandom = /^(Multinomial|Random|TruncatedNormal|ParameterizedTruncatedNormal)/;

/** Records one operation; a result whose shape only a run could know is an error. */
function record(
  trace: Trace,
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
  outputCount: number,
): TensorMetadata[] {
  if (operation.stateful && hostRandom.test(operation.name)) {
    throw new Error(
      `${operation.name} draws random numbers that a traced function would not repeat` +
        `${sourceLocation()}: use the functions of random with a key that is an argument`,
    );
  }
  const given = inputs.map((id) => symbolOf(trace, id));
  checkShapes(operation, attributes, given);
  const cast = castForOperation(trace, operation, attributes, given);
  const symbols = recordOperation(
    trace,
    operation,
    cast.attributes,
    cast.inputs,
    outputCount,
  );
  return symbols.map((symbol) => metadataOf(trace, operation.name, symbol));
}

/** What tfjs is told about a symbol: bfloat16 passes for float32, which is all that it knows. */
export function metadataOf(
  trace: Trace,
  operation: string,
  symbol: Symbol,
): TensorMetadata {
  if (symbol.shape === undefined) {
    throw new Error(
      `${operation}${sourceLocation()} has a result whose shape depends on values, which a traced ` +
        "function cannot have: compute it outside of jit, or use a mask of fixed shape",
    );
  }
  const dtype = symbol.dataType === DataType.bfloat16
    ? DataType.float32
    : symbol.dataType;
  return { id: registerSymbol(trace, symbol), shape: symbol.shape, dtype };
}

/** The addon's interface, as far as the kernels use it. */
export const binding = {
  TF_FLOAT: DataType.float32,
  TF_INT32: DataType.int32,
  TF_INT64: DataType.int64,
  TF_BOOL: DataType.bool,
  TF_COMPLEX64: DataType.complex64,
  TF_STRING: DataType.string,
  TF_RESOURCE: DataType.resource,
  TF_UINT8: DataType.uint8,
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
  TF_ATTR_RESOURCE: 100,
  get TF_Version(): string {
    return tensorflowVersion();
  },
  isUsingGpuDevice: hasGpu,
  getNumOfTensors: handleCount,
  getNumOfSavedModels: (): number => 0,

  /** Always a real tensor: one made while tracing becomes a constant when it is used. */
  createTensor: createHandle,

  deleteTensor(id: number): void {
    if (activeTrace()?.symbols.delete(id)) return;
    deleteHandle(id);
  },

  tensorDataSync(id: number): TensorValues | StringValues {
    const handle = findHandle(id);
    if (handle !== undefined) return readHandle(handle);
    if (activeTrace()?.symbols.has(id)) {
      throw new Error(
        `The value of a tensor was read inside a traced function${sourceLocation()}, where it has ` +
          "none yet: return the tensor and read it outside, or use tensor operations such as where",
      );
    }
    throw new Error(`Tensor ${id} was disposed, or comes from a trace that has ended`);
  },

  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    operationCount++;
    const operation = operationDefinition(name);
    const checked = checkAttributes(operation, attributes);
    if (!Array.isArray(inputs)) {
      throw new Error(
        `${name}: inputs must be an array of tensor numbers, got ${inspect(inputs)}`,
      );
    }
    checkCounts(operation, checked, inputs, outputCount);
    const trace = activeTrace();
    return trace === undefined
      ? run(operation, checked, inputs, outputCount)
      : record(trace, operation, checked, inputs, outputCount);
  },
};
