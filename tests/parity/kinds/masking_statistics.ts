/** Semantic-aware masking as statistics of many draws, compared with torch.multinomial's. */
import { z } from "zod";
import {
  invertPermutation,
  randomKey,
  type Tensor,
  tf,
} from "../../../lib/engine/mod.ts";
import { keptCount } from "../../../lib/maskers/mask.ts";
import { semanticOrder } from "../../../lib/maskers/semantic.ts";
import { configOf, type GoldenCase, input } from "../golden_case.ts";
import { computation, type Kinds } from "../kind.ts";

const statisticsConfig = z.object({
  length: z.int(),
  mask_ratio: z.number(),
  draws: z.int().positive(),
});

// Ours; the case's own number of draws would take longer and show nothing more.
const draws = 60_000;

function maskingStatistics(golden: GoldenCase) {
  const config = configOf(golden, statisticsConfig);
  const kept = keptCount(config.length, config.mask_ratio);
  const given = { importance: input(golden, "importance"), key: randomKey(0) };
  // Five standard errors of the difference of two estimates of a share, and of two mean ranks
  // (a rank's deviation is at most length / √12): the case's notes.
  const varianceOfDraws = 1 / config.draws + 1 / draws;
  const share = { absolute: 5 * Math.sqrt(0.25 * varianceOfDraws), relative: 0 };
  const rank = {
    absolute: 5 * config.length * Math.sqrt(varianceOfDraws / 12) * 2,
    relative: 0,
  };
  return computation(
    given,
    ({ importance, key }) => {
      const order = semanticOrder(key, importance.reshape([1, -1]).tile([draws, 1]));
      const ranks = tf.cast(invertPermutation(order), "float32"); // (draws, L)
      const shareBelow = (rank: number): Tensor =>
        tf.cast(tf.less(ranks, rank), "float32").mean(0);
      return {
        "out/inclusion_probability": shareBelow(kept),
        "out/first_probability": shareBelow(1),
        "out/mean_rank": ranks.mean(0),
      };
    },
    {
      "out/inclusion_probability": share,
      "out/first_probability": share,
      "out/mean_rank": rank,
    },
  );
}

/** Masking. */
export const maskingStatisticsKinds: Kinds = {
  "milan-masking-statistics": maskingStatistics,
};
