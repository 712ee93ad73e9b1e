/**
 * Damages checkpoints at random and reads them: reading must succeed or say what is wrong, whatever
 * the bytes are. Runs by itself, too:
 *
 *     deno run --allow-read --allow-write tests/zoo/checkpoint_fuzz.ts [COUNT [SEED]]
 *
 * @module
 */
import { CheckpointError, readCheckpoint } from "../../lib/zoo/checkpoint_file.ts";
import { fileSource } from "../../lib/zoo/pickle/byte_source.ts";
import { readRange } from "../../lib/zoo/pickle/byte_source.ts";
import { readZipDirectory } from "../../lib/zoo/torch/zip_directory.ts";
import { openEntry } from "../../lib/zoo/torch/zip_entry.ts";
import { type Bytes, joined, zipOf } from "./made_files.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** What came of it. */
export interface FuzzResult {
  read: number;
  refused: number;
  /** How many different things the refusals said, numbers and names apart. */
  messages: number;
  slowestMilliseconds: number;
  slowest: string;
}

/** Mulberry32: the same numbers for the same seed, on every machine. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * below);
  };
}

type Draw = ReturnType<typeof numbersFrom>;

/** Bytes that mean much: instructions of pickles, signs, extremes. */
const telling = [..."}])(.Nqhrj0te2uasbRcQKJXBGU\x80\x81\x85\x86\x87\x8a\x8b\x8c\x93\x94"]
  .map((letter) => letter.charCodeAt(0)).concat(0, 1, 0x7f, 0xff);

/** Damages bytes in one way, chosen at random. */
function damage(bytes: Bytes, draw: Draw, other: Bytes): Bytes {
  const at = draw(bytes.length + 1);
  const length = draw(draw(2) === 0 ? 8 : 64);
  switch (draw(8)) {
    case 0: {
      const copy = bytes.slice();
      if (at < copy.length) copy[at]! ^= 1 << draw(8);
      return copy;
    }
    case 1: {
      const copy = bytes.slice();
      if (at < copy.length) copy[at] = telling[draw(telling.length)]!;
      return copy;
    }
    case 2: // extremes of all sizes
      return joined([
        bytes.subarray(0, at),
        new Uint8Array([1, 2, 4, 8][draw(4)]!).fill([0, 0x7f, 0x80, 0xff][draw(4)]!),
        bytes.subarray(at + [0, 1, 4][draw(3)]!),
      ]);
    case 3:
      return bytes.slice(0, at);
    case 4:
      return joined([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 5: // twice the same
      return joined([bytes.subarray(0, at + length), bytes.subarray(at)]);
    case 6: { // something of another file
      const from = draw(other.length);
      const piece = other.subarray(from, from + length);
      return joined([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
    default: {
      const random = Uint8Array.from({ length }, () => draw(256));
      return joined([bytes.subarray(0, at), random, bytes.subarray(at + length)]);
    }
  }
}

/** A file to damage; of a zip file also its entries, so that its pickle can be damaged inside. */
interface Sample {
  name: string;
  bytes: Bytes;
  entries: [string, Bytes][];
}

async function sample(folder: string, name: string): Promise<Sample> {
  using file = await Deno.open(`${folder}/${name}`);
  const source = fileSource(file, (await file.stat()).size);
  const entries: [string, Bytes][] = [];
  try {
    for (const [name, entry] of readZipDirectory(source)) {
      entries.push([name, readRange(await openEntry(source, entry, 2 ** 20))]);
    }
  } catch {
    entries.length = 0; // no zip file
  }
  return { name, bytes: readRange(source), entries };
}

async function damaged(one: Sample, other: Sample, draw: Draw): Promise<Bytes> {
  const times = draw(3) === 0 ? 2 + draw(8) : 1;
  const inside = one.entries.length > 0 && draw(3) !== 0;
  const pickle = other.entries.find(([name]) => name.endsWith("data.pkl"))?.[1] ??
    other.bytes;
  function change(bytes: Bytes): Bytes {
    for (let time = 0; time < times; time++) bytes = damage(bytes, draw, pickle);
    return bytes;
  }
  if (!inside) return change(one.bytes);
  // A pickle whose zip file is sound, checksums and all: nothing stands before it.
  const entries = one.entries.map(([name, bytes]): [string, Bytes] =>
    name.endsWith("data.pkl") ? [name, change(bytes)] : [name, bytes]
  );
  return await zipOf(entries);
}

/**
 * Damages files of a folder and reads them.
 *
 * @throws {Error} when a reading fails in any other way than by a CheckpointError with the path; it
 *   says the seed and the number of the file, and leaves the file's content in the error's cause.
 */
export async function fuzzCheckpoints(
  folder: string,
  { count, seed }: { count: number; seed: number },
): Promise<FuzzResult> {
  using temporary = temporaryFolder();
  const path = `${temporary.path}/model.pth`;
  const names = (await Array.fromAsync(Deno.readDir(folder)))
    .map(({ name }) => name).filter((name) => /\.(pth|pt|pkl)$/.test(name)).sort();
  const samples = await Promise.all(names.map((name) => sample(folder, name)));
  const draw = numbersFrom(seed);
  const messages = new Set<string>();
  const result: FuzzResult = {
    read: 0,
    refused: 0,
    messages: 0,
    slowestMilliseconds: 0,
    slowest: "",
  };
  for (let number = 0; number < count; number++) {
    const one = samples[draw(samples.length)]!;
    const bytes = await damaged(one, samples[draw(samples.length)]!, draw);
    await Deno.writeFile(path, bytes);
    const started = performance.now();
    try {
      await readCheckpoint(path);
      result.read++;
    } catch (error) {
      const expected = error instanceof CheckpointError && error.path === path &&
        error.message.startsWith(`${path}: `) && !error.message.includes("\n");
      if (!expected) {
        const which = `file ${number} of seed ${seed} (${one.name}, damaged)`;
        const message = `${which} failed by ${(error as Error)?.stack ?? error}`;
        throw new Error(message, { cause: bytes });
      }
      result.refused++;
      messages.add(error.message.slice(path.length).replace(/"[^"]*"|\d+/g, "…"));
    }
    const taken = performance.now() - started;
    if (taken > result.slowestMilliseconds) {
      result.slowestMilliseconds = taken;
      result.slowest = `${one.name}, file ${number}`;
    }
  }
  return { ...result, messages: messages.size };
}

if (import.meta.main) {
  const [count = "10000", seed = "0"] = Deno.args;
  const folder = new URL("checkpoints", import.meta.url).pathname;
  console.log(
    await fuzzCheckpoints(folder, { count: Number(count), seed: Number(seed) }),
  );
}
