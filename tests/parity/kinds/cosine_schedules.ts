/** Learning rates, as lists of rows. */
import { z } from "zod";
import { cosineByIteration, cosineWithWarmup } from "../../../lib/trainers/schedules.ts";
import { configOf } from "../golden_case.ts";
import type { Kinds } from "../kind.ts";

const schedule = {
  lr: z.number(),
  min_lr: z.number(),
  warmup_epochs: z.number(),
  epochs: z.number(),
  iterations_per_epoch: z.int().positive(),
  every: z.int().positive(),
};
const maeConfig = z.object({ ...schedule, lr_scale: z.number() });
const mmengineConfig = z.object({ ...schedule, start_factor: z.number() });

/** 0, every, 2 · every …, as long as training lasts. */
function iterations(
  config: { epochs: number; iterations_per_epoch: number; every: number },
) {
  const count = Math.ceil(config.epochs * config.iterations_per_epoch / config.every);
  return Array.from({ length: count }, (_, row) => row * config.every);
}

/** The kinds of cases about schedules. */
export const cosineSchedules: Kinds = {
  "cosine-schedule-mae": (golden) => {
    const config = configOf(golden, maeConfig);
    const { lr: base, min_lr: minimum, warmup_epochs: warmupEpochs, epochs } = config;
    const table = iterations(config).map((iteration) => {
      const epoch = iteration / config.iterations_per_epoch;
      const lr = cosineWithWarmup({ base, minimum, warmupEpochs, epochs }, epoch);
      return { iteration, epoch, lr, lr_of_scaled_group: lr * config.lr_scale };
    });
    return { table };
  },
  "cosine-schedule-mmengine": (golden) => {
    const config = configOf(golden, mmengineConfig);
    const plan = {
      base: config.lr,
      minimum: config.min_lr,
      warmupEpochs: config.warmup_epochs,
      epochs: config.epochs,
      startFactor: config.start_factor,
      iterationsPerEpoch: config.iterations_per_epoch,
    };
    const table = iterations(config).map((iteration) => ({
      iteration,
      lr: cosineByIteration(plan, iteration),
    }));
    return { table };
  },
};
