/**
 * As much of MATLAB's files (version 5, "MAT-File Format", The MathWorks) as ImageNet's `meta.mat`
 * needs: arrays of structs with numbers and text in them.
 *
 * @module
 */

/** A field's value: text, the numbers of an array, or nothing of what is read here. */
export type MatlabValue = string | readonly number[] | undefined;

/** An array of structs, element by element. */
export type MatlabStructs = readonly Readonly<Record<string, MatlabValue>>[];

// Types of elements and classes of arrays, under the document's names.
const miMATRIX = 14;
const miCOMPRESSED = 15;
const mxSTRUCT = 2;
const mxCHAR = 4;
const mxFirstNumeric = 6;

const HEADER = 128;

/** By the type of an element: how wide its numbers are and how to read one. */
const readers: Readonly<
  Record<number, readonly [number, (view: DataView, at: number) => number]>
> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at) => view.getInt16(at, true)],
  4: [2, (view, at) => view.getUint16(at, true)],
  5: [4, (view, at) => view.getInt32(at, true)],
  6: [4, (view, at) => view.getUint32(at, true)],
  7: [4, (view, at) => view.getFloat32(at, true)],
  9: [8, (view, at) => view.getFloat64(at, true)],
  12: [8, (view, at) => Number(view.getBigInt64(at, true))],
  13: [8, (view, at) => Number(view.getBigUint64(at, true))],
  16: [1, (view, at) => view.getUint8(at)], // UTF-8, decoded as a whole
  17: [2, (view, at) => view.getUint16(at, true)], // UTF-16
};

/**
 * Reads the arrays of structs of a file; other variables are left out.
 *
 * @param title What to call the file in messages.
 * @throws {Error} if it is no such file, or damaged, in one sentence.
 *
 * @example
 * ```ts ignore
 * import { readMatlabStructs } from "./matlab.ts";
 * const { synsets } = await readMatlabStructs(await Deno.readFile("meta.mat"), "meta.mat");
 * console.log(synsets![0]!.WNID);
 * ```
 */
export async function readMatlabStructs(
  bytes: Uint8Array,
  title: string,
): Promise<Record<string, MatlabStructs>> {
  const mark = new TextDecoder().decode(bytes.subarray(126, 128));
  if (bytes.length <= HEADER || mark !== "IM") {
    throw new Error(
      `${title} is no MATLAB file of version 5 in little-endian order; use the original file`,
    );
  }
  const variables: Record<string, MatlabStructs> = {};
  try {
    for (const element of elementsOf(bytes.subarray(HEADER))) {
      const [matrix] = element.type === miCOMPRESSED
        ? elementsOf(await inflate(element.data))
        : [element];
      if (matrix?.type !== miMATRIX) continue;
      const { name, structs } = readMatrix(matrix.data);
      if (structs !== undefined) variables[name] = structs;
    }
  } catch (cause) {
    throw new Error(`${title} is damaged, or no MATLAB file that can be read here`, {
      cause,
    });
  }
  return variables;
}

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
}

function* elementsOf(bytes: Uint8Array): Generator<Element, void, void> {
  const view = viewOf(bytes);
  for (let at = 0; at + 8 <= bytes.length;) {
    const first = view.getUint32(at, true);
    const isSmall = first >>> 16 !== 0; // up to four bytes stand in the tag itself
    const type = isSmall ? first & 0xffff : first;
    const size = isSmall ? first >>> 16 : view.getUint32(at + 4, true);
    const start = at + (isSmall ? 4 : 8);
    if (start + size > bytes.length) {
      throw new RangeError(`an element at ${at} is cut off`);
    }
    yield { type, data: bytes.subarray(start, start + size) };
    if (isSmall) at += 8;
    else at = start + (type === miCOMPRESSED ? size : Math.ceil(size / 8) * 8);
  }
}

interface Matrix {
  readonly name: string;
  readonly value: MatlabValue;
  readonly structs?: MatlabStructs;
}

function readMatrix(bytes: Uint8Array): Matrix {
  const [flags, extents, name, ...parts] = elementsOf(bytes);
  if (flags === undefined || extents === undefined || name === undefined) {
    return { name: "", value: undefined }; // an empty field
  }
  const kind = flags.data[0]!;
  const title = textOf(name);
  if (kind === mxSTRUCT) {
    const count = numbersOf(extents).reduce((product, extent) => product * extent, 1);
    return { name: title, value: undefined, structs: structsOf(parts, count) };
  }
  const [content] = parts;
  if (content === undefined) return { name: title, value: undefined };
  if (kind === mxCHAR) return { name: title, value: textOf(content) };
  if (kind < mxFirstNumeric) return { name: title, value: undefined };
  return { name: title, value: numbersOf(content) };
}

function structsOf(parts: readonly Element[], count: number): MatlabStructs {
  const [width, names, ...values] = parts;
  const [length = 0] = numbersOf(width!);
  const fields: string[] = [];
  for (let at = 0; at < names!.data.length; at += length) {
    fields.push(textOf({ type: 1, data: names!.data.subarray(at, at + length) }));
  }
  if (values.length !== count * fields.length) {
    throw new RangeError(
      `${values.length} values for ${count} × ${fields.length} fields`,
    );
  }
  return Array.from(
    { length: count },
    (_, k) =>
      Object.fromEntries(
        fields.map((field, j) => [
          field,
          readMatrix(values[k * fields.length + j]!.data).value,
        ]),
      ),
  );
}

function numbersOf({ type, data }: Element): number[] {
  const reader = readers[type];
  if (reader === undefined) throw new RangeError(`numbers of the unknown type ${type}`);
  const [width, read] = reader;
  const view = viewOf(data);
  return Array.from({ length: data.length / width }, (_, k) => read(view, k * width));
}

function textOf(element: Element): string {
  const codes = numbersOf(element);
  const isBytes = readers[element.type]![0] === 1;
  const text = isBytes
    ? new TextDecoder().decode(Uint8Array.from(codes))
    : codes.map((code) => String.fromCharCode(code)).join("");
  return text.replace(/\0.*$/s, "");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function inflate(packed: Uint8Array): Promise<Uint8Array> {
  const source = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
  const stream = source.pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
