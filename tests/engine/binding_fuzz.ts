/**
 * Calls the binding with thousands of damaged calls, to see whether any of them ends the process.
 * binding_fuzz_test.ts runs it in a process of its own. Arguments: seed, number of calls.
 *
 * @module
 */
import type { Attribute } from "../../lib/engine/attributes.ts";
import { binding } from "../../lib/engine/binding.ts";
import { metadataOf } from "../../lib/engine/binding.ts";
import { DataType } from "../../lib/engine/dtypes.ts";
import { findHandle, shareHandle } from "../../lib/engine/handles.ts";
import { operationDefinition } from "../../lib/engine/operations.ts";
import { tf } from "../../lib/engine/tensorflow.ts";
import { addInput, closeTrace, openTrace } from "../../lib/engine/trace.ts";
import { operationNames } from "./binding_fuzz_operations.ts";

const [seed = "1", calls = "1000"] = Deno.args;

// mulberry32 (Tommy Ettinger, public domain): small, and the same everywhere.
let state = Number(seed) >>> 0;
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const pick = <Item>(items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)]!;
const chance = (share: number): boolean => random() < share;

interface Call {
  name: string;
  attributes: Attribute[];
  inputs: number[];
  outputCount: number;
}

/** Real calls, as tfjs's kernels make them: what the fuzzer damages. */
function realCalls(): Call[] {
  const calls: Call[] = [];
  const execute = binding.executeOp;
  binding.executeOp = (name, attributes, inputs, outputCount) => {
    // A share of each input, since tfjs disposes its own.
    const shares = inputs.map(shareHandle);
    calls.push({ name, attributes: [...attributes], inputs: shares, outputCount });
    return execute(name, attributes, inputs, outputCount);
  };
  const x = tf.tensor2d([[1, -2, 3], [4, 5, 6]]);
  const whole = tf.tensor1d([2, 0, 1], "int32");
  const image = tf.ones([1, 6, 6, 2]) as ReturnType<typeof tf.tensor4d>;
  const filter = tf.ones([3, 3, 2, 2]) as ReturnType<typeof tf.tensor4d>;
  const volume = tf.ones([1, 4, 4, 4, 1]) as ReturnType<typeof tf.tensor5d>;
  const boxes = tf.tensor2d([[0, 0, 1, 1], [0, 0, 0.5, 0.5]]);
  const bits = tf.tensor1d([true, false, true], "bool");
  const complex = tf.complex(tf.ones([4]), tf.zeros([4]));
  const bodies: (() => unknown)[] = [
    () => tf.grad((some) => tf.conv2d(some as typeof image, filter, 1, "same"))(image),
    () => tf.depthwiseConv2d(image, filter, 1, "valid"),
    () => tf.grad((some) => tf.maxPool(some as typeof image, 2, 2, "same"))(image),
    () => tf.grad((some) => tf.avgPool(some as typeof image, 2, 2, "same"))(image),
    () => tf.conv3d(volume, tf.ones([2, 2, 2, 1, 1]), 1, "same"),
    () => tf.image.resizeBilinear(image, [3, 3]),
    () => tf.image.resizeNearestNeighbor(image, [9, 9]),
    () => tf.image.cropAndResize(image, boxes, tf.zeros([2], "int32"), [2, 2]),
    () => tf.image.nonMaxSuppression(boxes, tf.tensor1d([0.9, 0.8]), 2),
    () => tf.matMul(x, x, false, true),
    () => tf.grad((some) => tf.softmax(some as typeof x))(x),
    () => tf.logSoftmax(x),
    () => tf.concat([x, x], 1),
    () => tf.split(x, 3, 1),
    () => tf.stack([x, x]),
    () => tf.unstack(x),
    () => tf.gather(x, whole, 1),
    () => tf.gatherND(x, tf.tensor2d([[0, 1]], [1, 2], "int32")),
    () => tf.scatterND(tf.tensor2d([[1], [0]], [2, 1], "int32"), x, [3, 3]),
    () => tf.oneHot(whole, 4),
    () => tf.pad(x, [[1, 0], [0, 2]]),
    () => tf.mirrorPad(x, [[1, 0], [0, 2]], "reflect"),
    () => tf.tile(x, [2, 1]),
    () => tf.reverse(x, 1),
    () => tf.transpose(x),
    () => tf.slice(x, [0, 1], [2, 2]),
    () => tf.stridedSlice(x, [0, 0], [2, 3], [1, 2]),
    () => tf.topk(x, 2),
    () => tf.unique(whole),
    () => tf.cumsum(x, 1, true),
    () => tf.where(tf.greater(x, 0), x, tf.zerosLike(x)),
    () => tf.sum(x, 1),
    () => tf.mean(x),
    () => tf.max(x, 0),
    () => tf.argMax(x, 1),
    () => tf.all(bits),
    () => tf.logicalAnd(bits, bits),
    () => tf.cast(x, "int32"),
    () => tf.floorDiv(whole, 2),
    () => tf.mod(whole, 2),
    () => tf.spectral.fft(complex),
    () => tf.spectral.rfft(tf.ones([8])),
    () => tf.depthToSpace(tf.ones([1, 2, 2, 4]), 2),
    () => tf.spaceToBatchND(image, [2, 2], [[0, 0], [0, 0]]),
    () => tf.batchNorm(image, [0, 0], [1, 1]),
    () => tf.localResponseNormalization(image),
    () => tf.dilation2d(image, tf.ones([2, 2, 2]), 1, "same"),
    () => tf.linalg.bandPart(x, 1, 1),
    () => tf.linspace(0, 1, 5),
    () => tf.range(0, 5),
    () => tf.fill([2, 2], 3),
    () => tf.multinomial(x, 3, 7),
    () => tf.bincount(whole, tf.tensor1d([]), 3),
    () => tf.einsum("ij,kj->ik", x, x),
    () => tf.unsortedSegmentSum(x, tf.tensor1d([0, 1], "int32"), 2),
    () => tf.broadcastTo(tf.ones([1, 3]), [2, 3]),
    () => tf.clipByValue(x, 0, 1),
    () => tf.leakyRelu(x),
    () => tf.prelu(x, tf.fill([1, 3], 0.2) as typeof x),
    () => tf.erf(x),
  ];
  for (const body of bodies) body();
  binding.executeOp = execute;
  return calls;
}

const shapes = [[], [0], [1], [2], [3], [2, 3], [3, 2], [1, 4, 4, 1], [2, 0, 3], [
  1,
  1,
  1,
  1,
  1,
]];
const numbers = [-3, -1, 0, 1, 2, 3, 5, 50];
const oddNumbers = [
  ...numbers,
  NaN,
  Infinity,
  -Infinity,
  -0,
  0.5,
  1e30,
  -(2 ** 31),
  2 ** 31,
];

const tensorTypes = [1, 1, 1, 3, 3, 3, 2, 4, 5, 6, 7, 8, 9, 9, 10, 17, 22];

function randomTensor(dataType = pick(tensorTypes), shape = pick(shapes)): number {
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: count }, () => pick(numbers));
  switch (dataType) {
    case DataType.float32:
      return binding.createTensor(shape, 1, values.map(() => pick(oddNumbers)));
    case DataType.complex64:
      return binding.createTensor(shape, 8, new Float32Array(2 * count).fill(0.5));
    case DataType.string:
      return binding.createTensor(
        shape,
        7,
        values.map((value) => new Uint8Array(value & 3)),
      );
    case DataType.int64:
      return binding.createTensor(shape, 9, BigInt64Array.from(values, BigInt));
    default:
      return binding.createTensor(
        shape,
        tensorTypes.includes(dataType) ? dataType : 3,
        values,
      );
  }
}

const types = [
  1,
  1,
  1,
  3,
  3,
  9,
  9,
  0,
  1,
  2,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  14,
  19,
  20,
  21,
  77,
  -1,
  1.5,
];
const texts = [
  "",
  "SAME",
  "VALID",
  "NHWC",
  "NCHW",
  "EXPLICIT",
  "half_pixel",
  "a\0b",
  "REFLECT",
];
const oddValues = [
  undefined,
  null,
  {},
  [],
  [[]],
  "x",
  5,
  -1,
  NaN,
  true,
  2n ** 70n,
  () => 0,
];

/** A value of the kind that the operation asks for, sensible or not. */
function valueFor(type: string): unknown {
  const one = (): unknown => {
    if (type.includes("string")) return pick(texts);
    if (type.includes("int")) return pick([-1, 0, 1, 1, 1, 2, 2, 3, 5, 2 ** 31, 2 ** 40]);
    if (type.includes("float")) return pick(oddNumbers);
    if (type.includes("bool")) return chance(0.5);
    if (type.includes("type")) return pick(types);
    return Array.from(
      { length: pick([0, 1, 2, 70]) },
      () => pick([-2, -1, 0, 2, 2 ** 50]),
    );
  };
  if (!type.startsWith("list(")) return one();
  return Array.from({ length: pick([0, 1, 2, 4, 5, 8]) }, one);
}

const kinds = ["string", "int", "float", "bool", "type", "shape"];

/** A call of any operation, with inputs and attributes of the right number and kind. */
function inventedCall(): Call {
  const name = pick(operationNames);
  const definition = operationDefinition(name);
  const attributes: Attribute[] = [];
  for (const { name, type, hasDefault } of definition.attributes.values()) {
    const inferred = definition.inputs.some((input) => input.typeAttribute === name);
    if (inferred || (hasDefault && chance(0.7))) continue;
    const kind = kinds.findIndex((known) => type.includes(known));
    const value = valueFor(type);
    attributes.push({ name, type: kind, value });
  }
  // Inputs of fitting types get as far as the kernel.
  const typeOf = new Map<string, number>();
  const shape = pick(shapes);
  const inputs = definition.inputs.map(({ dataType, typeAttribute }) => {
    if (!typeOf.has(typeAttribute)) typeOf.set(typeAttribute, pick(tensorTypes));
    const type = dataType || typeOf.get(typeAttribute)!;
    return chance(0.1)
      ? randomTensor()
      : randomTensor(type, chance(0.5) ? shape : pick(shapes));
  });
  return { name, attributes, inputs, outputCount: definition.outputs.length };
}

function damaged(call: Call, corpus: readonly Call[]): Call {
  const attributes = call.attributes.map((attribute) => ({ ...attribute }));
  const inputs = [...call.inputs];
  let { name, outputCount } = call;
  const position = Math.floor(random() * Math.max(1, inputs.length));
  const attribute = pick(attributes);
  const damages: (() => void)[] = [
    () => inputs[position] = randomTensor(),
    () => inputs[position] = randomTensor(findHandle(inputs[position]!)?.dataType),
    () => inputs[position] = randomTensor(findHandle(inputs[position]!)?.dataType),
    () => inputs[position] = randomTensor(findHandle(inputs[position]!)?.dataType),
    () => inputs.splice(position, 1),
    () => inputs.splice(position, 0, randomTensor()),
    () => inputs[position] = pick([-1, 0, NaN, 1e9, null, undefined, {}, "1"]) as number,
    () => {
      const type = operationDefinition(call.name).attributes.get(attribute?.name ?? "")
        ?.type;
      if (attribute !== undefined && type !== undefined) attribute.value = valueFor(type);
    },
    () => attribute !== undefined && (attribute.value = pick(oddValues)),
    () => attribute !== undefined && (attribute.type = pick([0, 1, 2, 3, 4, 5, 9, -1])),
    () => attribute !== undefined && (attribute.name += "x"),
    () => attribute !== undefined && attributes.push(attribute),
    () => attributes.splice(Math.floor(random() * attributes.length), 1),
    () => outputCount = pick([0, 1, 2, 5, -1, 1e9, NaN, 0.5]),
    () => name = pick(corpus).name,
    () => name = pick(["", "NoSuchOperation", "Add\0V2", "Abort"]),
  ];
  pick(damages)();
  if (chance(0.3)) pick(damages)();
  return { name, attributes, inputs, outputCount };
}

const encoder = new TextEncoder();
/** Says what comes next before it is done: after a crash the last line is the culprit. */
function announce(mode: string, call: Call): void {
  const inputs = call.inputs.map((id) => {
    const handle = findHandle(id);
    return handle === undefined ? String(id) : `${handle.dataType}[${handle.shape}]`;
  });
  const attributes = call.attributes.map(({ name, type, value }) =>
    `${name}(${type})=${
      Deno.inspect(value, { breakLength: Infinity, depth: 1, compact: true })
    }`
  );
  const text = `${mode} ${call.name}(${
    inputs.join(" ")
  }) {${attributes}} → ${call.outputCount}\n`;
  Deno.stdout.writeSync(encoder.encode(text));
}

let succeeded = 0;
function attempt(body: () => unknown): void {
  try {
    body();
    succeeded++;
  } catch (error) {
    if (!(error instanceof Error) || error.message === "") throw error;
  }
}

function runEagerly(call: Call): void {
  announce("eager", call);
  attempt(() => {
    for (const { id } of binding.executeOp(...arguments_(call))) {
      attempt(() => binding.tensorDataSync(id));
      binding.deleteTensor(id);
    }
  });
}

function arguments_(call: Call): [string, Attribute[], number[], number] {
  return [call.name, call.attributes, call.inputs, call.outputCount];
}

function runTraced(call: Call): void {
  announce("traced", call);
  const trace = openTrace();
  try {
    attempt(() => {
      const inputs = call.inputs.map((id) => {
        const handle = findHandle(id);
        if (handle === undefined || chance(0.3)) return id;
        return metadataOf(trace, "input", addInput(trace, handle.shape, handle.dataType))
          .id;
      });
      binding.executeOp(call.name, call.attributes, inputs, call.outputCount);
    });
  } finally {
    for (const { kept } of trace.captures.values()) binding.deleteTensor(kept);
    closeTrace(trace);
  }
}

const corpus = realCalls();
const kept = new Set(corpus.flatMap((call) => call.inputs));
for (let index = 0; index < Number(calls); index++) {
  const call = chance(0.5) ? damaged(pick(corpus), corpus) : inventedCall();
  const run = chance(0.7) ? runEagerly : runTraced;
  run(call);
  for (const id of call.inputs) if (!kept.has(id)) binding.deleteTensor(id);
}
console.log(`survived ${calls} calls, ${succeeded} of which succeeded`);
