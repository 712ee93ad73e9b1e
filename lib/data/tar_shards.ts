/**
 * Pictures in .tar shards (the WebDataset layout), read in any order without unpacking: a few large
 * files where a file system would suffer from a million small ones.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { filesMatching } from "./path_pattern.ts";
import { checkIndex, imagenetMean, imagenetStd, type ImageSource } from "./source.ts";
import { type ShardIndex, shardIndex } from "./tar_shard_index.ts";

/** What to read, and how. */
export interface TarShardsOptions {
  /** Paths or patterns, such as `train-{000000..000146}.tar` or `shards/*.tar`. */
  readonly shards: string | readonly string[];
  /** Of the labels' numbers; the numbers themselves by default. */
  readonly classNames?: readonly string[];
  /** Where `KEY.json` has the class number, if there is no `KEY.cls`; `label` by default. */
  readonly labelField?: string;
  /** Where `KEY.json` has the caption, if there is no `KEY.txt`; `caption` by default. */
  readonly captionField?: string;
  /** Whether to keep an index beside every shard (`SHARD.index.json`); true by default. */
  readonly keepIndex?: boolean;
  /** For messages and run folders; the first shard's name by default. */
  readonly name?: string;
  /** ImageNet's by default. */
  readonly mean?: readonly number[];
  /** ImageNet's by default. */
  readonly std?: readonly number[];
  /** Red, green, blue, 0 … 255; white by default. */
  readonly background?: readonly [number, number, number];
}

/** Pictures of .tar shards. */
export interface TarShards extends ImageSource {
  readonly channels: 3;
  /** Paths of the archives, in order. */
  readonly shards: readonly string[];
}

/**
 * Finds the samples of all shards: the first time by their headers, later from the index kept
 * beside each. Labels are there if every sample has one (`KEY.cls`, or a field of `KEY.json`), and
 * so are captions (`KEY.txt`, or a field).
 *
 * The fingerprint is made of the shards' names and sizes and of all members' names, sizes and labels.
 *
 * @throws {Error} if a shard is missing, damaged, compressed or without pictures, or if some
 * samples have a label and some have none, in one sentence.
 *
 * @example
 * ```ts ignore
 * import { tarShards } from "./tar_shards.ts";
 * const train = await tarShards({ shards: "imagenet/train-{000000..000146}.tar" });
 * console.log(train.length, train.describe(0));
 * ```
 */
export async function tarShards(options: TarShardsOptions): Promise<TarShards> {
  const { labelField = "label", captionField = "caption", keepIndex = true } = options;
  const patterns = typeof options.shards === "string" ? [options.shards] : options.shards;
  const shards = (await Promise.all(patterns.map(filesMatching))).flat();
  if (shards.length === 0) throw new Error("No shards are given: name at least one .tar");
  const indexes: ShardIndex[] = [];
  for (const shard of shards) {
    const index = await shardIndex(shard, { labelField, captionField }, keepIndex);
    if (index.names.length === 0) {
      throw new Error(
        `${shard} holds no pictures: its members should be called KEY.jpg, KEY.cls, …`,
      );
    }
    indexes.push(index);
  }
  const starts = startsOf(indexes);
  const length = starts.at(-1)!;
  const name = options.name ?? shards[0]!.slice(shards[0]!.lastIndexOf("/") + 1);
  const labels = allOrNone(indexes, shards, "labels", "class");
  const captions = allOrNone(indexes, shards, "captions", "caption");
  const classNames = labels && classNamesOf(labels, options.classNames, name);

  function place(index: number): { shard: string; entry: number; of: ShardIndex } {
    checkIndex(name, length, index);
    const k = shardAt(starts, index);
    return { shard: shards[k]!, entry: index - starts[k]!, of: indexes[k]! };
  }

  return {
    name,
    length,
    channels: 3,
    ...(labels && classNames ? { labels: Int32Array.from(labels), classNames } : {}),
    ...(captions ? { captions } : {}),
    mean: options.mean ?? imagenetMean,
    std: options.std ?? imagenetStd,
    background: options.background ?? [255, 255, 255],
    fingerprint: `${name}:${fingerprintOf(shards, indexes)}`,
    shards,
    describe(index) {
      const { shard, entry, of } = place(index);
      return `${shard}, member ${of.names[entry]}`;
    },
    async read(index) {
      const { shard, entry, of } = place(index);
      return { encoded: await readPart(shard, of.offsets[entry]!, of.sizes[entry]!) };
    },
  };
}

/** A file of its own for each reading: two at a time on one would move each other's place in it. */
async function readPart(
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  using file = await Deno.open(path, { read: true });
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) throw new Error(`the shard is shorter than when it was indexed`);
    at += count;
  }
  return bytes;
}

/** Where each shard's samples begin in the whole, and the number of all. */
function startsOf(indexes: readonly ShardIndex[]): number[] {
  const starts = [0];
  for (const { names } of indexes) starts.push(starts.at(-1)! + names.length);
  return starts;
}

/** The last shard that begins at or before the index. */
function shardAt(starts: readonly number[], index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= index) low = middle;
    else high = middle;
  }
  return low;
}

function allOrNone<Column extends "labels" | "captions">(
  indexes: readonly ShardIndex[],
  shards: readonly string[],
  column: Column,
  what: string,
): NonNullable<ShardIndex[Column][number]>[] | undefined {
  type Value = NonNullable<ShardIndex[Column][number]>;
  const values: Value[] = [];
  let without: string | undefined;
  for (const [k, index] of indexes.entries()) {
    for (const [entry, value] of index[column].entries()) {
      if (value === null) without ??= `${shards[k]}, member ${index.names[entry]}`;
      else values.push(value as Value);
    }
  }
  if (without === undefined) return values;
  if (values.length === 0 || column === "captions") return undefined;
  throw new Error(
    `${without} has no ${what}, where ${values.length} other samples have one: complete the ` +
      "shards, or leave this one out",
  );
}

function classNamesOf(
  labels: readonly number[],
  given: readonly string[] | undefined,
  name: string,
): readonly string[] {
  const highest = labels.reduce((most, label) => Math.max(most, label), 0);
  if (given === undefined) {
    return Array.from({ length: highest + 1 }, (_, label) => String(label));
  }
  if (highest >= given.length) {
    throw new Error(
      `${name} has the class ${highest}, but only ${given.length} class names are given`,
    );
  }
  return given;
}

function fingerprintOf(
  shards: readonly string[],
  indexes: readonly ShardIndex[],
): string {
  const hash = createHash("sha256");
  for (const [k, index] of indexes.entries()) {
    const shard = shards[k]!;
    hash.update(`${shard.slice(shard.lastIndexOf("/") + 1)} ${index.bytes}\n`);
    for (const [entry, name] of index.names.entries()) {
      hash.update(`${name} ${index.sizes[entry]} ${index.labels[entry]}\n`);
    }
  }
  return hash.digest("hex").slice(0, 16);
}
