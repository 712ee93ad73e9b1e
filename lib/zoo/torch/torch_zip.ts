/**
 * What `torch.save` and `torch.jit.save` write: a zip file of a pickle (`data.pkl`), a file for each
 * storage (`data/0`, `data/1`, …), all of them in one folder of any name.
 *
 * @module
 */
import { type ByteSource, readRange } from "../pickle/byte_source.ts";
import { CheckpointError, damaged, quoted } from "../pickle/checkpoint_error.ts";
import type { CheckpointOptions } from "../pickle/checkpoint_reader.ts";
import { cursorAt } from "../pickle/cursor.ts";
import { finderOf } from "../pickle/globals.ts";
import { readPickle } from "../pickle/machine.ts";
import type { Pickled, PickledGlobal, Storage } from "../pickle/pickled.ts";
import { mostBytesOf } from "../pickle/pickled_reader.ts";
import { storageReference } from "./persistent_storage.ts";
import { torchGlobals } from "./torch_globals.ts";
import { readZipDirectory, type ZipEntry } from "./zip_directory.ts";
import { checkBytes, openEntry } from "./zip_entry.ts";

/** What a file's pickle described. */
export interface TorchArchive {
  root: Pickled;
  /** Whether it is TorchScript's: then the root is a module, and its parameters are attributes. */
  script: boolean;
}

/** So long may a record be that is read whole, such as the byte order. */
const longestNote = 1024;

/** The folder that everything is in, with a slash at its end, or "". */
function folderOf(entries: ReadonlyMap<string, ZipEntry>): string {
  const folders = [...entries.keys()].flatMap((name) =>
    /^([^/]*\/)?data\.pkl$/.exec(name)?.slice(1).map((folder) => folder ?? "") ?? []
  );
  const [folder] = folders;
  if (folder !== undefined && folders.length === 1) return folder;
  const found = [...entries.keys()].slice(0, 3).map(quoted).join(", ");
  throw new CheckpointError(
    folder === undefined
      ? `it is a zip file without PyTorch's data.pkl; it begins with ${
        found || "nothing"
      }`
      : "it is a zip file with several data.pkl; PyTorch writes one",
  );
}

/** Reads the storage of an entry when a tensor of it is asked for. */
function storageIn(
  source: ByteSource,
  entry: ZipEntry,
  { verify, ...about }: {
    typeName: string;
    bytes: number;
    bigEndian: boolean;
    verify: boolean;
  },
): Storage {
  let opened: Promise<ByteSource> | undefined;
  return {
    kind: "storage",
    ...about,
    packed: entry.method !== 0,
    async read(begin, end, take) {
      opened ??= openEntry(source, entry, mostBytesOf(source.size));
      const content = await opened;
      // What was unpacked is large: it is not kept for a storage that is asked for once.
      if (entry.method !== 0) opened = undefined;
      const bytes = readRange(content, begin, end, take);
      if (verify) {
        checkBytes(entry, begin === 0 && end === entry.size ? bytes : readRange(content));
      }
      return bytes;
    },
  };
}

/**
 * Reads the pickle of a zip file.
 *
 * @throws {CheckpointError} when it is no file of PyTorch's, is damaged, or names a global that is
 *   not on the allow-list.
 */
export async function readTorchZip(
  source: ByteSource,
  { verify = false }: CheckpointOptions = {},
): Promise<TorchArchive> {
  const entries = readZipDirectory(source);
  const folder = folderOf(entries);
  const script = entries.has(`${folder}constants.pkl`);
  const most = mostBytesOf(source.size);

  const order = entries.get(`${folder}byteorder`);
  let bigEndian = false;
  if (order !== undefined && order.size <= longestNote) {
    const text = new TextDecoder().decode(
      readRange(await openEntry(source, order, most)),
    );
    if (text !== "little" && text !== "big") {
      throw new CheckpointError(`its byte order is ${quoted(text)}: ${damaged}`);
    }
    bigEndian = text === "big";
  }

  const storages = new Map<string, Storage>();
  function persistent(id: Pickled): Storage {
    const { key, typeName, bytes } = storageReference(id);
    const known = storages.get(key);
    const entry = entries.get(`${folder}data/${key}`);
    if (entry === undefined) {
      throw new CheckpointError(
        `its pickle refers to the storage ${quoted(key)}, which it has not: ${damaged}`,
      );
    }
    if (entry.size !== bytes) {
      throw new CheckpointError(
        `its storage ${
          quoted(key)
        } has ${entry.size} bytes, its pickle says ${bytes}: ${damaged}`,
      );
    }
    if (known !== undefined && known.typeName === typeName) return known;
    const storage = storageIn(source, entry, { typeName, bytes, bigEndian, verify });
    storages.set(key, storage);
    return storage;
  }

  const find = finderOf(torchGlobals);
  function findHere(module: string, name: string): PickledGlobal {
    // TorchScript's classes are written in the file itself; here they are names.
    if (script && /^__torch__(\.|$)/.test(module)) {
      return { kind: "global", name: `${module}.${name}` };
    }
    return find(module, name);
  }

  const entry = entries.get(`${folder}data.pkl`)!;
  const pickle = await openEntry(source, entry, most);
  if (pickle.size <= 2 ** 26) checkBytes(entry, readRange(pickle));
  const root = readPickle(pickle, cursorAt(pickle), { find: findHere, persistent });
  return { root, script };
}
