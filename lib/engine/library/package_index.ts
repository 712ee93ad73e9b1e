/**
 * Asks a package index which wheels it has: the simple repository API in HTML (PEP 503) or JSON
 * (PEP 691), and the pages and folders of pip's `find-links`.
 *
 * @module
 */
import { Parser } from "htmlparser2";
import { z } from "zod";
import type { PipConfig } from "./pip_config.ts";
import { asSetupError, isNotFound, SetupError } from "./setup_error.ts";
import { shown, type Web } from "./web.ts";
import { normalizedProject, parseWheelName, type WheelName } from "./wheel_name.ts";

/** A wheel that an index offers. */
export interface WheelLink {
  readonly file: string;
  readonly name: WheelName;
  readonly url: URL;
  /** As the index states it, or undefined where it states none. */
  readonly sha256: string | undefined;
  /** Withdrawn by its authors: to be taken only if asked for by its exact version. */
  readonly yanked: boolean;
}

/** What the configured places offer of a project, and which of them could not be asked. */
export interface Offer {
  readonly links: readonly WheelLink[];
  readonly failures: readonly SetupError[];
}

const jsonType = "application/vnd.pypi.simple.v1+json";
const accepted =
  `${jsonType}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1`;

const jsonSchema = z.object({
  files: z.array(z.object({
    filename: z.string(),
    url: z.string(),
    hashes: z.record(z.string(), z.string()),
    yanked: z.union([z.boolean(), z.string()]).optional(),
  })),
});

function wheelLink(
  file: string,
  url: URL | null,
  sha256: string | undefined,
  yanked: boolean,
): WheelLink[] {
  const name = parseWheelName(file);
  if (name === undefined || url === null) return [];
  return [{ file, name, url, sha256: sha256?.toLowerCase(), yanked }];
}

function fileName(url: URL): string {
  return decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
}

/** The wheels that an HTML page links to; addresses are relative to `page`. */
export function readHtmlLinks(html: string, page: URL): WheelLink[] {
  const links: WheelLink[] = [];
  let base = page;
  const parser = new Parser({
    onopentag(tag, attributes) {
      if (tag === "base") base = URL.parse(attributes["href"] ?? "", page) ?? page;
      if (tag !== "a" || attributes["href"] === undefined) return;
      const url = URL.parse(attributes["href"], base);
      if (url === null) return;
      const sha256 = url.hash.match(/sha256=([0-9a-f]{64})/i)?.[1];
      url.hash = "";
      links.push(...wheelLink(fileName(url), url, sha256, "data-yanked" in attributes));
    },
  });
  parser.end(html);
  return links;
}

/** The wheels that a JSON answer lists; addresses are relative to `page`. */
export function readJsonLinks(json: string, page: URL): WheelLink[] {
  return jsonSchema.parse(JSON.parse(json)).files.flatMap((file) =>
    wheelLink(
      file.filename,
      URL.parse(file.url, page),
      file.hashes["sha256"],
      file.yanked !== undefined && file.yanked !== false,
    )
  );
}

async function readPage(web: Web, page: URL): Promise<WheelLink[]> {
  const answer = await web.get(page, { accept: accepted });
  if (answer.status === 404) {
    await answer.body?.cancel();
    return [];
  }
  if (!answer.ok) {
    await answer.body?.cancel();
    const wayOut = answer.status === 401 || answer.status === 403
      ? "check the name and password in PIP_INDEX_URL"
      : "try again later, or set PIP_INDEX_URL to another index";
    throw new SetupError(`${shown(page)} answered ${answer.status}: ${wayOut}.`);
  }
  try {
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
    // A redirect changes what relative addresses mean; a file has no address of its own.
    const address = URL.parse(answer.url) ?? page;
    return isJson ? readJsonLinks(text, address) : readHtmlLinks(text, address);
  } catch (error) {
    throw asSetupError(error, `reading the index page ${shown(page)}`);
  }
}

async function readFolder(folder: URL): Promise<WheelLink[]> {
  const base = new URL(`${folder.href.replace(/\/$/, "")}/`);
  const links: WheelLink[] = [];
  for await (const entry of Deno.readDir(decodeURIComponent(base.pathname))) {
    const url = new URL(encodeURIComponent(entry.name), base);
    links.push(...wheelLink(entry.name, url, undefined, false));
  }
  return links;
}

async function isFolder(place: URL): Promise<boolean> {
  if (place.protocol !== "file:") return false;
  try {
    return (await Deno.stat(decodeURIComponent(place.pathname))).isDirectory;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw asSetupError(error, `reading ${place.href}`);
  }
}

/**
 * Everything that the configured places offer of `project`. A place that does not answer is
 * noted in `failures`: another may have what is sought.
 */
export async function askIndexes(
  web: Web,
  config: PipConfig,
  project: string,
): Promise<Offer> {
  const name = normalizedProject(project);
  const pages = config.indexes.map((index) =>
    new URL(`${index.href.replace(/\/$/, "")}/${name}/`)
  );
  const answers = await Promise.allSettled([
    ...pages.map((page) => readPage(web, page)),
    ...config.findLinks.map(async (place) =>
      await isFolder(place) ? await readFolder(place) : await readPage(web, place)
    ),
  ]);
  const links: WheelLink[] = [];
  const failures: SetupError[] = [];
  for (const answer of answers) {
    if (answer.status === "fulfilled") {
      links.push(...answer.value.filter((link) => link.name.project === name));
    } else {
      failures.push(asSetupError(answer.reason, `asking for ${project}`));
    }
  }
  return { links, failures };
}
