/**
 * A graph that runs in a session: the one way of TensorFlow's C library to be told what each node of
 * a run took.
 *
 * @module
 */
import { PbfWriter } from "pbf";
import { eagerContext, serializeConfiguration } from "./context.ts";
import { findHandle } from "./handles.ts";
import { check, native, nativeBytes, newStatus, type Pointer, status } from "./native.ts";
import { type NodeRun, readNodeRuns } from "./step_stats.ts";
import type { Symbol, Trace } from "./trace.ts";

/** A session over a graph, which it keeps alive. */
export interface Session {
  /** Runs the graph once, off the JavaScript thread; what it computes is thrown away. */
  run(): Promise<NodeRun[]>;
  dispose(): void;
}

// RunOptions { trace_level: FULL_TRACE }, tensorflow/core/protobuf/config.proto
const traceLevelField = 1;
const fullTrace = 3;

function runOptions(): Pointer {
  const writer = new PbfWriter();
  writer.writeVarintField(traceLevelField, fullTrace);
  const bytes = new Uint8Array(writer.finish());
  return native.TF_NewBufferFromString(bytes, BigInt(bytes.length));
}

function outputsOf(symbols: readonly Symbol[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16 * symbols.length);
  symbols.forEach((symbol, index) => bytes.set(symbol.output, 16 * index));
  return bytes;
}

function addresses(tensors: readonly Pointer[]): BigUint64Array<ArrayBuffer> {
  return BigUint64Array.from(
    tensors,
    (tensor) => BigInt(Deno.UnsafePointer.value(tensor)),
  );
}

/** TF_Buffer { const void* data; size_t length; … } */
function bufferBytes(buffer: Pointer): Uint8Array {
  const view = new Deno.UnsafePointerView(buffer!);
  return nativeBytes(view.getPointer(0), Number(view.getBigUint64(8)));
}

function newSession(trace: Trace): Pointer {
  eagerContext(); // configure() comes too late from here on
  const options = native.TF_NewSessionOptions();
  try {
    const bytes = serializeConfiguration();
    native.TF_SetConfig(options, bytes, BigInt(bytes.length), status);
    check("TensorFlow refused its configuration");
    const session = native.TF_NewSession(trace.graph, options, status);
    check("TensorFlow could not make a session");
    return session;
  } finally {
    native.TF_DeleteSessionOptions(options);
  }
}

/**
 * Opens a session over a trace's graph.
 *
 * @param inputIds the tensors for the trace's inputs.
 */
export function openSession(
  trace: Trace,
  inputIds: readonly number[],
  outputs: readonly Symbol[],
): Session {
  const session = newSession(trace);
  const options = runOptions();
  const fed = outputsOf(trace.inputs);
  // A session refuses to give back what it was given.
  const inputNodes = new Set(trace.inputs.map(({ output }) => output.join()));
  const computed = outputs.filter(({ output }) => !inputNodes.has(output.join()));
  const fetched = outputsOf(computed);
  const inputs = inputIds.map((id) => {
    const tensor = native.TFE_TensorHandleResolve(findHandle(id)!.pointer, status);
    check("TensorFlow could not read a tensor");
    return tensor;
  });
  // Out here, so that nothing collects it while TensorFlow reads it.
  const given = addresses(inputs);

  return {
    async run() {
      if (computed.length === 0) return [];
      const metadata = native.TF_NewBuffer();
      const ownStatus = newStatus();
      const results = new BigUint64Array(computed.length);
      try {
        await native.runSessionInBackground(
          ...[session, options, fed, given, inputs.length] as const,
          ...[fetched, results, computed.length, null, 0, metadata, ownStatus] as const,
        );
        check("The profiled function", ownStatus);
        return readNodeRuns(bufferBytes(metadata));
      } finally {
        for (const address of results) {
          if (address !== 0n) {
            native.TF_DeleteTensor(Deno.UnsafePointer.create(address));
          }
        }
        native.TF_DeleteBuffer(metadata);
        native.TF_DeleteStatus(ownStatus);
      }
    },
    dispose() {
      inputs.forEach((tensor) => native.TF_DeleteTensor(tensor));
      native.TF_DeleteBuffer(options);
      native.TF_DeleteSession(session, status);
      check("Closing a session");
    },
  };
}
