/**
 * What the engine holds: the numbers that must not grow from step to step.
 *
 * @module
 */
import { handleCount } from "./handles.ts";
import { recordingCount } from "./jit.ts";
import { tf } from "./tensorflow.ts";

/** Numbers of things alive, and their size. */
export interface Memory {
  /** Tensors of TensorFlow.js that were not disposed. */
  readonly tensors: number;
  /** Tensors in TensorFlow's memory, those kept by recordings among them. */
  readonly handles: number;
  /** Recordings of jitted functions, one for each signature, until `dispose()`. */
  readonly recordings: number;
  /** Bytes of the elements of the tensors. */
  readonly bytes: number;
  /** Bytes of main memory that the process takes, libraries and compiled code included. */
  readonly residentBytes: number;
}

/**
 * Counts what is alive.
 *
 * @example
 * ```ts
 * import { memory } from "./memory.ts";
 * import { tf } from "./tensorflow.ts";
 * const before = memory();
 * const x = tf.ones([2, 3]);
 * console.log(memory().tensors - before.tensors, memory().bytes - before.bytes); // 1 24
 * x.dispose();
 * ```
 */
export function memory(): Memory {
  const { numTensors, numBytes } = tf.memory();
  return {
    tensors: numTensors,
    handles: handleCount(),
    recordings: recordingCount(),
    bytes: numBytes,
    residentBytes: Deno.memoryUsage().rss,
  };
}
