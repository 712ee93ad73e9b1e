/**
 * The quickstart from data to report.
 *
 * @module
 */
import { disposeTree, tensorflowVersion } from "../../lib/engine/mod.ts";
import { writeReport } from "../../lib/plots/mod.ts";
import { quickstartRecipe, quickstartSources } from "../../lib/recipes/quickstart.ts";
import { describeMachine, openRun, type Run } from "../../lib/runs/mod.ts";
import { Interrupted, whileInterruptible } from "../../lib/trainers/interrupt.ts";
import { terminalProgress } from "../../lib/trainers/progress.ts";
import project from "../../deno.json" with { type: "json" };
import { evaluateAll } from "./evaluate.ts";
import { openEvaluations } from "./evaluations.ts";
import { chooseData, loadData, trainAll } from "./phases.ts";
import { writePictures } from "./pictures.ts";
import { printTable } from "./table.ts";

/** The flags of the quickstart. */
export interface QuickstartOptions {
  minutes: number;
  seed: number;
  seeds: number;
  out: string;
}

function commandOf({ minutes, seed, seeds, out }: QuickstartOptions): string {
  return `deno task quickstart --minutes ${minutes} --seed ${seed} --seeds ${seeds} --out ${out}`;
}

/** Runs the quickstart, or what is left of it; returns the exit status. */
export async function quickstart(options: QuickstartOptions): Promise<number> {
  const { minutes, seed, seeds: count, out } = options;
  const recipe = quickstartRecipe(minutes);
  const full = await loadData();
  const seeds = Array.from({ length: count }, (_, index) => seed + index);
  const wanted: Run = {
    name: "MILAN and MAE on Fashion-MNIST",
    command: commandOf(options),
    recipe: { ...recipe },
    sources: quickstartSources,
    seeds,
    machine: describeMachine(),
    versions: {
      mimkit: project.version,
      deno: Deno.version.deno,
      tensorflow: tensorflowVersion(),
    },
    dataset: {
      name: full.train.name,
      fingerprint: `${full.train.fingerprint} ${full.test.fingerprint}`,
      counts: { train: full.train.length, test: full.test.length },
    },
    startedAt: new Date().toISOString(),
  };
  const run = await openRun(out, wanted);
  if (run.resumed) console.error(`Going on with the run in ${out}`);
  const evaluations = await openEvaluations(run, seeds);
  try {
    await whileInterruptible(async (interruption) => {
      const surroundings = { run, interruption, progress: terminalProgress };
      for (const seed of seeds) {
        if (seeds.length > 1) console.error(`Seed ${seed}`);
        const data = chooseData(full, recipe, seed);
        const trained = await trainAll(data, recipe, seed, surroundings);
        if (seed === seeds[0]) await writePictures(run, data, trained, recipe);
        await evaluateAll(trained, { data, recipe, seed, surroundings, evaluations });
        disposeTree(
          [trained.clip, trained.mae, trained.milan].map(({ parameters }) => parameters),
        );
      }
    });
  } catch (error) {
    await run.finish(false);
    if (!(error instanceof Interrupted)) throw error;
    console.error(`${error.message}. Nothing is lost; go on with: ${wanted.command}`);
    return 130;
  }
  await run.finish(true);
  await printTable(run.folder);
  console.log(`Report: ${await writeReport(run.folder)}`);
  return 0;
}
