/**
 * The pre-norm transformer block of ViT (Dosovitskiy et al. 2021), under timm's names.
 *
 * @module
 */
import type { Tensor } from "../engine/mod.ts";
import { type QkvBias, selfAttention } from "./attention.ts";
import { dropPath } from "./drop_path.ts";
import { constant } from "./initializers.ts";
import { layerNorm } from "./layer_norm.ts";
import { mlp } from "./mlp.ts";
import type { Grid } from "./position_embedding.ts";
import { relativePositionBiasWithClass } from "./relative_position.ts";
import type { Scope } from "./scope.ts";

/** Options of {@linkcode transformerBlock}. */
export interface TransformerBlockOptions {
  heads: number;
  /** Hidden width of the MLP. */
  hidden: number;
  /** Of the layer norms. Default: 1e-6. */
  epsilon?: number;
  /** Default: true. */
  qkvBias?: QkvBias;
  /** Rows and columns of the patches, for BEiT's relative position bias. Default: no such bias. */
  relativePositions?: Grid;
  /** Initial layer scale (Touvron et al. 2021); without it there is none. */
  layerScale?: number;
  /** Probability of leaving a branch out. Default: 0. */
  dropPathRate?: number;
}

function scaled(scope: Scope, branch: Tensor, initial: number | undefined): Tensor {
  if (initial === undefined) return branch;
  const width = branch.shape.at(-1)!;
  return branch.mul(scope.parameter("gamma", [width], { initial: constant(initial) }));
}

/**
 * x + attention(norm(x)), then x + mlp(norm(x)): `(B, N, D)` → `(B, N, D)`.
 *
 * @returns the tokens, and the attention weights `(B, heads, N, N)`.
 *
 * @example
 * ```ts
 * import { transformerBlock } from "./transformer_block.ts";
 * import { describeParameters } from "./scope.ts";
 * const specifications = describeParameters((scope, input) =>
 *   transformerBlock(scope, input({ shape: [1, 5, 8] }), { heads: 2, hidden: 32 })
 * );
 * console.log(specifications.size); // 12
 * ```
 */
export function transformerBlock(
  scope: Scope,
  x: Tensor,
  options: TransformerBlockOptions,
): { tokens: Tensor; attention: Tensor } {
  const { heads, hidden, epsilon = 1e-6, qkvBias = true, layerScale, dropPathRate = 0 } =
    options;
  const attention = scope.at("attn");
  const grid = options.relativePositions;
  const bias = grid === undefined
    ? undefined
    : relativePositionBiasWithClass(attention, { grid, heads });
  const normalized = layerNorm(scope.at("norm1"), x, epsilon);
  const attended = selfAttention(attention, normalized, {
    heads,
    qkvBias,
    ...(bias === undefined ? {} : { bias }),
  });
  const first = scaled(scope.at("ls1"), attended.output, layerScale);
  x = x.add(dropPath(scope.at("drop_path1"), first, dropPathRate));
  const hiddenTokens = mlp(scope.at("mlp"), layerNorm(scope.at("norm2"), x, epsilon), {
    hidden,
  });
  const second = scaled(scope.at("ls2"), hiddenTokens, layerScale);
  x = x.add(dropPath(scope.at("drop_path2"), second, dropPathRate));
  return { tokens: x, attention: attended.weights };
}
