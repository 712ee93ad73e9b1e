/**
 * The text tower of CLIP (Radford et al. 2021), a transformer in which a token sees only itself and
 * those before it.
 *
 * @module
 */
import { type Tensor, tf } from "../engine/mod.ts";
import { withInitialValues } from "../nn/initial_values.ts";
import { normal } from "../nn/initializers.ts";
import { layerNorm } from "../nn/layer_norm.ts";
import { product } from "../nn/linear.ts";
import type { Scope } from "../nn/scope.ts";
import { causalBias, tokenEmbedding } from "../nn/token_embedding.ts";
import { textInitialValues } from "./clip_initial_values.ts";
import {
  clipEpsilon,
  clipTransformer,
  type ClipTransformerConfiguration,
} from "./clip_transformer.ts";

/** The shape of a text tower. */
export interface ClipTextConfiguration extends ClipTransformerConfiguration {
  /** Number of different token ids. */
  vocabularySize: number;
  /** Tokens of a caption, M: shorter ones are filled up with zeros. */
  contextLength: number;
  /** E, the width that both towers are projected to. */
  embedWidth: number;
}

/** What the text tower gives, by name. */
export interface ClipTextOutput {
  /** Tokens after the last norm, `(B, M, D)`. */
  hidden: Tensor;
  /** The feature at the end token, projected, `(B, E)`; not L2-normalised. */
  embeds: Tensor;
}

/** Each row's token at its highest id, which is the end of the text: `(B, M, D)` → `(B, D)`. */
function atEndToken(tokens: Tensor, ids: Tensor): Tensor {
  const [batch, length, width] = tokens.shape as [number, number, number];
  const end = tf.oneHot(ids.argMax(1), length); // (B, M)
  return tf.matMul(end.reshape([batch, 1, length]), tokens).reshape([batch, width]);
}

/**
 * Token ids to embeddings.
 *
 * @param scope the root of OpenAI's names: `token_embedding`, `transformer`, `ln_final` …
 * @param ids `(B, M)` int32, M at most the context length; the end token is the highest id.
 * @throws {Error} when there are more tokens than the context length.
 *
 * @example
 * ```ts
 * import { clipText } from "./clip_text.ts";
 * import { clipVariant } from "./clip_variants.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * const { text } = clipVariant("B/16");
 * describeParameters((scope, input) => {
 *   const ids = input({ shape: [2, 77], dtype: "int32" });
 *   console.log(clipText(scope, ids, text).embeds.shape); // [ 2, 512 ]
 * });
 * ```
 */
export function clipText(
  scope: Scope,
  ids: Tensor,
  configuration: ClipTextConfiguration,
): ClipTextOutput {
  const { width, layers, vocabularySize, contextLength, embedWidth } = configuration;
  const length = ids.shape[1]!;
  if (length > contextLength) {
    throw new Error(
      `Captions of ${length} tokens are longer than this CLIP's context of ${contextLength}: ` +
        "cut them, and keep the end token",
    );
  }
  const positions = scope.parameter("positional_embedding", [contextLength, width], {
    initial: normal(0.01),
  });
  const embedded = tokenEmbedding(scope.at("token_embedding"), ids, {
    vocabularySize,
    width,
  })
    .add(length === contextLength ? positions : positions.slice([0, 0], [length, width]));
  const transformer = clipTransformer(
    withInitialValues(scope.at("transformer"), textInitialValues(width, layers)),
    embedded,
    configuration,
    causalBias(length),
  );
  const hidden = layerNorm(scope.at("ln_final"), transformer.tokens, clipEpsilon);
  const projection = scope.parameter("text_projection", [width, embedWidth], {
    initial: normal(width ** -0.5),
  });
  return { hidden, embeds: product(atEndToken(hidden, ids), projection) };
}
