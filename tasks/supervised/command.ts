/**
 * The command line of `deno task finetune` and `deno task linear-probe`.
 *
 * @module
 */
import { type Flag, helpText, UsageError } from "../arguments.ts";
import { recipeFlags } from "../image_flags.ts";
import { commandOf, readRecipeArguments, resolveArguments } from "../recipe_arguments.ts";
import { savingOf } from "../training/saving.ts";
import type { SupervisedRecipe } from "./adapt.ts";

const flags = {
  from: {
    ...{ kind: "text", default: "" },
    help:
      "What was pretrained: a run's folder, a file of weights, or a released model's name",
  },
  like: {
    ...{ kind: "text", default: "" },
    help:
      "A run whose network is taken as it was before its first step: a baseline for --from",
  },
  data: {
    ...{ kind: "text", default: "" },
    help: "Images with labels: as in deno task pretrain [those of the run]",
  },
  labels: {
    ...{ kind: "number", default: 1, minimum: 0 },
    help: "Share of the labels that is used, such as 0.01",
  },
  ...recipeFlags,
} satisfies Record<string, Flag>;

/** One of the two tasks. */
export interface SupervisedCommand {
  /** As it is called: deno task NAME. */
  name: "finetune" | "linear-probe";
  task: SupervisedRecipe["task"];
  /** The recipe when nobody names one. */
  usual: string;
}

async function showHelp(
  { name, task, usual }: SupervisedCommand,
  wanted: string | undefined,
): Promise<void> {
  const { recipe, recipeNames } = await import("../../lib/recipes/catalogue.ts");
  const { renderFlags } = await import("../../lib/recipes/render.ts");
  const { renderList } = await import("../../lib/recipes/render_list.ts");
  const chosen = recipe(wanted ?? usual);
  const start = task === "finetune" ? "[--from RUN]" : "--from RUN";
  const usage = `deno task ${name} [RECIPE] ${start} [flags] [--FIELD VALUE …]

Without a RECIPE it is ${usual}${
    task === "finetune" ? "; without --from it trains from scratch" : ""
  }.`;
  const recipes = recipeNames.filter((name) => recipe(name).task === task);
  console.log([
    ...[helpText(usage, flags), "", `Fields of ${chosen.name}:`, renderFlags(chosen)],
    ...["", "Recipes (`deno task recipes NAME` shows one):", "", renderList(recipes)],
  ].join("\n"));
}

/** Reads the command line and does what it says; returns the exit status. */
export async function superviseCommand(
  command: SupervisedCommand,
  args: readonly string[],
): Promise<number> {
  const { values, positionals, help, overrides } = readRecipeArguments(args, flags);
  const [wanted, ...rest] = positionals;
  if (help) {
    await showHelp(command, wanted);
    return 0;
  }
  if (rest.length > 0) {
    throw new UsageError(`One RECIPE at a time, got ${positionals.join(" and ")}`);
  }
  if (values.from !== "" && values.like !== "") {
    throw new UsageError("Give --from or --like: weights come from one place");
  }
  if (command.task === "linear" && values.from === "" && values.like === "") {
    throw new UsageError("A probe is on a frozen network: name it with --from RUN");
  }
  const { recipe: recipeOf } = await import("../../lib/recipes/catalogue.ts");
  const { recipeFor } = await import("../training/adapt_recipe.ts");
  const { chooseImages } = await import("../training/choose_images.ts");
  const original = recipeOf(wanted ?? command.usual);
  if (original.task !== command.task) {
    throw new UsageError(
      `${original.name} is for another task (${original.task}): deno task ${command.name} ` +
        "--help lists those for this one",
    );
  }
  const { findPretrained } = await import("../training/pretrained.ts");
  const start = values.from || values.like;
  const pretrained = start === "" ? undefined : await findPretrained(start);
  const before = pretrained?.kind === "run" ? pretrained.run.inputs : undefined;
  const data = values.data || (before?.data ?? original.data.dataset);
  const val = values.val || (values.data === "" ? before?.val ?? "" : "");
  const choice = await chooseImages(data, val);
  const { forPretrained } = await import("./adapt.ts");
  const adapted = forPretrained(
    recipeFor(original.name, choice) as SupervisedRecipe,
    pretrained,
  );
  const recipe = resolveArguments(adapted, overrides, flags) as SupervisedRecipe;
  // TensorFlow is used only now, so that wrong flags are answered at once.
  const { supervise } = await import("./supervise.ts");
  return await supervise({
    ...{ recipe, choice, pretrained, from: values.from, like: values.like },
    labels: values.labels,
    ...{ seed: values.seed, out: values.out, dry: values.dry },
    reading: { readers: values.readers, maxBad: values["max-bad"] },
    saving: savingOf(values),
    command: commandOf(command.name, args),
    inputs: { data, val },
  });
}
