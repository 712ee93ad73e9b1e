/**
 * Optimisers chosen by a plain object, as recipes are.
 *
 * @module
 */
import { adamW, type AdamWOptions } from "./adamw.ts";
import { lamb, type LambOptions } from "./lamb.ts";
import {
  larsOfMae,
  larsOfMmpretrain,
  type LarsOptions,
  type MmpretrainLarsOptions,
} from "./lars.ts";
import type { GroupOptions, Optimizer, ParameterGroups } from "./optimizer.ts";
import { sgd, type SgdOptions } from "./sgd.ts";
import { unknownKind } from "../unknown_kind.ts";

type Alone<Options extends GroupOptions> = Omit<Options, keyof GroupOptions>;

/** An optimiser; what is left out has its defaults. The parameters' groups come from the job. */
export type OptimizerChoice =
  | { kind: "adamw" } & Alone<AdamWOptions>
  | { kind: "lamb" } & Alone<LambOptions>
  | { kind: "sgd" } & Alone<SgdOptions>
  | { kind: "lars" } & Alone<LarsOptions>
  | { kind: "lars-mmpretrain" } & Alone<MmpretrainLarsOptions>;

const kinds = ["adamw", "lamb", "sgd", "lars", "lars-mmpretrain"] as const;

/**
 * The optimiser that was chosen.
 *
 * @throws {Error} that lists what there is, for a kind that a recipe in JSON has made up.
 *
 * @example
 * ```ts
 * import { optimizerOfChoice } from "./choice.ts";
 * const optimizer = optimizerOfChoice({ kind: "sgd", nesterov: true }, new Map());
 * console.log(Object.keys(optimizer.initial({}))); // [ "momentum" ]
 * ```
 */
export function optimizerOfChoice(
  choice: OptimizerChoice,
  groups: ParameterGroups,
): Optimizer {
  switch (choice.kind) {
    case "adamw":
      return adamW({ ...choice, groups });
    case "lamb":
      return lamb({ ...choice, groups });
    case "sgd":
      return sgd({ ...choice, groups });
    case "lars":
      return larsOfMae({ ...choice, groups });
    case "lars-mmpretrain":
      return larsOfMmpretrain({ ...choice, groups });
    default:
      return unknownKind("optimiser", choice, kinds);
  }
}
