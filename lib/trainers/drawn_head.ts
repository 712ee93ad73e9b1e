/**
 * How a classifier's first weights are drawn, where a recipe says it.
 *
 * @module
 */
import { foldIn, randomKey, tf } from "../engine/mod.ts";
import { type Initializer, truncatedNormal } from "../nn/initializers.ts";
import type { ParameterSpecification } from "../nn/scope.ts";

/** Which weight is drawn, and how. */
export interface DrawnHead {
  /** The name of the classifier's weight. */
  weight: string;
  /** Of a normal with mean 0; 0 for zeros. */
  deviation: number;
  seed: number;
}

/** Draws from a key of its own: a seed's head is the same whatever the phase is called. */
function initialOf({ deviation, seed }: DrawnHead): Initializer {
  if (deviation === 0) return (_, shape) => tf.zeros(shape);
  return (_, shape) => truncatedNormal(deviation)(foldIn(randomKey(seed), "head"), shape);
}

/**
 * The parameters of a classifier, with the first weights of its head as somebody wants them; its bias
 * stays as it was.
 *
 * @throws {Error} when the deviation is no number from 0 on, or there is no such weight.
 *
 * @example
 * ```ts
 * import { withDrawnHead } from "./drawn_head.ts";
 * import { classifier } from "../heads/classifier.ts";
 * import { randomKey } from "../engine/mod.ts";
 * import { describeParameters, initializeParameters } from "../nn/scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   classifier(scope, input({ shape: [1, 2] }), 3)
 * );
 * const head = { weight: "head.weight", deviation: 0, seed: 0 };
 * const drawn = initializeParameters(withDrawnHead(specifications, head), randomKey(0));
 * console.log(Math.max(...drawn["head.weight"]!.dataSync())); // 0
 * ```
 */
export function withDrawnHead(
  specifications: ReadonlyMap<string, ParameterSpecification>,
  head: DrawnHead,
): Map<string, ParameterSpecification> {
  const { weight, deviation } = head;
  const found = specifications.get(weight);
  if (found === undefined) {
    throw new Error(
      `There is no head "${weight}" among ${specifications.size} parameters`,
    );
  }
  if (!(deviation >= 0 && Number.isFinite(deviation))) {
    throw new Error(
      `The deviation of a head's first weights must be 0 or more, got ${deviation}`,
    );
  }
  return new Map(specifications).set(weight, { ...found, initial: initialOf(head) });
}
