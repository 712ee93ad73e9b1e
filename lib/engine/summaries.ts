/**
 * TensorBoard's event files, written by TensorFlow's own summary operations.
 *
 * @module
 */
import { PbfWriter } from "pbf";
import { type Attribute, AttributeKind } from "./attributes.ts";
import { binding } from "./binding.ts";
import { DataType, type DataTypeName } from "./dtypes.ts";
// The backend must be there before its operations are.
import "./tensorflow.ts";

/** An open event file. */
export interface SummaryWriter {
  /** A point of a curve. */
  scalar(tag: string, value: number, step: number): void;
  /** Pictures `(N, H, W, C)`, 0 … 255, with 1, 3 or 4 channels. */
  images(
    tag: string,
    pictures: { values: Uint8Array; shape: readonly [number, number, number, number] },
    step: number,
  ): void;
  /** Markdown, such as a table of hyper-parameters. */
  text(tag: string, markdown: string, step: number): void;
  /** Brings what was written to the file. */
  flush(): void;
  /** Flushes, and closes the file. */
  close(): void;
}

/** How often what is written goes to the file. */
export interface SummaryOptions {
  /** After so many entries. Default: 20. */
  mostWaiting?: number;
  /** After so many milliseconds, when the next entry is written. Default: 10 000. */
  flushMilliseconds?: number;
}

let writers = 0;

function stringAttribute(name: string, value: string): Attribute {
  return { name, type: AttributeKind.string, value };
}

/** Runs an operation on values that are tensors for this call alone. */
function write(
  operation: string,
  writer: number,
  values: readonly (readonly [DataTypeName, number[], unknown])[],
  attributes: Attribute[] = [],
): void {
  const made: number[] = [];
  try {
    for (const [dtype, shape, given] of values) {
      made.push(binding.createTensor(shape, DataType[dtype], given));
    }
    binding.executeOp(operation, attributes, [writer, ...made], 0);
  } finally {
    made.forEach(binding.deleteTensor);
  }
}

const encoder = new TextEncoder();
const text = (value: string | Uint8Array) =>
  ["string", [], [
    typeof value === "string" ? encoder.encode(value) : value,
  ]] as const satisfies readonly [DataTypeName, never[], Uint8Array[]];
const whole = (value: number) =>
  ["int64", [], BigInt64Array.of(BigInt(value))] as const satisfies readonly [
    DataTypeName,
    never[],
    BigInt64Array,
  ];
const small = (value: number) =>
  ["int32", [], Int32Array.of(value)] as const satisfies readonly [
    DataTypeName,
    never[],
    Int32Array,
  ];

/** SummaryMetadata of TensorBoard's text plugin (tensorflow/core/framework/summary.proto). */
function textMetadata(): Uint8Array {
  const message = new PbfWriter();
  message.writeMessage(1, (_: unknown, plugin) => plugin.writeStringField(1, "text"), {});
  message.writeVarintField(4, 2); // data_class: DATA_CLASS_TENSOR
  return message.finish();
}

/**
 * Opens a new event file in a folder, which is made if need be; TensorBoard reads all files of a
 * folder as one run.
 *
 * @throws {Error} when the folder cannot be written.
 *
 * @example
 * ```ts
 * import { openSummaries } from "./summaries.ts";
 * const summaries = openSummaries(await Deno.makeTempDir());
 * summaries.scalar("loss", 0.5, 1);
 * summaries.close();
 * ```
 */
export function openSummaries(
  folder: string,
  { mostWaiting = 20, flushMilliseconds = 10_000 }: SummaryOptions = {},
): SummaryWriter {
  const name = `summaries ${Deno.pid} ${writers++}`;
  const made = binding.executeOp(
    "SummaryWriter",
    [
      stringAttribute("shared_name", name),
      stringAttribute("container", ""),
    ],
    [],
    1,
  );
  const writer = made[0]!.id;
  let open = true;
  write("CreateSummaryFileWriter", writer, [
    text(folder),
    small(mostWaiting),
    small(flushMilliseconds),
    text(".mimkit"),
  ]);
  return {
    scalar: (tag, value, step) =>
      write("WriteScalarSummary", writer, [whole(step), text(tag), [
        "float32",
        [],
        Float32Array.of(value),
      ]]),
    images: (tag, { values, shape }, step) =>
      write(
        "WriteImageSummary",
        writer,
        [
          whole(step),
          text(tag),
          ["uint8", [...shape], values],
          ["uint8", [4], Uint8Array.of(255, 0, 0, 255)], // what is painted for NaN: none here
        ],
        [{ name: "max_images", type: AttributeKind.int, value: Math.max(1, shape[0]) }],
      ),
    text: (tag, markdown, step) =>
      write("WriteSummary", writer, [
        whole(step),
        text(markdown),
        text(tag),
        text(textMetadata()),
      ]),
    flush: () => write("FlushSummaryWriter", writer, []),
    close() {
      if (!open) return;
      open = false;
      write("CloseSummaryWriter", writer, []);
      binding.deleteTensor(writer);
    },
  };
}
