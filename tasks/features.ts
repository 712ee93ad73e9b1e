/**
 * `deno task features MODEL IMAGES --out FILE`: what an encoder makes of every picture.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask, UsageError } from "./arguments.ts";
import { testFlags } from "./image_flags.ts";
import { modelFlags } from "./zoo/model_flags.ts";

const { val: _, ...readingFlags } = testFlags;

const flags = {
  out: {
    ...{ kind: "text", default: "features.safetensors" },
    help: "The file: features (N, D), labels (N) of class folders, paths",
  },
  force: { kind: "switch", help: "Replaces the file if it is there" },
  batch: {
    ...{ kind: "number", default: 32, whole: true, minimum: 1 },
    help: "Pictures that are run at once",
  },
  precision: {
    ...{ kind: "text", default: "float32", choices: ["float32", "bfloat16"] },
    help: "Of matrix products",
  },
  ...readingFlags,
  ...modelFlags,
} satisfies Record<string, Flag>;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText("deno task features MODEL IMAGES [flags]", flags));
    return 0;
  }
  const [model, images, ...rest] = positionals;
  if (model === undefined || images === undefined || rest.length > 0) {
    throw new UsageError(
      "Give a model and a folder of pictures, or .tar shards: deno task features MODEL IMAGES; " +
        "deno task models lists the models",
    );
  }
  const { writeFeatures } = await import("./zoo/features.ts");
  return await writeFeatures({ model, images, ...values });
}

if (import.meta.main) await runTask(main);
