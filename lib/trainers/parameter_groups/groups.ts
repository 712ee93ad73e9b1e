/**
 * Learning-rate scale and weight decay of every parameter: what the projects' rules share.
 *
 * @module
 */
import type { ParameterSpecification } from "../../nn/scope.ts";
import type { ParameterGroup } from "../optimizers/optimizer.ts";

/** A model's parameters, from `describeParameters`. */
export type Specifications = ReadonlyMap<string, ParameterSpecification>;

/** Groups by parameter name; fixed tables are in none. */
export type Groups = Map<string, ParameterGroup>;

/**
 * The name in another project for a name of the kit. The identity suits models that already have
 * that project's names.
 */
export type NameInProject = (name: string) => string;

/** Groups of the parameters that are trained. */
export function groupsOf(
  specifications: Specifications,
  group: (name: string, specification: ParameterSpecification) => ParameterGroup,
): Groups {
  return new Map(
    [...specifications].flatMap(([name, specification]) =>
      specification.trainable ? [[name, group(name, specification)]] : []
    ),
  );
}

/** Where a parameter lies in its model. */
export interface LayerPosition {
  /** 0 for the embeddings or the stem. */
  layer: number;
  /** The layer that trains at the full rate; usually the head's. */
  last: number;
}

/** What the learning rate of a parameter is multiplied by: `layerDecay` for each layer above it. */
export function layerScale(layerDecay: number, { layer, last }: LayerPosition): number {
  return layerDecay ** (last - layer);
}

/** Sum of the blocks in the stages before `stage`. */
export function blocksBefore(depths: readonly number[], stage: number): number {
  return depths.slice(0, stage).reduce((sum, depth) => sum + depth, 0);
}
