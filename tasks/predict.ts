/**
 * `deno task predict MODEL IMAGE…`: what a classifier sees on pictures.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask, UsageError } from "./arguments.ts";
import { modelFlags } from "./zoo/model_flags.ts";

const flags = {
  top: {
    ...{ kind: "number", default: 5, whole: true, minimum: 1 },
    help: "How many classes of each picture",
  },
  json: { kind: "switch", help: "A line of JSON for each picture" },
  ...modelFlags,
} satisfies Record<string, Flag>;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText("deno task predict MODEL IMAGE… [flags]", flags));
    return 0;
  }
  const [model, ...pictures] = positionals;
  if (model === undefined || pictures.length === 0) {
    throw new UsageError(
      "Give a model and pictures, or folders of them: deno task predict MODEL IMAGE…; " +
        "deno task models lists the models",
    );
  }
  const { predictPictures } = await import("./zoo/predict.ts");
  return await predictPictures({ model, pictures, ...values });
}

if (import.meta.main) await runTask(main);
