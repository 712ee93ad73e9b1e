/** Fixed position embeddings, and learned ones resized. */
import { z } from "zod";
import { tf } from "../../../lib/engine/mod.ts";
import {
  type Grid,
  resizePositionEmbedding,
  sineCosinePositions,
} from "../../../lib/nn/position_embedding.ts";
import { configOf, input } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";

const size = z.int().positive();
const gridConfig = z.union([size, z.tuple([size, size])])
  .transform((grid): Grid => typeof grid === "number" ? [grid, grid] : grid);
const sineCosineConfig = z.object({
  dim: size,
  grid: gridConfig,
  cls_token: z.boolean().default(false),
});
const interpolationConfig = z.object({ grid: gridConfig, new_grid: gridConfig });

/** The kinds of cases about position embeddings. */
export const positionEmbeddings: Kinds = {
  "sincos-position-embedding": (golden) => {
    const { dim: width, grid, cls_token: classToken } = configOf(
      golden,
      sineCosineConfig,
    );
    const shape: [number, number] = [grid[0] * grid[1] + (classToken ? 1 : 0), width];
    const table = (convention: "official" | "mmpretrain") =>
      tf.tensor2d(sineCosinePositions({ width, grid, classToken, convention }), shape);
    return computation({}, () => ({
      "out/official": table("official"),
      "out/mmpretrain": table("mmpretrain"),
    }));
  },
  "position-embedding-interpolation": (golden) => {
    const { grid, new_grid: newGrid } = configOf(golden, interpolationConfig);
    return computation(
      { embedding: input(golden, "pos_embed") },
      ({ embedding }) => ({
        "out/resized": resizePositionEmbedding(embedding, { grid, newGrid }),
      }),
    );
  },
};
