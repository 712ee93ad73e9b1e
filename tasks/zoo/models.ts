/**
 * `deno task models`: the list, or all about one.
 *
 * @module
 */
import { cacheFolder, processEnvironment } from "../../lib/engine/library/mod.ts";
import { weightsPath } from "../../lib/zoo/download/mod.ts";
import { listModels, type ReleasedModel } from "../../lib/zoo/registry/mod.ts";
import { alignColumns } from "../bench/table.ts";

/** What `deno task models` is asked for. */
export interface ModelsTask {
  /** A name, words that all must occur, or a pattern with `*`. */
  words: readonly string[];
  json: boolean;
}

const uses = {
  pretrain: "pretrained",
  finetune: "fine-tuned",
  "linear-probe": "linear probe",
  teacher: "teacher",
} as const satisfies Record<ReleasedModel["use"], string>;

/** The words of the list are as good as those of the registry. */
function inRegistryWords(pattern: string): string {
  return Object.entries(uses).reduce(
    (text, [use, shown]) => text.replaceAll(shown, use),
    pattern.toLowerCase(),
  );
}

async function isHere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

function cachePath({ weights }: ReleasedModel): string {
  return weightsPath(weights, cacheFolder(processEnvironment));
}

async function listed(models: readonly ReleasedModel[]): Promise<string> {
  const rows = await Promise.all(models.map(async (model) => [
    model.name,
    model.method,
    uses[model.use],
    model.accuracy === undefined ? "" : model.accuracy.top1.toFixed(1),
    model.licence ?? "unknown",
    await isHere(cachePath(model))
      ? "here"
      : model.weights.kind === "by-hand"
      ? "by hand"
      : "",
  ]));
  const header = ["", "method", "use", "top-1 [%]", "licence", "weights"];
  return [
    ...alignColumns([header, ...rows]),
    "",
    `${models.length} models; deno task models NAME says all about one. Top-1 as published, on ` +
    "ImageNet-1k's validation images.",
  ].join("\n");
}

function checksumOf({ weights: { checksum } }: ReleasedModel): string {
  if (checksum === undefined) return "none is published: the file cannot be checked";
  const { algorithm, hex } = checksum;
  const whole = algorithm === "sha256" ? 64 : 32;
  return `${algorithm} ${hex}${hex.length < whole ? "…" : ""}`;
}

async function details(model: ReleasedModel): Promise<string> {
  const { accuracy, preprocessing, weights } = model;
  const { imageSize, resize, interpolation, mean, std } = preprocessing;
  const path = cachePath(model);
  const rows: (readonly [string, string | undefined])[] = [
    ["method", `${model.method}, ${uses[model.use]} (${model.paper})`],
    ["also called", model.aliases?.join(", ")],
    ["architecture", model.architecture],
    ["recipe", model.recipe],
    ["pictures", `short side to ${resize} (${interpolation}), centre of ${imageSize}`],
    ["pixels", `(value / 255 − [${mean.join(", ")}]) / [${std.join(", ")}]`],
    ["classes", model.classes],
    ["top-1", accuracy && `${accuracy.top1} % (${accuracy.source})`],
    ["licence", model.licence ?? "its authors state none"],
    ["address", weights.url],
    ["checksum", checksumOf(model)],
    [await isHere(path) ? "lies here" : "will lie here", path],
    ["source", model.source],
    ["note", model.note],
  ];
  const shown = rows.filter((row): row is [string, string] => row[1] !== undefined);
  return [model.name, ...shown.map(([label, text]) => `  ${label.padEnd(14)}${text}`)]
    .join("\n");
}

/** Prints the models; returns the exit status. */
export async function showModels({ words, json }: ModelsTask): Promise<number> {
  const pattern = words.join(" ");
  const named = listModels().find(({ name, aliases = [] }) =>
    name === pattern || aliases.includes(pattern)
  );
  const models = named === undefined ? listModels(inRegistryWords(pattern)) : [named];
  if (models.length === 0) {
    throw new Error(
      `No released model speaks of "${pattern}": deno task models lists all`,
    );
  }
  if (json) console.log(JSON.stringify(models, null, 2));
  else console.log(named === undefined ? await listed(models) : await details(named));
  return 0;
}
