/**
 * Reads TensorBoard's event files back: the framing with its checksums, and the events in it.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { PbfReader } from "pbf";
import { crc32c } from "./crc32c.ts";

/** Records of a TFRecord file: length, its checksum, bytes, their checksum. */
export function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const masked = (part: Uint8Array): number => {
    const sum = crc32c(part);
    return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
  };
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    assertEquals(view.getUint32(at + 8, true), masked(bytes.subarray(at, at + 8)));
    const record = bytes.subarray(at + 12, at + 12 + length);
    assertEquals(view.getUint32(at + 12 + length, true), masked(record));
    records.push(record);
    at += 16 + length;
  }
  return records;
}

/** What an event holds, as far as it is looked at. */
export interface Entry {
  step: number;
  version?: string;
  tag?: string;
  scalar?: number;
  image?: { height: number; width: number; png: Uint8Array<ArrayBufferLike> };
  text?: string;
  plugin?: string;
}

// Field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
function readValue(entry: Entry, field: PbfReader): void {
  field.readMessage((tag: number, _: Entry, value: PbfReader) => {
    if (tag === 1) entry.tag = value.readString();
    else if (tag === 2) entry.scalar = value.readFloat();
    else if (tag === 4) {
      const image: NonNullable<Entry["image"]> = {
        ...{ height: 0, width: 0, png: new Uint8Array() },
      };
      entry.image = image;
      value.readMessage((tag: number, _: unknown, part: PbfReader) => {
        if (tag === 1) image.height = part.readVarint();
        else if (tag === 2) image.width = part.readVarint();
        else if (tag === 4) image.png = part.readBytes();
      }, {});
    } else if (tag === 8) {
      value.readMessage((tag: number, _: unknown, tensor: PbfReader) => {
        if (tag === 8) entry.text = tensor.readString();
      }, {});
    } else if (tag === 9) {
      value.readMessage((tag: number, _: unknown, metadata: PbfReader) => {
        if (tag !== 1) return;
        metadata.readMessage((tag: number, _: unknown, plugin: PbfReader) => {
          if (tag === 1) entry.plugin = plugin.readString();
        }, {});
      }, {});
    }
  }, entry);
}

/** Reads one event. */
export function readEvent(bytes: Uint8Array): Entry {
  return new PbfReader(bytes).readFields(
    (tag: number, entry: Entry, field: PbfReader) => {
      if (tag === 2) entry.step = field.readVarint();
      else if (tag === 3) entry.version = field.readString();
      else if (tag === 5) {
        field.readMessage((tag: number, _: Entry, summary: PbfReader) => {
          if (tag === 1) readValue(entry, summary);
        }, entry);
      }
    },
    { step: 0 } as Entry,
  );
}
