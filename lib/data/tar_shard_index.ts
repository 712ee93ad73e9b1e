/**
 * What lies where in a .tar shard of the WebDataset layout: members `KEY.jpg`, `KEY.cls`,
 * `KEY.txt` and `KEY.json` are one sample. A key may have several pictures (`KEY.left.jpg`,
 * `KEY.right.jpg`), which then are samples with the same label; beside a plain `KEY.jpg` they do
 * not count, as they are masks or other sizes of it. Looking a large shard through takes a while,
 * so the result is kept in a file beside it.
 *
 * @module
 */
import { z } from "zod";
import { isPictureName } from "./folder_scan.ts";
import { openTar, type TarArchive, type TarMember, tarMembers } from "./tar.ts";

/** Where labels and captions are in `KEY.json`; `KEY.cls` and `KEY.txt` come first. */
export interface ShardFields {
  readonly labelField: string;
  readonly captionField: string;
}

/** The samples of one shard, in order; one entry each in every array. */
export interface ShardIndex extends ShardFields {
  readonly version: 2;
  /** Of the shard, by which the index knows that it is still the same file. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly modified: number;
  readonly names: readonly string[];
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
  readonly labels: readonly (number | null)[];
  readonly captions: readonly (string | null)[];
}

const schema: z.ZodType<ShardIndex> = z.object({
  version: z.literal(2),
  bytes: z.number(),
  modified: z.number(),
  labelField: z.string(),
  captionField: z.string(),
  names: z.array(z.string()),
  offsets: z.array(z.number()),
  sizes: z.array(z.number()),
  labels: z.array(z.number().nullable()),
  captions: z.array(z.string().nullable()),
});

/** Where the index of a shard is kept. */
export function indexPath(shard: string): string {
  return `${shard}.index.json`;
}

/**
 * The index of a shard: the one beside it if it is of the same file (size and time of the last
 * change), else a new one, which is kept beside it where `keep` and the permissions allow.
 *
 * @throws {Error} if the shard is damaged or a label in it is none, in one sentence.
 *
 * @example
 * ```ts ignore
 * import { shardIndex } from "./tar_shard_index.ts";
 * const fields = { labelField: "label", captionField: "caption" };
 * console.log((await shardIndex("shard-000000.tar", fields, true)).names.length);
 * ```
 */
export async function shardIndex(
  shard: string,
  fields: ShardFields,
  keep: boolean,
): Promise<ShardIndex> {
  const { size: bytes, mtime } = await Deno.stat(shard);
  const state = { bytes, modified: mtime?.getTime() ?? 0, ...fields };
  const known = keep ? await readIndex(indexPath(shard)) : undefined;
  const isSame = known !== undefined &&
    Object.entries(state).every(([name, value]) =>
      known[name as keyof typeof state] === value
    );
  if (isSame) return known;
  const index: ShardIndex = { version: 2, ...state, ...lookThrough(shard, fields) };
  if (keep) await writeIndex(indexPath(shard), index);
  return index;
}

async function readIndex(path: string): Promise<ShardIndex | undefined> {
  try {
    const { data } = schema.safeParse(JSON.parse(await Deno.readTextFile(path)));
    return data;
  } catch {
    return undefined; // missing or damaged: it is made again
  }
}

/** Does without where nobody may write: the index is then made at each start. */
async function writeIndex(path: string, index: ShardIndex): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "write", path });
  if (state !== "granted") return;
  const beside = `${path}.${crypto.randomUUID()}.partial`;
  try {
    await Deno.writeTextFile(beside, JSON.stringify(index));
    await Deno.rename(beside, path);
  } catch {
    await Deno.remove(beside).catch(() => {});
  }
}

/** What belongs to one key. */
interface Sample {
  /** By what follows the key, such as `jpg` or `left.jpg`. */
  readonly pictures: Map<string, TarMember>;
  cls?: TarMember;
  txt?: TarMember;
  json?: TarMember;
}

function lookThrough(
  shard: string,
  fields: ShardFields,
): Pick<ShardIndex, "names" | "offsets" | "sizes" | "labels" | "captions"> {
  using archive = openTar(shard);
  const samples = samplesOf(archive);
  const found = {
    names: [] as string[],
    offsets: [] as number[],
    sizes: [] as number[],
    labels: [] as (number | null)[],
    captions: [] as (string | null)[],
  };
  for (const sample of samples) {
    const pictures = picturesOf(sample);
    if (pictures.length === 0) continue;
    const json = sample.json && parseJson(archive, sample.json);
    const label = labelOf(archive, sample, json?.[fields.labelField]);
    const caption = sample.txt
      ? textOf(archive, sample.txt).trim()
      : json?.[fields.captionField];
    for (const { name, offset, size } of pictures) {
      found.names.push(name);
      found.offsets.push(offset);
      found.sizes.push(size);
      found.labels.push(label);
      found.captions.push(typeof caption === "string" ? caption : null);
    }
  }
  return found;
}

function picturesOf({ pictures }: Sample): TarMember[] {
  const plain = [...pictures].find(([ending]) => !ending.includes("."));
  return plain === undefined ? [...pictures.values()] : [plain[1]];
}

function samplesOf(archive: TarArchive): Sample[] {
  const samples: Sample[] = [];
  const byKey = new Map<string, Sample>();
  const sampleOf = (key: string, isFree: (sample: Sample) => boolean): Sample => {
    const known = byKey.get(key);
    if (known !== undefined && isFree(known)) return known;
    const sample: Sample = { pictures: new Map() };
    byKey.set(key, sample);
    samples.push(sample);
    return sample;
  };
  for (const member of tarMembers(archive)) {
    if (member.kind !== "file") continue;
    const base = member.name.slice(member.name.lastIndexOf("/") + 1);
    const dot = base.indexOf(".");
    // As in WebDataset: the key ends at the first dot of the name, and a hidden file has none.
    if (dot <= 0) continue;
    const key = member.name.slice(0, member.name.length - base.length + dot);
    const ending = base.slice(dot + 1).toLowerCase();
    if (isPictureName(`x.${ending}`)) {
      sampleOf(key, ({ pictures }) => !pictures.has(ending)).pictures.set(ending, member);
      continue;
    }
    const part = (["cls", "txt", "json"] as const).find((name) => name === ending);
    if (part === undefined) continue;
    sampleOf(key, (sample) => sample[part] === undefined)[part] = member;
  }
  return samples;
}

function textOf(archive: TarArchive, { offset, size }: TarMember): string {
  return new TextDecoder().decode(archive.readAt(offset, size));
}

function parseJson(archive: TarArchive, member: TarMember): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(textOf(archive, member));
    return typeof value === "object" && value !== null
      ? value as Record<string, unknown>
      : {};
  } catch {
    throw new Error(`${archive.path}: ${member.name} is no JSON; write the shard again`);
  }
}

function labelOf(archive: TarArchive, { cls }: Sample, inJson: unknown): number | null {
  if (cls === undefined) {
    return typeof inJson === "number" && Number.isInteger(inJson) ? inJson : null;
  }
  const text = textOf(archive, cls).trim();
  if (!/^\d+$/.test(text)) {
    throw new Error(
      `${archive.path}: ${cls.name} holds "${
        text.slice(0, 40)
      }", not the number of a class; ` +
        "write the shard again",
    );
  }
  return Number(text);
}
