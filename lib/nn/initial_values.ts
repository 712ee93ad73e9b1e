/**
 * Initial values by name: a project's own way to start a model, beside the layers and not in them.
 *
 * @module
 */
import type { Initializer } from "./initializers.ts";
import type { Scope } from "./scope.ts";

/**
 * A scope in which `choose` may replace the initial values that the layers declare.
 *
 * @param choose gets a parameter's name below `scope`, such as "attn.proj.weight"; without a
 *   result the layer's own initializer stays.
 *
 * @example
 * ```ts
 * import { withInitialValues } from "./initial_values.ts";
 * import { constant } from "./initializers.ts";
 * import { linear } from "./linear.ts";
 * import { describeParameters, initializeParameters } from "./scope.ts";
 * import { randomKey } from "../engine/mod.ts";
 * const specifications = describeParameters((scope, input) => {
 *   const half = withInitialValues(scope, (name) => name === "weight" ? constant(0.5) : undefined);
 *   return linear(half, input({ shape: [1, 1] }), 1);
 * });
 * console.log(initializeParameters(specifications, randomKey(0))["weight"]!.dataSync()[0]); // 0.5
 * ```
 */
export function withInitialValues(
  scope: Scope,
  choose: (name: string) => Initializer | undefined,
): Scope {
  const below = (inner: Scope, prefix: string): Scope => ({
    ...inner,
    at: (name) => below(inner.at(name), `${prefix}${name}.`),
    parameter: (name, shape, options) =>
      inner.parameter(name, shape, {
        ...options,
        initial: choose(`${prefix}${name}`) ?? options.initial,
      }),
  });
  return below(scope, "");
}
