/**
 * Calls the binding with thousands of damaged calls, to see whether any of them ends the process.
 * binding_fuzz_test.ts runs it in a process of its own. Arguments: seed, number of calls.
 *
 * @module
 */
import type { Attribute } from "../../lib/engine/attributes.ts";
import { binding, metadataOf } from "../../lib/engine/binding.ts";
import { DataType } from "../../lib/engine/dtypes.ts";
import { findHandle } from "../../lib/engine/handles.ts";
import { operationDefinition } from "../../lib/engine/operations.ts";
import { addInput, closeTrace, openTrace } from "../../lib/engine/trace.ts";
import { type Call, realCalls } from "./binding_fuzz_corpus.ts";
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
