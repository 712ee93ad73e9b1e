/**
 * `deno task clip`: trains a tiny CLIP on the names of emoji or on captions of Fashion-MNIST, saves
 * it as a teacher for MILAN, measures what it learned, and writes a report. The same command goes on
 * where it was stopped.
 *
 * @module
 */
import { clipDatasets } from "../lib/recipes/clip.ts";
import { type Flag, helpText, readArguments, refuseRest, runTask } from "./arguments.ts";

const flags = {
  data: {
    ...{ kind: "text", default: "emoji", choices: clipDatasets },
    help: `Captioned images: ${clipDatasets.join(" or ")}`,
  },
  minutes: {
    ...{ kind: "number", default: 3, minimum: 0.01 },
    help: "Training budget on 2 cores; scales the number of steps",
  },
  seed: { kind: "number", default: 0, whole: true, minimum: 0, help: "The seed" },
  out: { kind: "text", default: "", help: "The run folder [runs/clip-DATA]" },
} satisfies Record<string, Flag>;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText("deno task clip [flags]", flags));
    return 0;
  }
  refuseRest(positionals);
  const data = clipDatasets.find((name) => name === values.data)!;
  // TensorFlow is loaded only now, so that --help and wrong flags are answered at once.
  const { trainAndMeasure } = await import("./clip/clip.ts");
  return await trainAndMeasure({
    ...values,
    data,
    out: values.out || `runs/clip-${data}`,
  });
}

if (import.meta.main) await runTask(main);
