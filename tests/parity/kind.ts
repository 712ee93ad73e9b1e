/**
 * What a kind of golden case is made of.
 *
 * @module
 */
import type { Tensor, Tree } from "../../lib/engine/mod.ts";
import type { Numbers, TableValue, Tolerance } from "./compare.ts";
import type { GoldenCase } from "./golden_case.ts";

/** A pure function of tensors; the runner runs it eagerly and compiled in two ways. */
export interface Computation {
  arguments: Record<string, Tree>;
  compute: (given: Record<string, Tree>) => Record<string, Tensor>;
  tolerances: Record<string, Tolerance>;
}

/** Plain numbers, compared with the case's `expected`. */
export interface Table {
  table: TableValue;
  /** The arrays that the case stores besides, under their stored names (`out/NAME`). */
  arrays?: Readonly<Record<string, Numbers>>;
}

/** Builds what a case of one kind asks for, every size read from its `config`. */
export type Kind = (
  golden: GoldenCase,
) => Computation | Table | Promise<Computation | Table>;

/** Kinds by the name that a case's `kind` gives. */
export type Kinds = Readonly<Record<string, Kind>>;

/**
 * A kind's answer in tensors.
 *
 * @param given a record of everything that the function reads: images, noise, parameters.
 * @param compute gives the case's tensors under their stored names (`out/NAME`, `grad/KEY`), in the
 *   order in which they arise: of those that differ, the first is named. Others may come too and
 *   are not looked at.
 * @param tolerances for tensors whose tolerance the case gives in words only, in its notes.
 */
export function computation<Arguments extends Record<string, Tree>>(
  given: Arguments,
  compute: (given: Arguments) => Record<string, Tensor>,
  tolerances: Record<string, Tolerance> = {},
): Computation {
  return {
    arguments: given,
    compute: (traced) => compute(traced as Arguments),
    tolerances,
  };
}
