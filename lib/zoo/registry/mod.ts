/**
 * All released models that mimkit can run, by name.
 *
 * @module
 */
import { distance } from "fastest-levenshtein";
import { a2mimModels } from "./a2mim.ts";
import { clipModels } from "./clip.ts";
import { maeModels } from "./mae.ts";
import { maeOpenmmlabModels } from "./mae_openmmlab.ts";
import { milanModels } from "./milan.ts";
import { mixmimModels } from "./mixmim.ts";
import type { ReleasedModel } from "./released_model.ts";
import { simmimModels } from "./simmim.ts";
import { simmimSwinModels } from "./simmim_swin.ts";

export type {
  Licence,
  PublishedAccuracy,
  ReleasedMethod,
  ReleasedModel,
  ReleasedUse,
} from "./released_model.ts";

/** All of them, method by method. */
export const releasedModels: readonly ReleasedModel[] = [
  ...milanModels,
  ...mixmimModels,
  ...a2mimModels,
  ...simmimModels,
  ...simmimSwinModels,
  ...maeModels,
  ...maeOpenmmlabModels,
  ...clipModels,
];

const byName = new Map<string, ReleasedModel>();
// Names come first: an alias never hides one.
for (const model of releasedModels) byName.set(model.name, model);
for (const model of releasedModels) {
  for (const alias of model.aliases ?? []) {
    if (!byName.has(alias)) byName.set(alias, model);
  }
}

function spoken(model: ReleasedModel): string {
  const { name, aliases = [], method, use } = model;
  // A MAE's classifier has the architecture of MILAN's, and is none.
  const architecture = model.architecture.replace(
    /^(mae|milan|mixmim|a2mim|simmim)-/,
    "",
  );
  return [name, ...aliases, method, use, architecture].join(" ").toLowerCase();
}

/** A pattern with `*` as a regular expression; without one, undefined. */
function asGlob(pattern: string): RegExp | undefined {
  if (!/[*?]/.test(pattern)) return undefined;
  const literal = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`, "i");
}

/**
 * The released models that a pattern fits: names with `*` for any letters, or words that all are in
 * a model's names, method, use or architecture. Without a pattern, all.
 *
 * @example
 * ```ts
 * import { listModels } from "./mod.ts";
 * console.log(listModels("mixmim-base_*").length); // 2
 * console.log(listModels("milan linear").map(({ name }) => name));
 * // [ "vit-base-p16_milan-pre_8xb2048-linear-coslr-100e_in1k" ]
 * ```
 */
export function listModels(pattern = ""): ReleasedModel[] {
  const glob = asGlob(pattern);
  if (glob !== undefined) {
    return releasedModels.filter(({ name, aliases = [] }) =>
      [name, ...aliases].some((known) => glob.test(known))
    );
  }
  const words = pattern.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return releasedModels.filter((model) => {
    const text = spoken(model);
    return words.every((word) => text.includes(word));
  });
}

/** Whether a name, or another name that it goes by, is a released model's. */
export function isReleased(name: string): boolean {
  return byName.has(name);
}

const mostNames = 3;
// Whoever changes more letters than that of a name means something else.
const mostWrong = 0.4;

/** Names that a wrong one may be meant for: those with all its parts, then the nearest. */
function nearNames(name: string): string[] {
  const parts = name.toLowerCase().split(/[^a-z0-9]+/).filter((part) => part !== "");
  const holding = parts.length === 0 ? [] : listModels(parts.join(" "));
  if (holding.length > 0) return holding.slice(0, mostNames).map((model) => model.name);
  return [...byName.keys()]
    .map((known) => ({ known, wrong: distance(name.toLowerCase(), known.toLowerCase()) }))
    .filter(({ known, wrong }) =>
      wrong <= mostWrong * Math.max(name.length, known.length)
    )
    .toSorted((one, other) => one.wrong - other.wrong)
    .slice(0, mostNames)
    .map(({ known }) => known);
}

/**
 * A released model by its name, or by another name that it goes by.
 *
 * @throws {Error} on an unknown name, with the nearest ones.
 *
 * @example
 * ```ts
 * import { releasedModel } from "./mod.ts";
 * const { accuracy, preprocessing } = releasedModel("mixmim-base_3rdparty_in1k");
 * console.log(accuracy?.top1, preprocessing.imageSize); // 84.6 224
 * ```
 */
export function releasedModel(name: string): ReleasedModel {
  const model = byName.get(name);
  if (model !== undefined) return model;
  const near = nearNames(name).map((known) => `"${known}"`).join(" or ");
  const meant = near === "" ? "" : `did you mean ${near}? `;
  throw new Error(
    `There is no released model "${name}": ${meant}\`deno task models\` lists all`,
  );
}
