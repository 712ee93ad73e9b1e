/**
 * The functions of TensorFlow's C API (tensorflow/c/c_api.h, eager/c_api.h) that the engine calls.
 *
 * @module
 */

const pointer = "pointer" as const;
const buffer = "buffer" as const;
const size = "usize" as const;
const int = "i32" as const;
const nothing = "void" as const;
/** TF_Output { TF_Operation* oper; int index; }, passed by value. */
const output = { struct: [pointer, int] } as const;

/** Signatures for `Deno.dlopen`. */
export const symbols = {
  TF_Version: { parameters: [], result: pointer },
  TF_NewStatus: { parameters: [], result: pointer },
  TF_DeleteStatus: { parameters: [pointer], result: nothing },
  TF_SetStatus: { parameters: [pointer, int, buffer], result: nothing },
  TF_GetCode: { parameters: [pointer], result: int },
  TF_Message: { parameters: [pointer], result: pointer },
  TF_NewBuffer: { parameters: [], result: pointer },
  TF_NewBufferFromString: { parameters: [buffer, size], result: pointer },
  TF_DeleteBuffer: { parameters: [pointer], result: nothing },

  TF_AllocateTensor: { parameters: [int, buffer, int, size], result: pointer },
  TF_DeleteTensor: { parameters: [pointer], result: nothing },
  TF_TensorData: { parameters: [pointer], result: pointer },
  TF_TensorByteSize: { parameters: [pointer], result: size },
  TF_StringInit: { parameters: [pointer], result: nothing },
  TF_StringCopy: { parameters: [pointer, buffer, size], result: nothing },
  TF_StringAssignView: { parameters: [pointer, buffer, size], result: nothing },
  TF_StringGetDataPointer: { parameters: [pointer], result: pointer },
  TF_StringGetSize: { parameters: [pointer], result: size },

  TFE_NewContextOptions: { parameters: [], result: pointer },
  TFE_DeleteContextOptions: { parameters: [pointer], result: nothing },
  TFE_ContextOptionsSetConfig: {
    parameters: [pointer, buffer, size, pointer],
    result: nothing,
  },
  TFE_NewContext: { parameters: [pointer, pointer], result: pointer },
  TFE_ContextListDevices: { parameters: [pointer, pointer], result: pointer },
  TF_DeviceListCount: { parameters: [pointer], result: int },
  TF_DeviceListName: { parameters: [pointer, int, pointer], result: pointer },
  TF_DeviceListType: { parameters: [pointer, int, pointer], result: pointer },
  TF_DeviceListMemoryBytes: { parameters: [pointer, int, pointer], result: "i64" },
  TF_DeleteDeviceList: { parameters: [pointer], result: nothing },
  TFE_ContextAddFunction: { parameters: [pointer, pointer, pointer], result: nothing },
  TFE_ContextRemoveFunction: { parameters: [pointer, buffer, pointer], result: nothing },

  TFE_NewTensorHandle: { parameters: [pointer, pointer], result: pointer },
  TFE_DeleteTensorHandle: { parameters: [pointer], result: nothing },
  TFE_TensorHandleCopySharingTensor: { parameters: [pointer, pointer], result: pointer },
  TFE_TensorHandleNumDims: { parameters: [pointer, pointer], result: int },
  TFE_TensorHandleDim: { parameters: [pointer, int, pointer], result: "i64" },
  TFE_TensorHandleDataType: { parameters: [pointer], result: int },
  TFE_TensorHandleResolve: { parameters: [pointer, pointer], result: pointer },

  TFE_NewOp: { parameters: [pointer, buffer, pointer], result: pointer },
  TFE_DeleteOp: { parameters: [pointer], result: nothing },
  TFE_OpAddInput: { parameters: [pointer, pointer, pointer], result: nothing },
  TFE_OpAddInputList: { parameters: [pointer, buffer, int, pointer], result: nothing },
  TFE_OpSetDevice: { parameters: [pointer, buffer, pointer], result: nothing },
  TFE_OpSetAttrString: { parameters: [pointer, buffer, buffer, size], result: nothing },
  TFE_OpSetAttrStringList: {
    parameters: [pointer, buffer, buffer, buffer, int],
    result: nothing,
  },
  TFE_OpSetAttrInt: { parameters: [pointer, buffer, "i64"], result: nothing },
  TFE_OpSetAttrFloat: { parameters: [pointer, buffer, "f32"], result: nothing },
  TFE_OpSetAttrBool: { parameters: [pointer, buffer, "u8"], result: nothing },
  TFE_OpSetAttrType: { parameters: [pointer, buffer, int], result: nothing },
  TFE_OpSetAttrShape: {
    parameters: [pointer, buffer, buffer, int, pointer],
    result: nothing,
  },
  TFE_OpSetAttrIntList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TFE_OpSetAttrFloatList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TFE_OpSetAttrTypeList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TFE_Execute: { parameters: [pointer, buffer, buffer, pointer], result: nothing },
  executeInBackground: {
    name: "TFE_Execute",
    parameters: [pointer, buffer, buffer, pointer],
    result: nothing,
    nonblocking: true,
  },

  TF_NewGraph: { parameters: [], result: pointer },
  TF_DeleteGraph: { parameters: [pointer], result: nothing },
  TF_GraphToGraphDef: { parameters: [pointer, pointer, pointer], result: nothing },
  TF_GraphOperationByName: { parameters: [pointer, buffer], result: pointer },
  TF_GraphGetOpDef: { parameters: [pointer, buffer, pointer, pointer], result: nothing },
  TF_NewOperation: { parameters: [pointer, buffer, buffer], result: pointer },
  TF_AddInput: { parameters: [pointer, output], result: nothing },
  TF_AddInputList: { parameters: [pointer, buffer, int], result: nothing },
  TF_SetDevice: { parameters: [pointer, buffer], result: nothing },
  TF_SetAttrString: { parameters: [pointer, buffer, buffer, size], result: nothing },
  TF_SetAttrStringList: {
    parameters: [pointer, buffer, buffer, buffer, int],
    result: nothing,
  },
  TF_SetAttrInt: { parameters: [pointer, buffer, "i64"], result: nothing },
  TF_SetAttrFloat: { parameters: [pointer, buffer, "f32"], result: nothing },
  TF_SetAttrBool: { parameters: [pointer, buffer, "u8"], result: nothing },
  TF_SetAttrType: { parameters: [pointer, buffer, int], result: nothing },
  TF_SetAttrShape: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrIntList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrFloatList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrTypeList: { parameters: [pointer, buffer, buffer, int], result: nothing },
  TF_SetAttrTensor: { parameters: [pointer, buffer, pointer, pointer], result: nothing },
  TF_SetAttrFuncName: { parameters: [pointer, buffer, buffer, size], result: nothing },
  TF_FinishOperation: { parameters: [pointer, pointer], result: pointer },
  TF_OperationName: { parameters: [pointer], result: pointer },
  TF_OperationNumOutputs: { parameters: [pointer], result: int },
  TF_OperationOutputType: { parameters: [output], result: int },
  TF_GraphGetTensorNumDims: { parameters: [pointer, output, pointer], result: int },
  TF_GraphGetTensorShape: {
    parameters: [pointer, output, buffer, int, pointer],
    result: nothing,
  },
  TF_GraphToFunction: {
    parameters: [
      ...[pointer, buffer, "u8", int, pointer, int] as const,
      ...[buffer, int, buffer, pointer, pointer, pointer, pointer] as const,
    ],
    result: pointer,
  },
  TF_DeleteFunction: { parameters: [pointer], result: nothing },
  TF_FunctionSetAttrValueProto: {
    parameters: [pointer, buffer, buffer, size, pointer],
    result: nothing,
  },
  TF_GraphCopyFunction: {
    parameters: [pointer, pointer, pointer, pointer],
    result: nothing,
  },

  TF_NewSessionOptions: { parameters: [], result: pointer },
  TF_DeleteSessionOptions: { parameters: [pointer], result: nothing },
  TF_SetConfig: { parameters: [pointer, buffer, size, pointer], result: nothing },
  TF_NewSession: { parameters: [pointer, pointer, pointer], result: pointer },
  TF_LoadSessionFromSavedModel: {
    parameters: [
      ...[pointer, pointer, buffer, buffer, int] as const,
      ...[pointer, pointer, pointer] as const,
    ],
    result: pointer,
  },
  TF_DeleteSession: { parameters: [pointer, pointer], result: nothing },
  runSessionInBackground: {
    name: "TF_SessionRun",
    parameters: [
      ...[pointer, pointer, buffer, buffer, int] as const,
      ...[buffer, buffer, int, pointer, int, pointer, pointer] as const,
    ],
    result: nothing,
    nonblocking: true,
  },
} as const;
