/**
 * `deno task clip`: the short form of `deno task pretrain clip-tiny`, which trains a tiny CLIP on
 * captioned images, to be a teacher for MILAN.
 *
 * @module
 */
import { type Flag, refuseRest, runTask, UsageError } from "./arguments.ts";
import { showHelp, startTraining, trainingFlags } from "./pretrain/command.ts";
import { readRecipeArguments } from "./recipe_arguments.ts";

// The budget that the recipe's steps are for.
const usualMinutes = 3;

const flags = {
  ...trainingFlags,
  data: {
    ...{ kind: "text", default: "emoji" },
    help:
      "Captioned images: emoji, fashion-mnist, CIFAR's folder, a folder with a folder for each " +
      "class, or .tar shards with KEY.txt",
  },
  minutes: {
    ...{ kind: "number", default: usualMinutes, minimum: 0.01 },
    help: "Training budget on 2 cores; scales the number of steps",
  },
} satisfies Record<string, Flag>;

const usage = `deno task clip [flags] [--FIELD VALUE …]

Short for deno task pretrain clip-tiny. Its run is a teacher: deno task pretrain milan-tiny
--teacher RUN`;

const recipe = "clip-tiny";

/** The recipe's steps for another budget; nothing else depends on it, so that a run can be repeated. */
async function stepsFor(minutes: number): Promise<string> {
  const { recipe: recipeOf } = await import("../lib/recipes/catalogue.ts");
  const steps = recipeOf(recipe).steps!;
  return `${Math.max(2, Math.round(steps * minutes / usualMinutes))}`;
}

async function main(): Promise<number> {
  const { values, positionals, help, overrides } = readRecipeArguments(Deno.args, flags);
  if (help) {
    await showHelp(usage, flags, recipe, { withRecipes: false });
    return 0;
  }
  refuseRest(positionals);
  if (values.minutes !== usualMinutes) {
    if ("steps" in overrides || "epochs" in overrides) {
      throw new UsageError("--minutes are a number of --steps: give one of them");
    }
    overrides["steps"] = await stepsFor(values.minutes);
  }
  return await startTraining({
    ...{ name: "clip", recipe, teacher: "", values, overrides, flags },
    ...{ args: Deno.args, first: false },
  });
}

if (import.meta.main) await runTask(main);
