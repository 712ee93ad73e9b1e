/**
 * `deno task pretrain [RECIPE]`: pretrains a network on images without labels, or a CLIP on images
 * with captions, measures what it learned where there are labels, and writes a report. The same
 * command goes on where it was stopped.
 *
 * @module
 */
import { type Flag, runTask, UsageError } from "./arguments.ts";
import { showHelp, startTraining, trainingFlags } from "./pretrain/command.ts";
import { readRecipeArguments } from "./recipe_arguments.ts";

const { data, ...others } = trainingFlags;
const flags = {
  data,
  teacher: {
    ...{ kind: "text", default: "" },
    help:
      "A CLIP for MILAN: its run's folder, a file of weights, or a name such as ViT-B/16",
  },
  ...others,
} satisfies Record<string, Flag>;

const usage = `deno task pretrain [RECIPE] [flags] [--FIELD VALUE …]

Without a RECIPE it is milan-tiny on the data in the box: minutes on two cores.`;

async function main(): Promise<number> {
  const { values, positionals, help, overrides } = readRecipeArguments(Deno.args, flags);
  const [name, ...rest] = positionals;
  if (values.teacher === "none") {
    overrides["teacher"] = "none";
    values.teacher = "";
  }
  const recipe = name ?? "milan-tiny";
  if (help) {
    await showHelp(usage, flags, recipe, { withRecipes: true });
    return 0;
  }
  if (rest.length > 0) {
    throw new UsageError(`One RECIPE at a time, got ${positionals.join(" and ")}`);
  }
  return await startTraining({
    ...{ name: "pretrain", recipe, teacher: values.teacher, values, overrides, flags },
    ...{ args: Deno.args, first: name === undefined },
  });
}

if (import.meta.main) await runTask(main);
