/**
 * A network as it was before it was pretrained: the baseline that shows what pretraining brings.
 *
 * @module
 */
import { randomKey } from "../../lib/engine/mod.ts";
import {
  describeParameters,
  initializeParameters,
  type Parameters,
} from "../../lib/nn/scope.ts";
import { backboneFor } from "../pretrain/prepare.ts";
import { frozenFeatures } from "../../lib/methods/frozen_features.ts";
import type { Pretrained } from "../training/pretrained.ts";

/**
 * The backbone of a run of `deno task pretrain` with weights drawn anew: fixed position embeddings are
 * what they are, all else is random.
 *
 * @throws {Error} when it is no such run.
 */
export function drawnParameters(
  pretrained: Pretrained,
  { channels, seed }: { channels: number; seed: number },
): Parameters {
  if (pretrained.kind !== "run" || pretrained.run.recipe.task !== "pretrain") {
    throw new Error("--like takes the folder of a run of deno task pretrain");
  }
  const { recipe } = pretrained.run;
  const { imageSize } = recipe.data;
  const backbone = backboneFor(recipe, channels);
  const specifications = describeParameters((scope, input) =>
    frozenFeatures(scope, input({ shape: [1, imageSize, imageSize, channels] }), backbone)
  );
  return initializeParameters(specifications, randomKey(seed));
}
