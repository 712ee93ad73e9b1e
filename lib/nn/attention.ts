/**
 * Multi-head attention (Vaswani et al. 2017), written on matrix products so that it trains.
 *
 * @module
 */
import { fused, type Tensor, tf } from "../engine/mod.ts";
import { zeros } from "./initializers.ts";
import { linear } from "./linear.ts";
import type { Scope } from "./scope.ts";

/** What attention gives. */
export interface Attended {
  /** `(B, N, D)` */
  output: Tensor;
  /** Each head's attention, `(B, heads, N, M)`; every row sums to 1. */
  weights: Tensor;
}

/** Options of {@linkcode attend}. */
export interface AttendOptions {
  heads: number;
  /** Added to the logits before the softmax; broadcasts to `(B, heads, N, M)`. */
  bias?: Tensor;
}

/** Throws unless every head gets the same whole number of channels. */
export function requireHeads(width: number, heads: number): void {
  if (Number.isInteger(heads) && heads >= 1 && width % heads === 0) return;
  throw new Error(
    `The width ${width} is not a multiple of the ${heads} heads: ` +
      `use a number of heads that divides ${width}`,
  );
}

/** `(B, N, D)` → `(B, heads, N, D / heads)` */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, width] = x.shape as [number, number, number];
  return x.reshape([batch, length, heads, width / heads]).transpose([0, 2, 1, 3]);
}

/** `(B, heads, N, D / heads)` → `(B, N, D)` */
export function mergeHeads(x: Tensor): Tensor {
  const [batch, heads, length, width] = x.shape as [number, number, number, number];
  return x.transpose([0, 2, 1, 3]).reshape([batch, length, heads * width]);
}

/** softmax(scale · logits + bias) over the last axis. */
function attentionSoftmax(
  logits: Tensor,
  scale: number,
  bias: Tensor | undefined,
): Tensor {
  const inputs = bias === undefined ? [logits] : [logits, bias];
  return fused(`attention softmax ${scale}`, ([logits, bias]) => {
    const scaled = logits!.mul(scale);
    const biased = bias === undefined ? scaled : scaled.add(bias);
    const exponentials = biased.sub(biased.max(-1, true)).exp();
    return [exponentials.div(exponentials.sum(-1, true))];
  }, inputs)[0]!;
}

/**
 * Attention of queries `(B, N, D)` over keys and values `(B, M, D)`, already projected:
 * softmax(q kᵀ / √(D / heads)) v.
 */
export function attend(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  { heads, bias }: AttendOptions,
): Attended {
  const width = queries.shape.at(-1)!;
  requireHeads(width, heads);
  const q = splitHeads(queries, heads);
  const k = splitHeads(keys, heads);
  const v = splitHeads(values, heads);
  const logits = tf.matMul(q, k, false, true); // (B, heads, N, M)
  const weights = attentionSoftmax(logits, (width / heads) ** -0.5, bias);
  return { output: mergeHeads(tf.matMul(weights, v)), weights };
}

/**
 * Which of queries, keys and values have a bias: all or none, in one vector (timm), or queries and
 * values in a vector each (BEiT: a bias of the keys changes no softmax).
 */
export type QkvBias = boolean | "query-value";

/** Options of {@linkcode selfAttention}. */
export interface SelfAttentionOptions extends AttendOptions {
  /** Default: true. */
  qkvBias?: QkvBias;
}

/** Queries, keys and values of tokens `(B, N, D)`, side by side: `(B, N, 3·D)`. */
function projectQkv(scope: Scope, x: Tensor, qkvBias: QkvBias): Tensor {
  const width = x.shape.at(-1)!;
  const qkv = scope.at("qkv");
  if (qkvBias !== "query-value") return linear(qkv, x, 3 * width, { bias: qkvBias });
  const bias = (name: string): Tensor =>
    scope.parameter(name, [width], { initial: zeros });
  const projected = linear(qkv, x, 3 * width, { bias: false });
  return projected.add(tf.concat([bias("q_bias"), tf.zeros([width]), bias("v_bias")]));
}

/**
 * Self-attention of a ViT block: `(B, N, D)` → `(B, N, D)`.
 *
 * @param scope holds `qkv` and `proj` (timm's names); with biases for queries and values alone also
 *   `q_bias` and `v_bias` (BEiT's names).
 *
 * @example
 * ```ts
 * import { selfAttention } from "./attention.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   selfAttention(scope, input({ shape: [2, 5, 8] }), { heads: 2 })
 * );
 * console.log(specifications.get("qkv.weight")!.shape); // [ 8, 24 ]
 * ```
 */
export function selfAttention(
  scope: Scope,
  x: Tensor,
  { heads, bias, qkvBias = true }: SelfAttentionOptions,
): Attended {
  const width = x.shape.at(-1)!;
  const qkv = projectQkv(scope, x, qkvBias);
  const [queries, keys, values] = tf.split(qkv, 3, -1) as [Tensor, Tensor, Tensor];
  const attended = attend(queries, keys, values, bias ? { heads, bias } : { heads });
  return { ...attended, output: linear(scope.at("proj"), attended.output, width) };
}
