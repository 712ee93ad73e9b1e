/**
 * Whose names a checkpoint has, and the way from them to the kit's and on to any other project's.
 *
 * @module
 */
import { clipNamings } from "./key_maps/clip_namings.ts";
import { convolutionalNamings } from "./key_maps/convolutional.ts";
import type { Entries } from "./key_maps/key_map.ts";
import { type KeyMap, type KeyRule, rename } from "./key_maps/key_rules.ts";
import { mapReader, type TensorReader } from "./key_maps/map_reader.ts";
import { mixmimNamings } from "./key_maps/mixmim_namings.ts";
import {
  type Family,
  familyNames,
  type Naming,
  type Project,
} from "./key_maps/naming.ts";
import { vitNamings } from "./key_maps/vit_namings.ts";

export type { Entries, Family, Naming, Project };

/** All namings; of those that know some names, the first is taken. */
export const namings: readonly Naming[] = [
  ...vitNamings,
  ...mixmimNamings,
  ...clipNamings,
  ...convolutionalNamings,
];

// DataParallel, averaged models and training scripts; torch.compile.
const wrappers = ["module.", "model.", "_orig_mod."];

// How many models an average of PyTorch's AveragedModel is of.
const averageCount = "n_averaged";

/**
 * The map that cuts what wrappers of PyTorch put before all names; undefined where there is nothing of
 * the kind.
 *
 * @example
 * ```ts
 * import { wrapperMap } from "./namings.ts";
 * const entry = { shape: [1], dtype: "F32" as const };
 * console.log(wrapperMap(new Map([["_orig_mod.module.norm.bias", entry]]))!.rules[0]);
 * // { kind: "rename", from: "_orig_mod.module.**", to: "**" }
 * ```
 */
export function wrapperMap(entries: Entries): KeyMap | undefined {
  const names = [...entries.keys()].filter((name) => name !== averageCount);
  let prefix = "";
  const next = () =>
    wrappers.find((wrapper) => names.every((name) => name.startsWith(prefix + wrapper)));
  for (let found = next(); names.length > 0 && found !== undefined; found = next()) {
    prefix += found;
  }
  const rules: KeyRule[] = [
    ...(prefix === "" ? [] : [rename(`${prefix}**`, "**")]),
    ...(entries.has(averageCount) ? [{ kind: "drop", from: averageCount } as const] : []),
  ];
  return rules.length === 0 ? undefined : { from: "a wrapper", to: "its model", rules };
}

function listProjects(known: readonly Naming[]): string {
  return [...new Set(known.map(({ project }) => project))].join(", ");
}

/**
 * Whose names tensors have. What wrappers put before the names must be cut first
 * ({@linkcode wrapperMap}).
 *
 * @param family looks for that alone: a MILAN checkpoint of mmpretrain holds a ViT, and a CLIP.
 * @throws {Error} that quotes the first names, when they are nobody's.
 *
 * @example
 * ```ts
 * import { namingOf } from "./namings.ts";
 * const entry = { shape: [768], dtype: "F32" as const };
 * const { family, project } = namingOf(new Map([["backbone.layers.0.ln1.weight", entry]]));
 * console.log(family, project); // vit mmpretrain
 * ```
 */
export function namingOf(entries: Entries, family?: Family): Naming {
  const candidates = namings.filter((naming) =>
    family === undefined || naming.family === family
  );
  const found = candidates.find((naming) => naming.recognizes(entries));
  if (found !== undefined) return found;
  if (entries.size === 0) throw new Error("The checkpoint holds no tensors");
  const first = [...entries.keys()].slice(0, 3).join(", ");
  const what = family === undefined
    ? "network that the kit knows; names"
    : `${familyNames[family].replace("A ", "")}; its names`;
  throw new Error(
    `Tensors such as ${first} are no ${what} must be those of ${
      listProjects(candidates)
    }`,
  );
}

/**
 * A project's names for a network of the kit.
 *
 * @param entries under the kit's names.
 * @throws {Error} when the project has none for this family, with those that have, and as
 *   {@linkcode namingOf} does.
 *
 * @example
 * ```ts
 * import { namingFor } from "./namings.ts";
 * const kit = new Map([["blocks.0.norm1.weight", { shape: [8], dtype: "F32" as const }]]);
 * const map = namingFor(kit, "mmpretrain").fromKit(kit);
 * console.log(map!.to); // mmpretrain
 * ```
 */
export function namingFor(entries: Entries, project: Project): Naming {
  const { family } = namingOf(entries);
  const ofFamily = namings.filter((naming) => naming.family === family);
  const found = ofFamily.find((naming) => naming.project === project);
  if (found !== undefined) return found;
  throw new Error(
    `${familyNames[family]} has no names in ${project}: choose ${listProjects(ofFamily)}`,
  );
}

/** A checkpoint under the kit's names, and whose it had. */
export interface KitReader {
  naming: Naming;
  reader: TensorReader;
}

/**
 * A checkpoint of any known project under the kit's names. Nothing is read yet.
 *
 * @param family looks for that alone, as in {@linkcode namingOf}.
 * @throws {Error} as {@linkcode namingOf} and `planKeyMap` do.
 *
 * @example
 * ```ts
 * import { readerOf } from "./key_maps/map_reader.ts";
 * import { kitReader } from "./namings.ts";
 * const bias = { shape: [1], dtype: "F32" as const, data: new Float32Array(1) };
 * const file = readerOf(new Map([["module.backbone.layers.0.ln1.weight", bias]]));
 * console.log([...kitReader(file).reader.entries.keys()]); // [ "blocks.0.norm1.weight" ]
 * ```
 */
export function kitReader(reader: TensorReader, family?: Family): KitReader {
  const wrapper = wrapperMap(reader.entries);
  const bare = wrapper === undefined ? reader : mapReader(wrapper, reader);
  const naming = namingOf(bare.entries, family);
  const map = naming.toKit(bare.entries);
  return { naming, reader: map === undefined ? bare : mapReader(map, bare) };
}

/**
 * A checkpoint under the kit's names as a project has it.
 *
 * @throws {Error} when the project has no names for it, or no such network.
 */
export function projectReader(reader: TensorReader, project: Project): TensorReader {
  const map = namingFor(reader.entries, project).fromKit(reader.entries);
  return map === undefined ? reader : mapReader(map, reader);
}
