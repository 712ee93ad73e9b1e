/**
 * `deno task knn RUN`: the accuracy of nearest neighbours in the features of a pretrained network.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask, UsageError } from "./arguments.ts";
import { testFlags } from "./image_flags.ts";

const flags = {
  data: { kind: "text", default: "", help: "Images with labels [those of the run]" },
  neighbours: {
    ...{ kind: "number", default: 20, whole: true, minimum: 1 },
    help: "How many vote",
  },
  images: {
    ...{ kind: "number", default: 50_000, whole: true, minimum: 1 },
    help: "At most so many labelled images vote",
  },
  ...testFlags,
} satisfies Record<string, Flag>;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText("deno task knn RUN [flags]", flags));
    return 0;
  }
  const [run, ...rest] = positionals;
  if (run === undefined || rest.length > 0) {
    throw new UsageError("Give one run of deno task pretrain: deno task knn RUN");
  }
  const { nearestOfRun } = await import("./evaluate/knn.ts");
  return await nearestOfRun({ folder: run, ...values });
}

if (import.meta.main) await runTask(main);
