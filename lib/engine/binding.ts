/**
 * The object that tfjs-node's kernels expect from their native addon (tfjs_binding.d.ts), served by
 * TensorFlow's C API. With no trace open an operation runs at once; with one open it is recorded.
 *
 * @module
 */
import { type Attribute, checkAttributes, setEagerAttribute } from "./attributes.ts";
import type { CheckedAttribute } from "./attributes.ts";
import { eagerContext } from "./context.ts";
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
import {
  check,
  cString,
  native,
  type Pointer,
  status,
  tensorflowVersion,
} from "./native.ts";
import type { GuardedInput } from "./guards.ts";
import { briefly, checkCounts, mostOutputs } from "./operation_counts.ts";
import { type OperationDefinition, operationDefinition } from "./operations.ts";
import { castForOperation, isReducedProduct, reducedAttributes } from "./precision.ts";
import { sourceLocation } from "./source_location.ts";
import { groupInputs, recordOperation } from "./recording.ts";
import {
  activeTrace,
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
        briefly(id)
      }) was disposed, or comes from a ` +
        "trace that has ended",
    );
  }
  return handle;
}

// Where TensorFlow writes the results of the operation that runs; one at a time does.
const resultPointers = new BigUint64Array(mostOutputs);
const resultCount = new Int32Array(1);

/** Refuses what TensorFlow would end the process on. */
function checkWithGuard(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
  shapeOf: (id: number, position: number) => number[] | undefined,
): void {
  const { guard, name } = operation;
  if (guard === undefined) return;
  const given = inputs.map((id, position): GuardedInput => ({
    shape: shapeOf(id, position),
    values: () => {
      const handle = findHandle(id);
      return handle && readHandle(handle) as ArrayLike<number | bigint>;
    },
  }));
  const problem = guard(given, attributes);
  if (problem !== undefined) throw new Error(`${name}: ${problem}`);
}

/** Adds inputs of which some are lists; TensorFlow learns a list's length and types from it. */
function addInputGroups(
  op: Pointer,
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
): void {
  const { name } = operation;
  const pointers = inputs.map((id, position) =>
    requireHandle(name, id, position).pointer
  );
  for (const { items, isList } of groupInputs(operation, attributes, pointers)) {
    if (items.length === 0) continue; // TensorFlow looks at the first of a list in any case
    if (isList) {
      const list = BigUint64Array.from(
        items,
        (pointer) => BigInt(Deno.UnsafePointer.value(pointer)),
      );
      native.TFE_OpAddInputList(op, list, list.length, status);
    } else native.TFE_OpAddInput(op, items[0]!, status);
    check(name);
  }
}

/** Runs one operation now. */
function run(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
  outputCount: number,
): TensorMetadata[] {
  const { name } = operation;
  checkWithGuard(
    ...[operation, attributes, inputs] as const,
    (id, position) => requireHandle(name, id, position).shape,
  );
  const op = native.TFE_NewOp(eagerContext(), cString(name), status);
  check(name);
  try {
    if (operation.hasListInput) addInputGroups(op, operation, attributes, inputs);
    else {
      for (let position = 0; position < inputs.length; position++) {
        const { pointer } = requireHandle(name, inputs[position]!, position);
        native.TFE_OpAddInput(op, pointer, status);
        check(name);
      }
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

/** A float32 tensor as bfloat16, or back. */
function castNow(id: number, from: number, to: number): TensorMetadata {
  const attributes: CheckedAttribute[] = [
    { name: "SrcT", kind: "type", value: from },
    { name: "DstT", kind: "type", value: to },
  ];
  return run(operationDefinition("Cast"), attributes, [id], 1)[0]!;
}

/** Runs a product on bfloat16 copies of its inputs; its result is float32 again. */
function runReduced(
  operation: OperationDefinition,
  attributes: readonly CheckedAttribute[],
  inputs: readonly number[],
): TensorMetadata[] {
  const { float32, bfloat16 } = DataType;
  const temporary = inputs.map((id) => castNow(id, float32, bfloat16).id);
  try {
    const [product] = run(operation, reducedAttributes(attributes), temporary, 1);
    temporary.push(product!.id);
    return [castNow(product!.id, bfloat16, float32)];
  } finally {
    temporary.forEach(deleteHandle);
  }
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
  checkWithGuard(operation, attributes, inputs, (_, position) => given[position]!.shape);
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
  /** Asked for when the backend is made, before `configure` had its say; no kernel looks at it. */
  isUsingGpuDevice: (): boolean => false,
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
        `${name}: inputs must be an array of tensor numbers, got ${briefly(inputs)}`,
      );
    }
    checkCounts(operation, checked, inputs, outputCount);
    const trace = activeTrace();
    if (trace !== undefined) {
      return record(trace, operation, checked, inputs, outputCount);
    }
    return isReducedProduct(operation, checked)
      ? runReduced(operation, checked, inputs)
      : run(operation, checked, inputs, outputCount);
  },
};
