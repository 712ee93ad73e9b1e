/**
 * openmixup's Swin: its arguments, which numbers of the bias tables go with which pairs of tokens,
 * and what shifted windows hide.
 */
import { z } from "zod";
import type { SwinConfiguration } from "../../../lib/backbones/swin.ts";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { relativePositionIndexWithClass } from "../../../lib/nn/relative_position.ts";
import { shiftMask } from "../../../lib/nn/shifted_window_attention.ts";
import { relativePositionIndex } from "../../../lib/nn/window_attention.ts";
import { configOf, type GoldenCase } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";

const size = z.int().positive();
// The windows and padding of all stages; a stage's blocks may have their own.
const windowConfig = {
  window_size: size.optional(),
  pad_small_map: z.boolean().optional(),
};
const normConfig = z.object({ eps: z.literal(1e-5).optional() }).optional();

/** openmixup's SwinTransformer; its options that no released model uses may only be off. */
export const swinConfig = z.object({
  arch: z.object({
    embed_dims: size,
    depths: z.array(size),
    num_heads: z.array(size),
  }),
  patch_size: size.default(4),
  ...windowConfig,
  stage_cfgs: z.object({
    ...windowConfig,
    block_cfgs: z.object({
      ...windowConfig,
      ffn_ratio: z.number().default(4),
      norm_cfg: normConfig,
    }).prefault({}),
  }).prefault({}),
  norm_cfg: normConfig,
  use_abs_pos_embed: z.literal(false).optional(),
});

/** The kit's configuration for openmixup's names. */
export function swinOf(config: z.infer<typeof swinConfig>): SwinConfiguration {
  const { arch, stage_cfgs: stages } = config;
  // The innermost setting counts.
  const windows = { ...config, ...stages, ...stages.block_cfgs };
  return {
    patchSize: config.patch_size,
    width: arch.embed_dims,
    depths: arch.depths,
    heads: arch.num_heads,
    window: windows.window_size ?? 7,
    mlpRatio: stages.block_cfgs.ffn_ratio,
    padSmallMaps: windows.pad_small_map ?? false,
  };
}

const shiftConfig = z.tuple([size, size, size, size]);
const relativeIndexConfig = z.object({
  windows: z.array(size).default([]),
  beit_windows: z.array(size).default([]),
  shift_masks: z.array(shiftConfig).default([]),
});

/** The index of each pair of `tokens` tokens. */
function pairs(index: Int32Array, tokens: number): Tensor {
  return tf.tensor2d(index, [tokens, tokens], "int32");
}

function shiftMaskOf(given: z.infer<typeof shiftConfig>): Tensor {
  const [rows, columns, window, shift] = given;
  const tokens = window * window;
  return tf.tensor3d(
    shiftMask({ rows, columns, window, shift }),
    [rows * columns / tokens, tokens, tokens],
  );
}

function relativeIndex(golden: GoldenCase) {
  const config = configOf(golden, relativeIndexConfig);
  return computation({}, () =>
    Object.fromEntries([
      ...config.windows.map((window) =>
        [
          `out/index${window}`,
          pairs(relativePositionIndex(window), window ** 2),
        ] as const
      ),
      ...config.beit_windows.map((window) =>
        [
          `out/beit_index${window}`,
          pairs(relativePositionIndexWithClass([window, window]), 1 + window ** 2),
        ] as const
      ),
      ...config.shift_masks.map((given) =>
        [`out/shift_mask_${given.join("_")}`, shiftMaskOf(given)] as const
      ),
    ]));
}

/** The kinds of cases about windows. */
export const swinKinds: Kinds = { "swin-relative-index": relativeIndex };
