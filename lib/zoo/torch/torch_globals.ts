/**
 * PyTorch's part of the allow-list: storages, the functions that its tensors are pickled with, and
 * the types, devices and shapes among a training script's notes.
 *
 * @module
 */
import type { ElementType } from "../element_types.ts";
import { CheckpointError, damaged } from "../pickle/checkpoint_error.ts";
import type { Call, Globals } from "../pickle/globals.ts";
import { kindOf, type Pickled, type Storage, tensorOf } from "../pickle/pickled.ts";

/** PyTorch's names of the types that mimkit reads. */
export const torchElementTypes: Readonly<Record<string, ElementType>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint64: "U64",
  uint32: "U32",
  uint16: "U16",
  uint8: "U8",
  bool: "BOOL",
};

/** PyTorch's storages, by what they hold; those of types that mimkit does not read have a size. */
export const storageTypes: Readonly<Record<string, { type: string; size: number }>> = {
  DoubleStorage: { type: "float64", size: 8 },
  FloatStorage: { type: "float32", size: 4 },
  HalfStorage: { type: "float16", size: 2 },
  BFloat16Storage: { type: "bfloat16", size: 2 },
  LongStorage: { type: "int64", size: 8 },
  IntStorage: { type: "int32", size: 4 },
  ShortStorage: { type: "int16", size: 2 },
  CharStorage: { type: "int8", size: 1 },
  ByteStorage: { type: "uint8", size: 1 },
  BoolStorage: { type: "bool", size: 1 },
  UntypedStorage: { type: "uint8", size: 1 },
  ComplexDoubleStorage: { type: "complex128", size: 16 },
  ComplexFloatStorage: { type: "complex64", size: 8 },
  QInt8Storage: { type: "qint8", size: 1 },
  QUInt8Storage: { type: "quint8", size: 1 },
  QInt32Storage: { type: "qint32", size: 4 },
};

const otherTypes = [
  "complex32",
  "complex64",
  "complex128",
  "float8_e4m3fn",
  "float8_e5m2",
  "float8_e4m3fnuz",
  "float8_e5m2fnuz",
  "qint8",
  "quint8",
  "qint32",
];

function refuse(what: string): CheckpointError {
  return new CheckpointError(`its pickle has a tensor ${what}: ${damaged}`);
}

function isStorage(value: Pickled | undefined): value is Storage {
  return typeof value === "object" && value !== null && value.kind === "storage";
}

/** PyTorch's own limit. */
const mostAxes = 64;

function lengthsIn(value: Pickled | undefined): number[] {
  const isSequence = typeof value === "object" && value !== null &&
    (value.kind === "tuple" || value.kind === "list");
  if (
    !isSequence || value.items.length > mostAxes ||
    value.items.some((item) => typeof item !== "number")
  ) {
    throw refuse(`whose shape or strides are ${kindOf(value)}, no tuple of lengths`);
  }
  return [...value.items as number[]];
}

function rebuild(given: readonly Pickled[], typeName?: string): Pickled {
  const [storage, offset, shape, strides] = given;
  if (!isStorage(storage)) throw refuse(`on ${kindOf(storage)} in place of a storage`);
  if (typeof offset !== "number") throw refuse(`at ${kindOf(offset)}`);
  const type = typeName ?? storage.typeName;
  const known = Object.hasOwn(torchElementTypes, type);
  return {
    kind: "tensor",
    shape: lengthsIn(shape),
    strides: lengthsIn(strides),
    offset,
    typeName: type,
    dtype: known ? torchElementTypes[type] : undefined,
    storage,
  };
}

/** Types that have no storage of their own: (storage, offset, shape, strides, …, type, …). */
const rebuildTyped: Call = (given) => {
  const type = given[6];
  const isType = typeof type === "object" && type?.kind === "global";
  if (!isType) throw refuse(`of the type ${kindOf(type)}`);
  return rebuild(given, type.name.replace(/^torch\./, ""));
};

/** What is a tensor already, with things around it that do not matter here. */
const sameTensor: Call = ([tensor]) => {
  if (tensor === undefined || tensorOf(tensor) === undefined) {
    throw refuse(`made of ${kindOf(tensor)}`);
  }
  return tensor;
};

/** A tensor of a subclass: (function, class, arguments, attributes). */
const rebuildSubclass: Call = ([global, , given]) => {
  const isCall = typeof global === "object" && global?.kind === "global" &&
    global.call !== undefined && global.name.startsWith("torch._utils.");
  const isTuple = typeof given === "object" && given?.kind === "tuple";
  if (!isCall || !isTuple) throw refuse(`made by ${kindOf(global)}`);
  return global.call(given.items);
};

const asTuple: Call = ([items]) => {
  const isSequence = typeof items === "object" && items !== null && "items" in items &&
    items.kind !== "object";
  if (!isSequence) throw refuse(`with ${kindOf(items)} for a shape`);
  return { kind: "tuple", items: items.items };
};

const first: Call = ([value]) => value ?? null;

function named(prefix: string, names: readonly string[]): Globals {
  return Object.fromEntries(names.map((name) => [`${prefix}.${name}`, null]));
}

/** PyTorch's globals. */
export const torchGlobals: Globals = {
  ...named("torch", [...Object.keys(torchElementTypes), ...otherTypes]),
  ...named("torch", Object.keys(storageTypes)),
  ...named("torch.cuda", Object.keys(storageTypes)),
  ...named("torch.storage", ["UntypedStorage", "TypedStorage", "_UntypedStorage"]),
  ...named("torch", ["Tensor", "strided", "contiguous_format", "preserve_format"]),
  "torch.Size": asTuple,
  "torch.device": null,
  "torch.torch_version.TorchVersion": first,
  "torch.serialization._get_layout": first,
  "torch.nn.parameter.Parameter": sameTensor,
  "torch.nn.parameter.Buffer": sameTensor,
  "torch._utils._rebuild_tensor": (given) => rebuild(given),
  "torch._utils._rebuild_tensor_v2": (given) => rebuild(given),
  "torch._utils._rebuild_tensor_v3": rebuildTyped,
  "torch._utils._rebuild_parameter": sameTensor,
  "torch._utils._rebuild_parameter_with_state": sameTensor,
  "torch._utils._rebuild_device_tensor_from_cpu_tensor": sameTensor,
  "torch._tensor._rebuild_from_type_v2": rebuildSubclass,
  "torch._tensor._rebuild_from_type": rebuildSubclass,
  "torch.jit._pickle.build_intlist": first,
  "torch.jit._pickle.build_doublelist": first,
  "torch.jit._pickle.build_boollist": first,
  "torch.jit._pickle.build_tensorlist": first,
  "torch.jit._pickle.restore_type_tag": first,
};
