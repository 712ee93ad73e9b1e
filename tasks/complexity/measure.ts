/**
 * The numbers of `deno task complexity`.
 *
 * @module
 */
import {
  complexity,
  type CountedOperator,
  type ParameterCount,
} from "../../lib/analysis/complexity.ts";
import {
  type PublishedFigures,
  publishedFigures,
} from "../../lib/analysis/published_figures.ts";
import {
  type Architecture,
  architecture,
  architectures,
  forwardOf,
} from "../../lib/zoo/architectures/mod.ts";

/** One model's numbers. */
export interface Measured {
  model: string;
  imageSize: number;
  parameters: ParameterCount;
  /** Of one image; null where the forward pass means nothing. */
  flops: number | null;
  operators: Record<CountedOperator, number> | null;
  published: PublishedFigures | null;
  /** What to know about the model. */
  note: string | null;
}

function measureOne(model: string, entry: Architecture): Measured {
  const { parameters, flops, operators } = complexity(forwardOf(entry));
  const { imageSize, broken, note } = entry;
  return {
    ...{ model, imageSize, parameters },
    flops: broken === undefined ? flops : null,
    operators: broken === undefined ? operators : null,
    published: publishedFigures[model] ?? null,
    note: broken ?? note ?? null,
  };
}

/**
 * Counts the models of these names, or all.
 *
 * @throws {Error} on an unknown name, before anything is counted.
 */
export function measure(names: readonly string[]): Measured[] {
  const chosen = names.length > 0 ? names : Object.keys(architectures);
  return chosen.map((name) => [name, architecture(name)] as const)
    .map(([name, entry]) => measureOne(name, entry));
}
