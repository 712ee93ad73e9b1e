/**
 * `deno task quickstart`: trains a tiny CLIP, pretrains MAE and MILAN at equal budget on
 * Fashion-MNIST without labels, evaluates them, and writes a report. The same command goes on
 * where it was stopped.
 *
 * @module
 */
import { type Flag, helpText, readArguments, refuseRest, runTask } from "./arguments.ts";

const flags = {
  minutes: {
    kind: "number",
    default: 5,
    minimum: 0.01,
    help: "Training budget on 2 cores; scales the number of steps",
  },
  seed: { kind: "number", default: 0, whole: true, minimum: 0, help: "The first seed" },
  seeds: { kind: "number", default: 1, whole: true, minimum: 1, help: "How many seeds" },
  out: { kind: "text", default: "runs/quickstart", help: "The run folder" },
} satisfies Record<string, Flag>;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText("deno task quickstart [flags]", flags));
    return 0;
  }
  refuseRest(positionals);
  // TensorFlow is loaded only now, so that --help and wrong flags are answered at once.
  const { quickstart } = await import("./quickstart/quickstart.ts");
  return await quickstart(values);
}

if (import.meta.main) await runTask(main);
