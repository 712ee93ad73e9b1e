/**
 * The quickstart from data to report.
 *
 * @module
 */
import { disposeTree } from "../../lib/engine/mod.ts";
import { quickstartRecipe, quickstartSources } from "../../lib/recipes/quickstart.ts";
import { openEvaluations } from "../training/evaluations.ts";
import { describeRun, runToEnd } from "../training/run_to_end.ts";
import { evaluateAll } from "./evaluate.ts";
import { quickstartTable } from "./evaluations.ts";
import { chooseData, loadData, trainAll } from "./phases.ts";
import { writePictures } from "./pictures.ts";

/** The flags of the quickstart. */
export interface QuickstartOptions {
  minutes: number;
  seed: number;
  seeds: number;
  out: string;
}

/** What a test makes smaller. */
export interface QuickstartParts {
  recipe?: ReturnType<typeof quickstartRecipe>;
  load?: typeof loadData;
}

function commandOf({ minutes, seed, seeds, out }: QuickstartOptions): string {
  return `deno task quickstart --minutes ${minutes} --seed ${seed} --seeds ${seeds} --out ${out}`;
}

/** Runs the quickstart, or what is left of it; returns the exit status. */
export async function quickstart(
  options: QuickstartOptions,
  { recipe = quickstartRecipe(options.minutes), load = loadData }: QuickstartParts = {},
): Promise<number> {
  const full = await load();
  const seeds = Array.from({ length: options.seeds }, (_, index) => options.seed + index);
  const wanted = describeRun({
    name: "MILAN and MAE on Fashion-MNIST",
    command: commandOf(options),
    recipe: { ...recipe },
    sources: quickstartSources,
    seeds,
  }, full);
  return await runToEnd(options.out, wanted, async (run, surroundings) => {
    const evaluations = await openEvaluations(run, seeds, quickstartTable);
    for (const seed of seeds) {
      if (seeds.length > 1) console.error(`Seed ${seed}`);
      const data = chooseData(full, recipe, seed);
      const trained = await trainAll(data, recipe, seed, surroundings);
      if (seed === seeds[0]) await writePictures(run, data, trained, recipe);
      await evaluateAll(trained, { data, recipe, seed, surroundings, evaluations });
      const { clip, mae, milan } = trained;
      disposeTree([clip, mae, milan].map(({ parameters }) => parameters));
    }
  });
}
