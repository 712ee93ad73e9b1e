/**
 * The operations that binding_fuzz.ts calls: all of TensorFlow's that are functions of their inputs.
 *
 * @module
 */
import { PbfReader } from "pbf";
import { library, nativeBytes } from "../../lib/engine/native.ts";
import { refusalOf } from "../../lib/engine/guards.ts";
import { operationDefinition } from "../../lib/engine/operations.ts";

// Not for a call out of context: they wait for another call, steer a graph's control flow, need
// hardware that is not there, or read files.
const outOfContext =
  /^(Abort|_|Queue|Barrier|Reader|Read|Matching|Immutable|Infeed|TPU|Tpu|GetTpu|Dataset|DTensor|Ref|Enter|Exit|Merge|Switch|NextIteration|LoopCond|PyFunc|Copy|Debug|Cudnn|Relayout|MlirPassthrough|Batch$|Unbatch|Compress|Decode(Image|Gif|Jpeg|Png|Bmp|WebP|Jxl|And)|Xla|Risc)/;

/** Their names, sorted. */
export const operationNames: string[] = [];

const { symbols } = Deno.dlopen(library.path, {
  TF_GetAllOpList: { parameters: [], result: "pointer" },
});
// TF_Buffer { const void* data; size_t length; … } of an OpList { repeated OpDef op = 1; }.
const buffer = new Deno.UnsafePointerView(symbols.TF_GetAllOpList()!);
const list = nativeBytes(buffer.getPointer(0), Number(buffer.getBigUint64(8))).slice();
const definition = { name: "" };
new PbfReader(list).readFields((tag, names, reader) => {
  if (tag !== 1) return;
  const { name } = reader.readMessage((field, found, inner) => {
    if (field === 1) found.name = inner.readString();
  }, { ...definition });
  if (outOfContext.test(name) || refusalOf(name) !== undefined) return;
  if (operationDefinition(name).stateful) return;
  names.push(name);
}, operationNames);
// The order of the list is that of a hash table, which may differ from build to build.
operationNames.sort();
