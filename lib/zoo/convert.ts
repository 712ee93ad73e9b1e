/**
 * A checkpoint from one project to another: read tensor by tensor under its names, written tensor by
 * tensor under the other's. No more than a tensor is in memory, whatever the file's size.
 *
 * @module
 */
import { makeFolder } from "../runs/mod.ts";
import { openCheckpoint } from "./checkpoint_file.ts";
import { outputFormat, writeConverted } from "./converted_file.ts";
import { rename } from "./key_maps/key_rules.ts";
import { mapReader, type TensorReader } from "./key_maps/map_reader.ts";
import type { Family, Project } from "./key_maps/naming.ts";
import { type KitReader, kitReader, projectReader } from "./namings.ts";
import { isRunFile, runReader } from "./run_checkpoint.ts";
import type { JsonRecord } from "./pickle/to_json.ts";
import type { StreamedTensor } from "./written_tensors.ts";

/** Options of {@linkcode convertCheckpoint}. */
export interface ConvertOptions {
  /** Whose names, and whose levels of dicts, the new file has. */
  to: Project;
  /** `backbone` leaves out heads, necks, decoders and their mask tokens. Default: everything. */
  only?: "everything" | "backbone";
  /**
   * Which weights of a file that has both. Default: the model's, but the averages of a run of the kit
   * that keeps some.
   */
  which?: "model" | "ema";
  /** Replaces a file that is there. Default: false. */
  force?: boolean;
  /** Ends it between two tensors, with nothing of the output left; its reason is thrown. */
  signal?: AbortSignal;
}

/** What was converted. */
export interface Conversion {
  family: Family;
  /** Whose names it had; `mimkit` is a checkpoint of a run of the kit. */
  from: Project | "mimkit";
  to: Project;
  input: string;
  output: string;
  /** Tensors in the file that was read. */
  read: number;
  /** Tensors in the one that was written. */
  written: number;
  /** Names of tensors that were not taken over. */
  leftOut: string[];
  /** Names of tensors that the old file does not have: they follow from others. */
  made: string[];
  /** What the old file says of the network beside its tensors, and the new one has no place for. */
  lostFacts: string[];
  bytes: number;
}

/** A reader that keeps account of what is read. */
interface Account extends TensorReader {
  /** Names that were read. */
  seen: Set<string>;
  /** How often something was read. */
  reads: number;
}

function account(reader: TensorReader): Account {
  return {
    ...{ entries: reader.entries, seen: new Set(), reads: 0 },
    read(name) {
      this.seen.add(name);
      this.reads++;
      return reader.read(name);
    },
  };
}

/** A reader of some of its tensors. */
function choosing(
  reader: TensorReader,
  wanted: (name: string) => boolean,
): TensorReader {
  const entries = new Map([...reader.entries].filter(([name]) => wanted(name)));
  return { entries, read: (name) => reader.read(name) };
}

/**
 * Whether a name of the kit is of a network's backbone: without its head, and without what a method
 * adds. What A2MIM masks with inside its backbone is part of it, as in its own tools.
 */
export function isBackboneName(
  family: Family,
  names: Iterable<string>,
): (name: string) => boolean {
  if ([...names].some((name) => name.startsWith("backbone."))) {
    return (name) => name.startsWith("backbone.");
  }
  if (family === "clip") return (name) => name.startsWith("visual.");
  const others = /^(head|neck|pre_logits)\.|^decoder_|^mask_token$/;
  return (name) => !others.test(name);
}

async function refuseOverwriting(path: string, force: boolean): Promise<void> {
  const { NotADirectory, NotFound } = Deno.errors;
  const found = await Deno.stat(path).catch((error) => {
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  });
  if (found === undefined || force && found.isFile) return;
  throw new Error(
    found.isFile
      ? `There is a "${path}" already: name another file, or replace it with --force`
      : `"${path}" is no file: name the file to write`,
  );
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : ".";
}

/** The names that end otherwise than all the others. */
function withoutLike(names: readonly string[], others: readonly string[]): string[] {
  const lastPart = (name: string) => name.slice(name.lastIndexOf(".") + 1);
  const endings = new Set(others.map(lastPart));
  return names.filter((name) => !endings.has(lastPart(name)));
}

/** The network's tensors under the kit's names. */
function knownReader(path: string, source: TensorReader): KitReader {
  try {
    return kitReader(source);
  } catch (error) {
    throw new Error(`"${path}": ${(error as Error).message}`, { cause: error });
  }
}

/** What the kit's own files say of a network that its tensors do not, such as the heads of a CLIP. */
function factsOf(metadata: Readonly<JsonRecord>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).filter((fact): fact is [string, string] =>
      /^(clip|mimkit)\./.test(fact[0]) && typeof fact[1] === "string"
    ),
  );
}

/** The network's tensors under the other project's names. */
function renamed(
  kit: TensorReader,
  family: Family,
  { to, only = "everything" }: ConvertOptions,
): TensorReader {
  if (only === "everything") return projectReader(kit, to);
  const isBackbone = isBackboneName(family, kit.entries.keys());
  const theirs = projectReader(choosing(kit, isBackbone), to);
  if (to !== "openmixup") return theirs;
  // A2MIM loads a backbone by itself, without the name that it has in a model.
  return mapReader({
    ...{ from: "openmixup", to: "openmixup" },
    rules: [rename("backbone.**", "**")],
  }, theirs);
}

/**
 * Converts a checkpoint.
 *
 * @param input `.pth`, `.safetensors`, `.pkl` …, of any project whose names the kit knows, or a
 *   checkpoint of a run of the kit.
 * @param output ends in `.safetensors` or `.pth`, for detectron2 also in `.pkl`.
 * @throws {Error} in one sentence, when the input is no checkpoint or its names are nobody's, the
 *   project has no names for the network, the output is there already or cannot be written.
 *
 * @example
 * ```ts
 * import { convertCheckpoint } from "./convert.ts";
 * import { readCheckpoint } from "./checkpoint_file.ts";
 * import { writeSafetensors } from "./safetensors.ts";
 * const input = await Deno.makeTempFile();
 * const output = await Deno.makeTempFile({ suffix: ".pth" });
 * const weight = { shape: [2], dtype: "F32" as const, data: new Float32Array([1, 2]) };
 * await writeSafetensors(input, { "blocks.0.norm1.weight": weight });
 * await convertCheckpoint(input, output, { to: "mmpretrain", force: true });
 * const { level, tensors } = await readCheckpoint(output);
 * console.log(level, [...tensors.keys()]); // state_dict [ "backbone.layers.0.ln1.weight" ]
 * ```
 */
export async function convertCheckpoint(
  input: string,
  output: string,
  options: ConvertOptions,
): Promise<Conversion> {
  const { to, which, force = false, signal } = options;
  const format = outputFormat(output, to);
  await refuseOverwriting(output, force);
  const ofRun = await isRunFile(input);
  using file = await openCheckpoint(
    input,
    ofRun || which === undefined ? {} : { which },
  );
  const source = account(ofRun ? runReader(file, which) : file);
  const { naming: { family, project }, reader } = knownReader(input, source);
  const target = renamed(reader, family, options);
  if (target.entries.size === 0) {
    throw new Error(`"${input}" holds nothing that ${to} has a name for`);
  }
  const made: string[] = [];
  const tensors = [...target.entries].map(
    ([name, { shape, dtype }]): [string, StreamedTensor] => [name, {
      ...{ shape: [...shape], dtype },
      async read() {
        signal?.throwIfAborted();
        const before = source.reads;
        const { data } = await target.read(name);
        if (source.reads === before) made.push(name);
        return data;
      },
    }],
  );
  await makeFolder(folderOf(output));
  const facts = factsOf(file.metadata);
  await writeConverted(output, format, { family, to }, tensors, facts);
  const unread = [...source.entries.keys()].filter((name) => !source.seen.has(name));
  return {
    ...{ family, from: ofRun ? "mimkit" : project, to, input, output },
    ...{ read: source.entries.size, written: tensors.length },
    // Buffers that both projects have are made anew, which is no news.
    ...{ leftOut: withoutLike(unread, made), made: withoutLike(made, unread) },
    lostFacts: format === "safetensors" ? [] : Object.keys(facts),
    bytes: (await Deno.stat(output)).size,
  };
}
