/**
 * Where the values of the papers' recipes come from, and what their sources contradict.
 *
 * @module
 */
import data from "./papers/sources.json" with { type: "json" };

/** Of one recipe; files are numbers of {@linkcode Provenance}'s list, with a line after a colon. */
interface Origin {
  sources: Record<string, string>;
  /** Paths of values that no source states. */
  unstated?: string[];
  notes: string[];
}

interface Provenance {
  files: string[];
  recipes: Record<string, Origin>;
}

const provenance = data as unknown as Provenance;

/** `12:34` as file and line; words as they are. */
function placeOf(text: string): string {
  const [, file, line] = /^(\d+)(:.*)?$/.exec(text) ?? [];
  return file === undefined ? text : `${provenance.files[Number(file)]}${line ?? ""}`;
}

/**
 * Sources and notes of one of the papers' recipes.
 *
 * @throws {Error} when there are none, which is a mistake in the kit.
 */
export function provenanceOf(
  name: string,
): { sources: Record<string, string>; notes: string[] } {
  const origin = provenance.recipes[name];
  if (origin === undefined) throw new Error(`Nobody says where "${name}" comes from`);
  const { rest, recipe, ...lines } = origin.sources;
  const unstated = (origin.unstated ?? []).map((path) =>
    [path, "not stated: the kit's"] as const
  );
  const sources = {
    recipe: recipe === undefined || recipe === ""
      ? `not published: values as in ${rest}`
      : placeOf(recipe),
    ...Object.fromEntries(
      Object.entries(lines).map(([path, place]) => [path, placeOf(place)]),
    ),
    ...Object.fromEntries(unstated),
    ...rest === undefined ? {} : { "what this does not state": `as in ${rest}` },
  };
  return { sources, notes: [...origin.notes] };
}
