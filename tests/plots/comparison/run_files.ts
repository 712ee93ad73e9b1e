/**
 * Run folders for comparisons: small ones, as training tasks write them.
 *
 * @module
 */
import { imageGrid } from "../../../lib/plots/mod.ts";
import type { Run } from "../../../lib/runs/mod.ts";

/** What differs between the runs of these tests. */
export interface RunFiles {
  seed?: number;
  /** Name of the recipe, and kind of its model. */
  method?: string;
  task?: string;
  finished?: boolean;
  /** Logged steps. */
  steps?: number;
  /** Of 10 times this loss down to it. */
  loss?: number;
  /** kNN in percent; without one there is no results.json. */
  knn?: number;
  from?: string;
  images?: string;
}

/** A run.json. */
export function runOf(
  { seed = 0, method = "mae", finished = true, task = "pretrain", ...more }: RunFiles,
): Run {
  return {
    name: `${method}-tiny on fashion-mnist`,
    command: `deno task ${task} ${method}-tiny --seed ${seed}`,
    recipe: {
      ...{ task, name: `${method}-tiny`, notes: [`about ${method}`], steps: 50 },
      model: { kind: method, backbone: { kind: "vit", variant: "tiny/4" } },
      ...more.from === undefined ? {} : { from: more.from },
    },
    seeds: [seed],
    machine: { cpu: "Test CPU", cores: 2, memoryBytes: 2 ** 33, os: "linux x86_64" },
    versions: { mimkit: "0.1.0" },
    dataset: {
      name: more.images ?? "fashion-mnist/train",
      ...{ fingerprint: "abc", counts: { train: 60_000 } },
    },
    startedAt: "2026-01-02T03:04:05Z",
    ...finished ? { finishedAt: "2026-01-02T03:09:05Z", minutes: 5 } : {},
  };
}

/** Writes a run folder. */
export async function writeRun(folder: string, files: RunFiles): Promise<void> {
  const { seed = 0, method = "mae", steps = 50, loss = 1, knn } = files;
  const pictures = `${folder}/pictures`;
  await Deno.mkdir(pictures, { recursive: true });
  const write = (name: string, text: string): Promise<void> =>
    Deno.writeTextFile(`${folder}/${name}`, text);
  await write("run.json", JSON.stringify(runOf(files)));
  const lines = Array.from({ length: steps }, (_, step) =>
    JSON.stringify({
      ...{ phase: method, seed, step: step + 1, loss: loss * (1 + 9 / (step + 1)) },
      ...{ learningRate: 1e-3, imagesPerSecond: 400, dataWait: 0.01, processors: 1.5 },
      ...step % 25 === 24 ? { knn: 60 + step / 10 } : {},
      time: Date.parse("2026-01-02T03:04:05Z") + 60_000 * (step + 1),
    }) + "\n");
  await write("metrics.jsonl", lines.join(""));
  if (knn === undefined) return;
  const column = { key: "knn", label: "kNN", unit: "%", better: "higher", digits: 1 };
  const row = (name: string, value: number) => ({ name, values: { knn: [value] } });
  const rows = [row("random weights", 60), row(`${method}-tiny`, knn)];
  const tables = [{ title: "Accuracy", note: "k = 20.", columns: [column], rows }];
  await write("results.json", JSON.stringify({ tables }));
  const pixels = new Uint8Array(4).fill(90);
  await Deno.writeFile(
    `${pictures}/${method}.png`,
    await imageGrid([[{ pixels, height: 2, width: 2, channels: 1 }]]),
  );
}
