/**
 * The one eager context of the process and its configuration: threads, GPU memory, determinism.
 *
 * @module
 */
import { PbfWriter } from "pbf";
import { check, native, type Pointer, readCString, status } from "./native.ts";

/** How TensorFlow uses the machine. To be given before the first tensor is made. */
export interface EngineConfiguration {
  /** Threads of one operation (a matrix product). Default: all cores. */
  threads?: number;
  /** Operations that may run at once. Default: all cores. */
  parallelOperations?: number;
  /** Take GPU memory as it is needed rather than the whole card at the start. Default: true. */
  gpuMemoryGrowth?: boolean;
  /** The share of each card's memory that may be taken, in (0, 1]. */
  gpuMemoryFraction?: number;
  /** The cards to use, by their number; an empty list keeps to the CPU. Default: all. */
  visibleDevices?: number[];
  /** Only operations that give the same bits at every run. Default: false. */
  deterministicOperations?: boolean;
}

/** A device as TensorFlow names it. */
export interface Device {
  /** Such as "/job:localhost/replica:0/task:0/device:GPU:0". */
  name: string;
  /** "CPU", "GPU", … */
  type: string;
  /** Memory that TensorFlow may use, in bytes. */
  memoryBytes: number;
}

let configuration: EngineConfiguration = {};
let context: Pointer = null;

function requireWholeNumber(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isInteger(value) && value > 0)) {
    throw new Error(`${name} must be a whole number above 0, got ${value}`);
  }
}

/**
 * Sets how TensorFlow uses the machine. It has to come before the first tensor, since TensorFlow
 * reads it once.
 *
 * @throws {Error} when a value is out of range, or when TensorFlow is already running.
 *
 * @example
 * ```ts ignore
 * import { configure } from "./context.ts";
 * configure({ threads: 2, gpuMemoryFraction: 0.5 });
 * ```
 */
export function configure(wanted: EngineConfiguration): void {
  if (context !== null) {
    throw new Error(
      "TensorFlow is already running: call configure() before the first tensor is made",
    );
  }
  requireWholeNumber("threads", wanted.threads);
  requireWholeNumber("parallelOperations", wanted.parallelOperations);
  const fraction = wanted.gpuMemoryFraction;
  if (fraction !== undefined && !(fraction > 0 && fraction <= 1)) {
    throw new Error(`gpuMemoryFraction must be in (0, 1], got ${fraction}`);
  }
  for (const device of wanted.visibleDevices ?? []) {
    if (!(Number.isInteger(device) && device >= 0)) {
      throw new Error(
        `visibleDevices must be numbers of cards such as [0, 1], got ${device}`,
      );
    }
  }
  configuration = { ...configuration, ...wanted };
}

/** The number of the card that operations run on, among those that CUDA shows. */
export function cardInUse(): number {
  return configuration.visibleDevices?.[0] ?? 0;
}

/** The configuration as TensorFlow reads it, a ConfigProto. */
// Field numbers from tensorflow/core/protobuf/config.proto.
export function serializeConfiguration(): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  const { visibleDevices } = configuration;
  if (visibleDevices?.length === 0) {
    // device_count { key: "GPU" value: 0 }
    writer.writeMessage(1, (_, entry) => {
      entry.writeStringField(1, "GPU");
      entry.writeVarintField(2, 0);
    }, null);
  }
  if (configuration.threads) writer.writeVarintField(2, configuration.threads);
  if (configuration.parallelOperations) {
    writer.writeVarintField(5, configuration.parallelOperations);
  }
  writer.writeMessage(6, (_, gpu) => {
    if (configuration.gpuMemoryFraction !== undefined) {
      gpu.writeDoubleField(1, configuration.gpuMemoryFraction);
    }
    gpu.writeBooleanField(4, configuration.gpuMemoryGrowth ?? true);
    if (visibleDevices?.length) gpu.writeStringField(5, visibleDevices.join(","));
  }, null);
  writer.writeBooleanField(7, true); // allow_soft_placement: the CPU takes what a GPU cannot do
  return new Uint8Array(writer.finish());
}

/** The eager context, made at the first call. */
export function eagerContext(): Pointer {
  if (context !== null) return context;
  if (configuration.deterministicOperations) Deno.env.set("TF_DETERMINISTIC_OPS", "1");
  const options = native.TFE_NewContextOptions();
  try {
    const bytes = serializeConfiguration();
    native.TFE_ContextOptionsSetConfig(options, bytes, BigInt(bytes.length), status);
    check("TensorFlow refused its configuration");
    const made = native.TFE_NewContext(options, status);
    check("TensorFlow could not start");
    context = made;
    return context;
  } finally {
    native.TFE_DeleteContextOptions(options);
  }
}

/**
 * The devices that TensorFlow found, the CPU first.
 *
 * @example
 * ```ts
 * import { devices } from "./context.ts";
 * console.log(devices().map((device) => device.type)); // [ "CPU" ]
 * ```
 */
export function devices(): Device[] {
  const list = native.TFE_ContextListDevices(eagerContext(), status);
  check("TensorFlow could not list its devices");
  try {
    return Array.from({ length: native.TF_DeviceListCount(list) }, (_, index) => ({
      name: readCString(native.TF_DeviceListName(list, index, status)),
      type: readCString(native.TF_DeviceListType(list, index, status)),
      memoryBytes: Number(native.TF_DeviceListMemoryBytes(list, index, status)),
    }));
  } finally {
    native.TF_DeleteDeviceList(list);
  }
}

/** Whether operations run on a GPU by default. */
export function hasGpu(): boolean {
  return devices().some((device) => device.type === "GPU");
}
