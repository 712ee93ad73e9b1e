/**
 * What tests write into checkpoints.
 *
 * @module
 */
import type { StoredTensor } from "../../lib/zoo/element_types.ts";
import type { JsonRecord } from "../../lib/zoo/pickle/checkpoint_reader.ts";

/** A tensor of each type that PyTorch has. */
export const everyTensor: Record<string, StoredTensor> = {
  f32: { shape: [1, 3], dtype: "F32", data: new Float32Array([1.5, NaN, -0]) },
  f64: { shape: [2], dtype: "F64", data: new Float64Array([1 / 3, -Infinity]) },
  f16: { shape: [2], dtype: "F16", data: new Uint16Array([0x3e00, 0xfc00]) },
  bf16: { shape: [2], dtype: "BF16", data: new Uint16Array([0x3fc0, 0xc000]) },
  i64: { shape: [1], dtype: "I64", data: new BigInt64Array([-(2n ** 62n)]) },
  i32: { shape: [], dtype: "I32", data: new Int32Array([-7]) },
  i16: { shape: [1], dtype: "I16", data: new Int16Array([-7]) },
  i8: { shape: [2, 1], dtype: "I8", data: new Int8Array([-7, 7]) },
  u8: { shape: [3], dtype: "U8", data: new Uint8Array([1, 2, 255]) },
  bool: { shape: [3], dtype: "BOOL", data: new Uint8Array([1, 0, 1]) },
  empty: { shape: [0, 4], dtype: "F32", data: new Float32Array(0) },
  "näme.ü": { shape: [300, 1], dtype: "U8", data: new Uint8Array(300).fill(7) },
};

/** Notes of every kind that JSON has. */
export const notes: JsonRecord = {
  author: "openmixup",
  epoch: 300,
  negative: -70_000,
  large: 2 ** 45,
  rate: 1.5e-4,
  nothing: null,
  flags: [true, false, []],
  meta: { "dataset_meta": { classes: ["tench", "Größe"] }, empty: {} },
};
