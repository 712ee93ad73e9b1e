/**
 * Scopes: where a layer finds its parameters. The same layer code declares its parameters (names,
 * shapes, initial values) and applies them, so a shape is written once.
 *
 * Parameters are a flat record under the names of the method's original repository, such as
 * `blocks.0.attn.qkv.weight`, with linear weights as `[in, out]` and convolutions as HWIO.
 *
 * What a forward pass changes besides its result (batch norm's running statistics) goes into a
 * record that the caller gives: state in, state out.
 *
 * @module
 */
import {
  abstractly,
  foldIn,
  type Key,
  type Placeholder,
  type RecordedOperation,
  type Tensor,
  tf,
} from "../engine/mod.ts";
import type { Initializer } from "./initializers.ts";

/** A model's parameters by name. */
export type Parameters = Record<string, Tensor>;

/**
 * How a parameter's axes stand compared with the original checkpoint: `linear` `[in, out]` for
 * PyTorch's `[out, in]`, `convolution` HWIO for OIHW, `depthwise` `[height, width, C, 1]` for
 * `[C, 1, height, width]`, `map` NHWC for NCHW, `plain` the same.
 */
export type Layout = "plain" | "linear" | "convolution" | "depthwise" | "map";

/** What a layer declares about one parameter. */
export interface ParameterSpecification {
  shape: number[];
  layout: Layout;
  initial: Initializer;
  /** False for fixed tables, such as sine-cosine position embeddings, and running statistics. */
  trainable: boolean;
}

/** What a layer may say about a parameter beyond its name and shape. */
export interface ParameterOptions {
  initial: Initializer;
  layout?: Layout;
  trainable?: boolean;
}

/** Where a layer finds its parameters, and the keys of its random decisions. */
export interface Scope {
  /** The prefix of this scope's parameters, such as "blocks.0.attn". */
  readonly path: string;
  /** The scope one level down. */
  at(name: string | number): Scope;
  /** The parameter `name` of this scope. */
  parameter(name: string, shape: number[], options: ParameterOptions): Tensor;
  /** Takes down the next value of a parameter that is not trained, such as a running mean. */
  update(name: string, value: Tensor): void;
  /** Whether layers such as drop path draw; without keys they are off. */
  readonly training: boolean;
  /** A key for one purpose of this layer; it differs between layers, purposes and steps. */
  key(purpose: string): Key;
  /** Set where blocks keep their inputs only: see `rematerializedBlock`. */
  readonly rematerialized?: RematerializedScope;
  /** Told where blocks begin and end, where somebody counts what they keep. */
  readonly blocks?: BlockWatcher;
}

/** Is told where blocks that may keep their inputs only begin and end; they do not nest. */
export interface BlockWatcher {
  /** @param input the shape of the block's input. */
  begin(input: readonly number[]): void;
  end(): void;
}

/** What a block needs to run a second time: its trained parameters as arguments. */
export interface RematerializedScope {
  /** The trained parameters below this scope, by full name. */
  trained(): Parameters;
  /** The key of the whole model, where it trains. */
  readonly key: Key | undefined;
  /** The same scope with these in place of its own, and with its own place for updates. */
  over(trained: Parameters, updates: Parameters, key: Key | undefined): Scope;
  /** Takes down updates by full name. */
  takeUpdates(updates: Parameters): void;
}

/** How a scope is used. */
export interface ScopeOptions {
  /**
   * Names of the trained parameters, where blocks are to keep their inputs only and run once more for
   * the gradient. Default: they keep everything.
   */
  rematerialize?: ReadonlySet<string> | undefined;
}

type Find = (path: string, shape: number[], options: ParameterOptions) => Tensor;

function scopeOver(
  find: Find,
  key: Key | undefined,
  path: string,
  updates: Parameters,
  rematerialized?: (path: string) => RematerializedScope,
  blocks?: BlockWatcher,
): Scope {
  const join = (name: string | number): string =>
    path === "" ? `${name}` : `${path}.${name}`;
  return {
    path,
    at: (name) => scopeOver(find, key, join(name), updates, rematerialized, blocks),
    parameter: (name, shape, options) => find(join(name), shape, options),
    update: (name, value) => {
      updates[join(name)] = value;
    },
    training: key !== undefined,
    key: (purpose) => {
      if (key === undefined) {
        throw new Error(
          `${path} draws random numbers only in training: give the scope a key`,
        );
      }
      return foldIn(key, join(purpose));
    },
    ...(rematerialized === undefined ? {} : { rematerialized: rematerialized(path) }),
    ...(blocks === undefined ? {} : { blocks }),
  };
}

/**
 * A scope over existing parameters.
 *
 * @param parameters the model's parameters by full name.
 * @param key turns on training: drop path and dropout draw from it, batch norm uses the batch.
 * @param updates receives the next values of running statistics, by full name.
 * @throws {Error} (when a layer asks) that names a missing parameter, or one of another shape.
 *
 * @example
 * ```ts
 * import { scope } from "./scope.ts";
 * import { zeros } from "./initializers.ts";
 * import { tf } from "../engine/mod.ts";
 * const model = scope({ "norm.bias": tf.zeros([4]) });
 * console.log(model.at("norm").parameter("bias", [4], { initial: zeros }).shape); // [ 4 ]
 * ```
 */
export function scope(
  parameters: Parameters,
  key?: Key,
  updates: Parameters = {},
  { rematerialize }: ScopeOptions = {},
): Scope {
  const find: Find = (path, shape) => {
    const found = parameters[path];
    if (found === undefined) {
      throw new Error(
        `The parameter "${path}" [${shape}] is missing among ${
          Object.keys(parameters).length
        }`,
      );
    }
    if (
      found.shape.length !== shape.length ||
      found.shape.some((n, axis) => n !== shape[axis])
    ) {
      throw new Error(
        `The parameter "${path}" is [${found.shape}], the model needs [${shape}]`,
      );
    }
    return found;
  };
  if (rematerialize === undefined) return scopeOver(find, key, "", updates);
  return scopeOver(find, key, "", updates, (path) => ({
    trained: () =>
      Object.fromEntries(
        Object.entries(parameters).filter(([name]) =>
          name.startsWith(`${path}.`) && rematerialize.has(name)
        ),
      ),
    key,
    over: (trained, updates, key) =>
      scope({ ...parameters, ...trained }, key, updates).at(path),
    takeUpdates: (more) => void Object.assign(updates, more),
  }));
}

/**
 * The names, shapes and layouts of a model's parameters, without making any.
 *
 * @param model a forward function; it runs on shapes alone.
 * @param watch is told of every operation; parameters are inputs under their own names.
 * @param blocks is told, in between, of the blocks that gradient checkpointing is about.
 *
 * @example
 * ```ts
 * import { describeParameters } from "./scope.ts";
 * import { linear } from "./linear.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linear(scope.at("head"), input({ shape: [1, 8] }), 3)
 * );
 * console.log([...specifications.keys()]); // [ "head.weight", "head.bias" ]
 * ```
 */
export function describeParameters(
  model: (scope: Scope, input: Placeholder) => unknown,
  watch?: (operation: RecordedOperation) => void,
  blocks?: BlockWatcher,
): Map<string, ParameterSpecification> {
  const specifications = new Map<string, ParameterSpecification>();
  abstractly((placeholder) => {
    const made = new Map<string, Tensor>();
    const declare: Find = (
      path,
      shape,
      { initial, layout = "plain", trainable = true },
    ) => {
      const known = specifications.get(path);
      if (known === undefined) {
        specifications.set(path, { shape, layout, initial, trainable });
        made.set(path, placeholder({ shape, name: path }));
      } else if (known.shape.join() !== shape.join()) {
        throw new Error(
          `The parameter "${path}" is used as [${known.shape}] and as [${shape}]`,
        );
      }
      return made.get(path)!;
    };
    model(scopeOver(declare, undefined, "", {}, undefined, blocks), placeholder);
  }, watch);
  return specifications;
}

/**
 * Draws initial parameters. Each depends only on the key and its own name, so that adding a layer
 * changes no other.
 *
 * @example
 * ```ts
 * import { describeParameters, initializeParameters } from "./scope.ts";
 * import { linear } from "./linear.ts";
 * import { randomKey } from "../engine/mod.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linear(scope.at("head"), input({ shape: [1, 8] }), 3)
 * );
 * const parameters = initializeParameters(specifications, randomKey(0));
 * console.log(parameters["head.weight"]!.shape); // [ 8, 3 ]
 * ```
 */
export function initializeParameters(
  specifications: Map<string, ParameterSpecification>,
  key: Key,
): Parameters {
  return tf.tidy(() =>
    Object.fromEntries(
      [...specifications].map(([name, { shape, initial }]) => [
        name,
        initial(foldIn(key, name), shape),
      ]),
    )
  );
}
