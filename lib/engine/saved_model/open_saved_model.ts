/**
 * Running TensorFlow SavedModels, whoever wrote them.
 *
 * @module
 */
import { eagerContext, serializeConfiguration } from "../context.ts";
import { deleteHandle, findHandle } from "../handles.ts";
import {
  check,
  cString,
  native,
  newStatus,
  type Pointer,
  status,
  temporaryCString,
} from "../native.ts";
import type { Tensor } from "../tensorflow.ts";
import { bytesFrom } from "./buffer_bytes.ts";
import { readSignatures, type StoredTensor } from "./read_signatures.ts";
import { described, idsToFeed, resultOf, type ServedTensor } from "./served_values.ts";

/** A function of a SavedModel. */
export interface ServedSignature {
  inputs: Record<string, ServedTensor>;
  outputs: Record<string, ServedTensor>;
}

/** A SavedModel in memory. */
export interface OpenedSavedModel {
  /** By name. */
  readonly signatures: Readonly<Record<string, ServedSignature>>;
  /**
   * Calls a function, off the JavaScript thread.
   *
   * @param inputs all that the signature names. Element types that tfjs lacks are made of its
   *   own: uint8 of int32, float16 of float32.
   * @param signature Default: "serving_default".
   * @returns new tensors that the caller disposes.
   * @throws {Error} when there is no such function, or inputs are not what it takes.
   */
  run(
    inputs: Readonly<Record<string, Tensor>>,
    signature?: string,
  ): Promise<Record<string, Tensor>>;
  /** Frees the model, when the calls that are under way have ended. */
  dispose(): void;
}

function describedSide(side: ReadonlyMap<string, StoredTensor>) {
  return Object.fromEntries(
    [...side].map(([name, tensor]) => [name, described(tensor)]),
  );
}

/** TF_Outputs { TF_Operation* oper; int index; } one after the other. */
function outputsIn(
  graph: Pointer,
  tensors: Iterable<StoredTensor>,
): Uint8Array<ArrayBuffer> {
  const list = [...tensors];
  const bytes = new Uint8Array(16 * list.length);
  const view = new DataView(bytes.buffer);
  list.forEach(({ node, index }, position) => {
    const operation = native.TF_GraphOperationByName(graph, temporaryCString(node));
    if (operation === null) throw new Error(`The SavedModel has no node "${node}"`);
    const address = BigInt(Deno.UnsafePointer.value(operation));
    view.setBigUint64(16 * position, address, true);
    view.setInt32(16 * position + 8, index, true);
  });
  return bytes;
}

interface Loaded {
  session: Pointer;
  graph: Pointer;
  metaGraph: Uint8Array;
}

/** TensorFlow reads it past Deno, whose permissions shall hold all the same. */
function requireFolder(folder: string): void {
  try {
    if (Deno.statSync(folder).isDirectory) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new Error(
    `There is no SavedModel "${folder}": it is a folder with saved_model.pb`,
  );
}

function load(folder: string): Loaded {
  requireFolder(folder);
  eagerContext(); // configure() comes too late from here on
  const options = native.TF_NewSessionOptions();
  const graph = native.TF_NewGraph();
  const tags = BigUint64Array.of(
    BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(cString("serve")))),
  );
  let session: Pointer = null;
  try {
    const bytes = serializeConfiguration();
    native.TF_SetConfig(options, bytes, BigInt(bytes.length), status);
    check("TensorFlow refused its configuration");
    const metaGraph = bytesFrom(
      `The SavedModel "${folder}" cannot be opened`,
      (buffer, status) => {
        session = native.TF_LoadSessionFromSavedModel(
          ...[options, null, temporaryCString(folder), tags, 1] as const,
          ...[graph, buffer, status] as const,
        );
      },
    );
    return { session, graph, metaGraph };
  } catch (error) {
    native.TF_DeleteGraph(graph);
    throw error;
  } finally {
    native.TF_DeleteSessionOptions(options);
  }
}

/**
 * Opens a TensorFlow SavedModel and restores its variables.
 *
 * A SavedModel is a program: it can read and write files. Open only what you trust.
 *
 * @param folder holds `saved_model.pb`, with a model under the tag "serve".
 * @throws {Error} when there is none, or it cannot be read.
 *
 * @example
 * ```ts
 * import { saveModel } from "./save_model.ts";
 * import { openSavedModel } from "./open_saved_model.ts";
 * import { tf } from "../tensorflow.ts";
 * const folder = `${await Deno.makeTempDir()}/double`;
 * const inputs = { x: { shape: [null] } };
 * const run = (_: unknown, { x }: Record<string, ReturnType<typeof tf.tensor>>) => ({
 *   y: x!.mul(2),
 * });
 * await saveModel(folder, { parameters: {}, signatures: { serving_default: { inputs, run } } });
 * const model = openSavedModel(folder);
 * const { y } = await model.run({ x: tf.tensor1d([1, 2]) });
 * console.log(y!.dataSync()); // Float32Array [ 2, 4 ]
 * model.dispose();
 * ```
 */
export function openSavedModel(folder: string): OpenedSavedModel {
  const { session, graph, metaGraph } = load(folder);
  const signatures = readSignatures(metaGraph);
  let isOpen = true;
  let running = 0;
  const free = (): void => {
    native.TF_DeleteSession(session, status);
    check("Closing a SavedModel");
    native.TF_DeleteGraph(graph);
  };

  async function run(
    given: Readonly<Record<string, Tensor>>,
    name = "serving_default",
  ): Promise<Record<string, Tensor>> {
    if (!isOpen) throw new Error(`The SavedModel "${folder}" was disposed`);
    const signature = signatures.get(name);
    if (signature === undefined) {
      const known = [...signatures.keys()].join(", ");
      throw new Error(`The SavedModel "${folder}" has no "${name}", only ${known}`);
    }
    const { inputs, outputs } = signature;
    const made: number[] = [];
    const fed: Pointer[] = [];
    const ownStatus = newStatus(); // a shared one would be a race: this call leaves the thread
    const results = new BigUint64Array(outputs.size);
    running++;
    try {
      for (const id of idsToFeed(name, signature, given, made)) {
        fed.push(native.TFE_TensorHandleResolve(findHandle(id)!.pointer, status));
        check("TensorFlow could not read a tensor");
      }
      const places = outputsIn(graph, inputs.values());
      const wanted = outputsIn(graph, outputs.values());
      const values = BigUint64Array.from(
        fed,
        (tensor) => BigInt(Deno.UnsafePointer.value(tensor)),
      );
      await native.runSessionInBackground(
        ...[session, null, places, values, fed.length] as const,
        ...[wanted, results, results.length, null, 0, null, ownStatus] as const,
      );
      check(`"${name}" of the SavedModel "${folder}"`, ownStatus);
      return Object.fromEntries(
        [...outputs.keys()].map((key, index) => [key, resultOf(results[index]!)]),
      );
    } finally {
      if (--running === 0 && !isOpen) free();
      native.TF_DeleteStatus(ownStatus);
      fed.forEach((tensor) => native.TF_DeleteTensor(tensor));
      made.forEach(deleteHandle);
    }
  }

  return {
    signatures: Object.fromEntries(
      [...signatures].map(([name, { inputs, outputs }]) => [name, {
        inputs: describedSide(inputs),
        outputs: describedSide(outputs),
      }]),
    ),
    run,
    dispose() {
      if (!isOpen) return;
      isOpen = false;
      if (running === 0) free();
    },
  };
}
