/** Reads a run folder, finished or not, forgiving what a killed run leaves behind. */

import type { z } from "zod";
import {
  type Metric,
  metricSchema,
  type PictureEntry,
  picturesSchema,
  resultsSchema,
  type ResultsTable,
  type Run,
  runSchema,
} from "./run_schema.ts";

/** A picture of a run. */
export interface RunPicture {
  /** Heading. */
  readonly title: string;
  /** Text under the picture; may be empty. */
  readonly caption: string;
  /** The file's bytes. */
  readonly png: Uint8Array;
}

/** All that a run folder holds. */
export interface RunFolder {
  /** `run.json`. */
  readonly run: Run;
  /** `metrics.jsonl`, by phase and step. */
  readonly metrics: readonly Metric[];
  /** `results.json`; empty before there are results. */
  readonly tables: readonly ResultsTable[];
  /** The pictures in order. */
  readonly pictures: readonly RunPicture[];
  /** What could not be read, in sentences. */
  readonly warnings: readonly string[];
}

/**
 * Reads a run folder.
 *
 * Metrics, results and pictures may be missing; a damaged line of metrics, as a killed
 * process leaves, becomes a warning.
 *
 * @throws if the folder or its `run.json` is missing, or one of its JSON files is damaged
 */
export async function readRunFolder(folder: string): Promise<RunFolder> {
  const run = await readJson(folder, "run.json", runSchema);
  if (run === undefined) throw new Error(await whyNoRun(folder));
  const results = await readJson(folder, "results.json", resultsSchema);
  const { metrics, damaged } = parseMetrics(
    await readText(`${folder}/metrics.jsonl`) ?? "",
  );
  const warnings: string[] = [];
  if (damaged > 0) {
    warnings.push(
      `${damaged} damaged ${damaged === 1 ? "line" : "lines"} of metrics.jsonl left out.`,
    );
  }
  const notFinite = metrics.filter((metric) => metric.loss === null).length;
  if (notFinite > 0) {
    warnings.push(
      `The loss was not finite at ${notFinite} logged ${
        notFinite === 1 ? "step" : "steps"
      }: the curves have gaps there.`,
    );
  }
  const pictures = await readPictures(folder, warnings);
  return { run, metrics, tables: results?.tables ?? [], pictures, warnings };
}

async function whyNoRun(folder: string): Promise<string> {
  const say = "Give the folder that a training task printed.";
  const info = await Deno.stat(folder).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (info === undefined) return `There is no folder "${folder}". ${say}`;
  if (!info.isDirectory) return `"${folder}" is a file, not a run folder. ${say}`;
  return `"${folder}" is no run folder: it has no run.json. ${say}`;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (absent) return undefined;
    throw error;
  }
}

async function readJson<Content>(
  folder: string,
  file: string,
  schema: z.ZodType<Content>,
): Promise<Content | undefined> {
  const path = `${folder}/${file}`;
  const text = await readText(path);
  if (text === undefined) return undefined;
  const content = parseJson(text);
  if (content === undefined) {
    throw new Error(
      `"${path}" is damaged: it holds no JSON. Run the command that made it again.`,
    );
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0
    ? "the whole"
    : `"${issue.path.join(".")}"`;
  throw new Error(
    `"${path}" is not as a run writes it: ${place}: ${issue?.message ?? "unknown"}. ` +
      `Run the command that made it again, or mend the file.`,
  );
}

/** The content, or `undefined` if it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Metrics from the text of `metrics.jsonl`, in the order of their steps.
 *
 * A run that was killed and went on logs some steps twice: the later line counts.
 */
export function parseMetrics(text: string): { metrics: Metric[]; damaged: number } {
  const metrics = new Map<string, Metric>();
  let damaged = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const parsed = metricSchema.safeParse(parseJson(line));
    if (!parsed.success) {
      damaged++;
      continue;
    }
    const { phase, seed, step } = parsed.data;
    metrics.set(JSON.stringify([phase, seed, step]), parsed.data);
  }
  // Phases keep the order in which they ran: the sort is stable and compares steps
  // within.
  const order = [...new Set([...metrics.values()].map((metric) => metric.phase))];
  const sorted = [...metrics.values()].sort((one, other) =>
    order.indexOf(one.phase) - order.indexOf(other.phase) || one.step - other.step
  );
  return { metrics: sorted, damaged };
}

async function readPictures(folder: string, warnings: string[]): Promise<RunPicture[]> {
  const listed = await readJson(folder, "pictures.json", picturesSchema) ??
    await pictureFiles(folder);
  const pictures: RunPicture[] = [];
  for (const { file, title, caption } of listed) {
    const png = await readPng(`${folder}/pictures/${file}`);
    if (png === undefined) warnings.push(`pictures/${file} is missing or no PNG.`);
    else pictures.push({ title, caption: caption ?? "", png });
  }
  return pictures;
}

/** Without a list, every picture by its name. */
async function pictureFiles(
  folder: string,
): Promise<PictureEntry[]> {
  const files: string[] = [];
  try {
    for await (const entry of Deno.readDir(`${folder}/pictures`)) {
      if (entry.isFile && /\.png$/i.test(entry.name)) files.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort().map((file) => ({ file, title: file.replace(/\.png$/i, "") }));
}

/** The signature that every PNG begins with (PNG specification, 5.2). */
const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

async function readPng(path: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await Deno.readFile(path);
    return pngSignature.every((byte, index) => bytes[index] === byte) ? bytes : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
