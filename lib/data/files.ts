/**
 * Reads the files of the data folder and refuses damaged ones: a run must never train on other
 * bytes than its fingerprint says.
 *
 * @module
 */

/** Where the files of one data set lie. */
export interface DataFolder {
  /** The data set's name for messages, such as `"Fashion-MNIST"`. */
  readonly title: string;
  readonly directory: string | URL;
  /** How to get the folder back, said at the end of every message. */
  readonly remedy: string;
}

/**
 * The folder of a data set that comes with mimkit: beside this file in a checkout, `data/<name>`
 * under the current folder where mimkit itself came over the network.
 *
 * @example
 * ```ts
 * import { bundledFolder } from "./files.ts";
 * console.log(String(bundledFolder("emoji")).endsWith("/data/emoji/")); // true
 * ```
 */
export function bundledFolder(name: string): string | URL {
  const beside = new URL(`../../data/${name}/`, import.meta.url);
  return beside.protocol === "file:" ? beside : `${Deno.cwd()}/data/${name}/`;
}

/** The path of a file of the folder, for messages and readers. */
export function pathIn({ directory }: DataFolder, file: string): string {
  const folder = typeof directory === "string"
    ? directory
    : decodeURIComponent(directory.pathname);
  return folder.endsWith("/") ? folder + file : `${folder}/${file}`;
}

/**
 * The bytes of a file.
 *
 * @throws {Error} if the file is missing or may not be read, in one sentence with the way out.
 */
export async function readDataFile(
  folder: DataFolder,
  file: string,
): Promise<Uint8Array> {
  const path = pathIn(folder, file);
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      const message = `${folder.title}: there is no file ${path}; ${folder.remedy}`;
      throw new Error(message, { cause });
    }
    if (cause instanceof Deno.errors.NotCapable) {
      const message = `${folder.title}: reading ${path} is not allowed; run Deno with ` +
        `--allow-read=${pathIn(folder, "")}`;
      throw new Error(message, { cause });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message =
      `${folder.title}: ${path} cannot be read (${reason}); ${folder.remedy}`;
    throw new Error(message, { cause });
  }
}

/**
 * The SHA-256 of bytes, in hexadecimal.
 *
 * @example
 * ```ts
 * import { sha256 } from "./files.ts";
 * console.log((await sha256(new Uint8Array(0))).slice(0, 8)); // e3b0c442
 * ```
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/**
 * Checks bytes against their SHA-256.
 *
 * @param file The file they came from, for the message.
 * @throws {Error} if they differ, in one sentence with the way out.
 */
export async function checkSha256(
  folder: DataFolder,
  file: string,
  bytes: Uint8Array,
  expected: string,
): Promise<void> {
  const found = await sha256(bytes);
  if (found !== expected) {
    throw new Error(
      `${folder.title}: ${pathIn(folder, file)} is damaged (SHA-256 ${
        found.slice(0, 12)
      }…, not ${expected.slice(0, 12)}…); ${folder.remedy}`,
    );
  }
}
