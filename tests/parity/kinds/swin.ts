/** Which numbers of the bias tables go with which pairs of tokens, and what shifted windows hide. */
import { z } from "zod";
import { type Tensor, tf } from "../../../lib/engine/mod.ts";
import { relativePositionIndexWithClass } from "../../../lib/nn/relative_position.ts";
import { shiftMask } from "../../../lib/nn/shifted_window_attention.ts";
import { relativePositionIndex } from "../../../lib/nn/window_attention.ts";
import { configOf, type GoldenCase } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";

const size = z.int().positive();
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
