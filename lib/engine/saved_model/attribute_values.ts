/**
 * Attributes of graph nodes as protocol buffers, which graphs in files are made of.
 *
 * @module
 */
import { PbfReader, PbfWriter } from "pbf";
import { DataType } from "../dtypes.ts";

/** A serialised AttrValue (tensorflow/core/framework/attr_value.proto). */
export type AttributeValue = Uint8Array;

/** A message as its own bytes. */
export function message(write: (writer: PbfWriter) => void): Uint8Array {
  const writer = new PbfWriter();
  write(writer);
  return writer.finish();
}

/** A message as a field of another. */
export function writeInside(
  writer: PbfWriter,
  field: number,
  write: (writer: PbfWriter) => void,
): void {
  writer.writeMessage(field, (_: null, inner) => write(inner), null);
}

/** TensorShapeProto; -1 stands for an axis of any length. */
export function writeShape(writer: PbfWriter, shape: readonly number[]): void {
  for (const length of shape) {
    writeInside(writer, 2, (dimension) => dimension.writeVarintField(1, length));
  }
}

/** A text. */
export function textValue(text: string): AttributeValue {
  return message((writer) => writer.writeStringField(2, text));
}

/** A whole number. */
export function intValue(value: number): AttributeValue {
  return message((writer) => writer.writeVarintField(3, value));
}

/** An element type. */
export function typeValue(dataType: number): AttributeValue {
  return message((writer) => writer.writeVarintField(6, dataType));
}

/** Element types. */
export function typeListValue(dataTypes: readonly number[]): AttributeValue {
  return message((writer) =>
    writeInside(writer, 1, (list) => list.writePackedVarint(6, [...dataTypes]))
  );
}

/** A shape. */
export function shapeValue(shape: readonly number[]): AttributeValue {
  return message((writer) => writeInside(writer, 7, (inner) => writeShape(inner, shape)));
}

/** What a Const holds: whole numbers, texts, or the bytes of any other type's elements. */
export interface Constant {
  dataType: number;
  shape: readonly number[];
  integers?: readonly number[];
  texts?: readonly string[];
  content?: Uint8Array;
}

/** A tensor. */
export function tensorValue(constant: Constant): AttributeValue {
  const { dataType, shape, integers, texts, content } = constant;
  return message((writer) =>
    writeInside(writer, 8, (tensor) => {
      tensor.writeVarintField(1, dataType);
      writeInside(tensor, 2, (inner) => writeShape(inner, shape));
      if (integers !== undefined) tensor.writePackedVarint(7, [...integers]);
      else if (content !== undefined) tensor.writeBytesField(4, content);
      for (const text of texts ?? []) tensor.writeStringField(8, text);
    })
  );
}

/** The lengths of a TensorShapeProto; -1 stands for any. */
export function readShape(reader: PbfReader): number[] {
  return reader.readMessage((field, shape, reader) => {
    if (field !== 2) return;
    shape.push(
      reader.readMessage((field, dimension, reader) => {
        if (field === 1) dimension.length = reader.readVarint(true);
      }, { length: 0 }).length,
    );
  }, [] as number[]);
}

/** The whole numbers behind int32's bytes, which need not be aligned. */
function integersOf(content: Uint8Array): number[] {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return Array.from(
    { length: content.length / 4 },
    (_, index) => view.getInt32(4 * index, true),
  );
}

/**
 * What a Const's attribute `value` holds, as TensorFlow writes it for a graph that was built here:
 * one element in a field of its type, more of them as bytes.
 *
 * @returns without values if it has one element and is not of int32.
 */
export function readTensorValue(value: AttributeValue): Constant {
  const constant: Constant & { shape: number[] } = { dataType: 0, shape: [] };
  new PbfReader(value).readFields((field, constant, reader) => {
    if (field !== 8) return;
    reader.readMessage((field, constant, reader) => {
      if (field === 1) constant.dataType = reader.readVarint();
      else if (field === 2) constant.shape = readShape(reader);
      else if (field === 4) constant.content = reader.readBytes();
      else if (field === 7) constant.integers = reader.readPackedVarint([], true);
    }, constant);
  }, constant);
  if (constant.dataType === DataType.int32 && constant.content !== undefined) {
    constant.integers = integersOf(constant.content);
  }
  return constant;
}
