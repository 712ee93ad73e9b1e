/**
 * `deno task evaluate RUN`: top-1 and top-5, each class, and what is taken for what, of a classifier
 * that `deno task finetune` or `deno task linear-probe` trained.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask, UsageError } from "./arguments.ts";
import { testFlags } from "./image_flags.ts";

const flags = {
  data: { kind: "text", default: "", help: "Images with labels [those of the run]" },
  ...testFlags,
  out: {
    ...{ kind: "text", default: "" },
    help: "A folder for every class and confusion: classification.json, confusion.csv",
  },
} satisfies Record<string, Flag>;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText("deno task evaluate RUN [flags]", flags));
    return 0;
  }
  const [run, ...rest] = positionals;
  if (run === undefined || rest.length > 0) {
    throw new UsageError("Give one run of deno task finetune: deno task evaluate RUN");
  }
  const { evaluateRun } = await import("./evaluate/classifier.ts");
  return await evaluateRun({ folder: run, ...values });
}

if (import.meta.main) await runTask(main);
