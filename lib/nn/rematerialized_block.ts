/**
 * Gradient checkpointing of a model's blocks: where the scope asks for it, a block keeps its input
 * only and runs once more for the gradient.
 *
 * @module
 */
import { rematerialize, stopGradient, type Tensor, tf } from "../engine/mod.ts";
import type { Parameters, Scope } from "./scope.ts";

/**
 * Runs a block, and where the scope asks for it forgets what is inside.
 *
 * @param scope the block's own; see `ScopeOptions.rematerialize`.
 * @param body gives one float tensor; it runs twice, so that it must be a pure function of its
 *   arguments.
 * @param others what it needs besides `x`, such as a mask.
 *
 * @example
 * ```ts
 * import { rematerializedBlock } from "./rematerialized_block.ts";
 * import { linear } from "./linear.ts";
 * import { scope } from "./scope.ts";
 * import { tf } from "../engine/mod.ts";
 * const parameters = { "blocks.0.weight": tf.ones([2, 2]), "blocks.0.bias": tf.zeros([2]) };
 * const model = scope(parameters, undefined, {}, { rematerialize: new Set(Object.keys(parameters)) });
 * const y = rematerializedBlock(model.at("blocks").at(0), tf.ones([1, 2]), (scope, x) =>
 *   linear(scope, x, 2));
 * console.log(y.dataSync()); // Float32Array(2) [ 2, 2 ]
 * ```
 */
export function rematerializedBlock(
  scope: Scope,
  x: Tensor,
  body: (scope: Scope, x: Tensor, ...others: Tensor[]) => Tensor,
  others: readonly Tensor[] = [],
): Tensor {
  const { rematerialized, blocks } = scope;
  if (rematerialized === undefined) {
    blocks?.begin(x.shape);
    // What is inside is freed at once, where nobody trains; updates of a training must outlive it.
    const y = scope.training
      ? body(scope, x, ...others)
      : tf.tidy(() => body(scope, x, ...others));
    blocks?.end();
    return y;
  }
  const { key } = rematerialized;
  const trained = rematerialized.trained();
  const names = Object.keys(trained);
  let updated: string[] = [];
  const run = rematerialize((x, ...given): Tensor[] => {
    const values = given.slice(others.length);
    const parameters = Object.fromEntries(
      names.map((name, index) => [name, values[index]!]),
    );
    const updates: Parameters = {};
    const again = key === undefined ? undefined : given.at(-1);
    const own = rematerialized.over(parameters, updates, again);
    const y = body(own, x!, ...given.slice(0, others.length));
    updated = Object.keys(updates);
    return [y, ...updated.map((name) => stopGradient(updates[name]!))];
  });
  // All of them arguments: what was made on the way would be gone when the block runs again.
  const given = [
    ...others,
    ...Object.values(trained),
    ...(key === undefined ? [] : [key]),
  ];
  const [y, ...values] = run(x, ...given) as [Tensor, ...Tensor[]];
  rematerialized.takeUpdates(
    Object.fromEntries(updated.map((name, index) => [name, values[index]!])),
  );
  return y;
}
