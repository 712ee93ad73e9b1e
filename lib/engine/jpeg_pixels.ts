/**
 * Parts of JPEG pictures, decoded by TensorFlow's own operation off the JavaScript thread: it passes
 * over what lies outside of the part, where other decoders make pixels of it first.
 *
 * @module
 */
import { eagerContext } from "./context.ts";
import { DataType } from "./dtypes.ts";
import {
  check,
  cString,
  native,
  nativeBytes,
  newStatus,
  type Pointer,
  status,
} from "./native.ts";

/** Pixels of a rectangle's corner and sides. */
export interface PixelRectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Decoded pixels in TensorFlow's memory; `using` frees them. */
export interface DecodedPixels extends PixelRectangle, Disposable {
  /** `(height, width, 3)`, 0 … 255; not to be touched once they are freed. */
  readonly values: Uint8Array;
}

/** What a part is taken of. */
export interface JpegPart {
  /** Pixels of the whole picture. */
  readonly picture: { readonly height: number; readonly width: number };
  readonly part: PixelRectangle;
}

// sizeof(TF_TString), from tensorflow/core/platform/ctstring_internal.h.
const stringBytes = 24;
// Where a JPEG is cut open, the smoothing of its coarser colours lacks the neighbour: the outermost
// pixel of what is decoded can be a little off, and is not asked for.
const margin = 2;
const channels = 3;
// What Pillow and sharp use; by itself TensorFlow takes a faster one, a level or so off.
const method = new TextEncoder().encode("INTEGER_ACCURATE");
const processor = "/job:localhost/replica:0/task:0/device:CPU:0";

// What TensorFlow reads and writes meanwhile, so that nothing collects it.
const inUse = new Set<ArrayBufferView[]>();

function withMargin({ picture, part }: JpegPart): PixelRectangle {
  const top = Math.max(0, part.top - margin);
  const left = Math.max(0, part.left - margin);
  return {
    ...{ top, left },
    height: Math.min(picture.height, part.top + part.height + margin) - top,
    width: Math.min(picture.width, part.left + part.width + margin) - left,
  };
}

/** A handle that takes over a tensor's memory. */
function handleOf(tensor: Pointer): Pointer {
  try {
    const handle = native.TFE_NewTensorHandle(tensor, status);
    check("TensorFlow could not take a tensor");
    return handle;
  } finally {
    native.TF_DeleteTensor(tensor);
  }
}

/** A text that stays where it is: nothing is copied, and nothing has to be freed. */
function textHandle(bytes: Uint8Array<ArrayBuffer>): Pointer {
  const tensor = native.TF_AllocateTensor(
    ...[DataType.string, new BigInt64Array(0), 0, BigInt(stringBytes)] as const,
  );
  const text = native.TF_TensorData(tensor);
  native.TF_StringInit(text);
  native.TF_StringAssignView(text, bytes, BigInt(bytes.length));
  return handleOf(tensor);
}

function windowHandle({ top, left, height, width }: PixelRectangle): Pointer {
  const values = Int32Array.of(top, left, height, width);
  const tensor = native.TF_AllocateTensor(
    ...[DataType.int32, BigInt64Array.of(4n), 1, BigInt(values.byteLength)] as const,
  );
  nativeBytes(native.TF_TensorData(tensor), values.byteLength)
    .set(new Uint8Array(values.buffer));
  return handleOf(tensor);
}

function newOperation(inputs: readonly Pointer[]): Pointer {
  const operation = native.TFE_NewOp(
    eagerContext(),
    cString("DecodeAndCropJpeg"),
    status,
  );
  check("TensorFlow has no operation that decodes a part of a JPEG");
  native.TFE_OpSetDevice(operation, cString(processor), status);
  for (const input of inputs) native.TFE_OpAddInput(operation, input, status);
  native.TFE_OpSetAttrInt(operation, cString("channels"), BigInt(channels));
  native.TFE_OpSetAttrString(
    ...[operation, cString("dct_method"), method, BigInt(method.length)] as const,
  );
  return operation;
}

function adopt(handle: Pointer, rectangle: PixelRectangle): DecodedPixels {
  const tensor = native.TFE_TensorHandleResolve(handle, status);
  native.TFE_DeleteTensorHandle(handle);
  check("TensorFlow could not read a picture");
  const { height, width } = rectangle;
  let freed = false;
  return {
    ...rectangle,
    values: nativeBytes(native.TF_TensorData(tensor), height * width * channels),
    [Symbol.dispose]() {
      if (!freed) native.TF_DeleteTensor(tensor);
      freed = true;
    },
  };
}

/**
 * Decodes a part of an 8-bit JPEG, and up to two pixels more around it. Embedded colour profiles and
 * the camera's orientation are left alone.
 *
 * @param encoded the bytes of the file, which nobody may change until this is done.
 * @returns pixels to be freed by the caller, byte for byte those of libjpeg-turbo (as in Pillow).
 * @throws {TensorFlowError} when the part cannot be decoded.
 *
 * @example
 * ```ts ignore
 * import { jpegPixels } from "./jpeg_pixels.ts";
 * const picture = { height: 375, width: 500 };
 * const part = { top: 10, left: 20, height: 100, width: 100 };
 * using pixels = await jpegPixels(await Deno.readFile("photo.jpg"), { picture, part });
 * console.log(pixels.height, pixels.values.length);
 * ```
 */
export async function jpegPixels(
  encoded: Uint8Array<ArrayBuffer>,
  wanted: JpegPart,
): Promise<DecodedPixels> {
  const rectangle = withMargin(wanted);
  const inputs = [textHandle(encoded), windowHandle(rectangle)];
  const operation = newOperation(inputs);
  const results = new BigUint64Array(1);
  const count = Int32Array.of(1);
  const ownStatus = newStatus();
  const memory = [encoded, results, count];
  inUse.add(memory);
  try {
    await native.executeInBackground(operation, results, count, ownStatus);
    check("A JPEG could not be decoded", ownStatus);
  } finally {
    inUse.delete(memory);
    native.TF_DeleteStatus(ownStatus);
    native.TFE_DeleteOp(operation);
    inputs.forEach((input) => native.TFE_DeleteTensorHandle(input));
  }
  return adopt(Deno.UnsafePointer.create(results[0]!), rectangle);
}
