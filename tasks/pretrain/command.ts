/**
 * The command lines of `deno task pretrain` and of its short form for a CLIP, `deno task clip`.
 *
 * @module
 */
import type {
  ContrastiveRecipe,
  PretrainRecipe,
  Recipe,
} from "../../lib/recipes/recipe.ts";
import { type Flag, type FlagValues, helpText, UsageError } from "../arguments.ts";
import { recipeFlags } from "../image_flags.ts";
import { commandOf, resolveArguments } from "../recipe_arguments.ts";
import { savingOf } from "../training/saving.ts";

/** The flags of both. */
export const trainingFlags = {
  data: {
    ...{ kind: "text", default: "" },
    help:
      "Images: fashion-mnist, emoji, a folder of pictures (class folders, train/ and val/, " +
      "or flat), CIFAR's folder, or .tar shards [the recipe's]",
  },
  overfit: {
    ...{ kind: "number", default: 0, whole: true, minimum: 0 },
    help:
      "Learns so many images by heart (MixMIM: pairs), and says whether the loss gets near " +
      "zero: to 5 % of the first one or less, as the mean of the last ten steps",
  },
  ...recipeFlags,
} satisfies Record<string, Flag>;

/** What is trained before there are labels: a masked method, or its teacher. */
export type UnlabelledRecipe = PretrainRecipe | ContrastiveRecipe;

function isUnlabelled(recipe: Recipe): recipe is UnlabelledRecipe {
  return recipe.task === "pretrain" || recipe.task === "clip";
}

function requirePretraining(recipe: Recipe): UnlabelledRecipe {
  if (isUnlabelled(recipe)) return recipe;
  const task = { finetune: "finetune", linear: "linear-probe" }[recipe.task];
  throw new UsageError(`${recipe.name} is for another task: deno task ${task}`);
}

/** Prints a command's flags, the fields of a recipe, and the recipes for the same task. */
export async function showHelp(
  usage: string,
  flags: Record<string, Flag>,
  name: string,
  { withRecipes }: { withRecipes: boolean },
): Promise<void> {
  const { recipe, recipeNames } = await import("../../lib/recipes/catalogue.ts");
  const { renderFlags } = await import("../../lib/recipes/render.ts");
  const { renderList } = await import("../../lib/recipes/render_list.ts");
  const chosen = recipe(name);
  const recipes = recipeNames.filter((name) => isUnlabelled(recipe(name)));
  console.log([
    ...[helpText(usage, flags), "", `Fields of ${chosen.name}:`, renderFlags(chosen)],
    ...withRecipes
      ? ["", "Recipes (`deno task recipes NAME` shows one):", "", renderList(recipes)]
      : [],
  ].join("\n"));
}

/** What a command line says. */
export interface TrainingCommand {
  /** As it is called: deno task NAME. */
  name: "pretrain" | "clip";
  /** The name of a recipe. */
  recipe: string;
  /** A folder or file; empty for what the recipe says. */
  teacher: string;
  values: FlagValues<typeof trainingFlags>;
  overrides: Readonly<Record<string, string | undefined>>;
  flags: Record<string, Flag>;
  args: readonly string[];
  /** Whether nobody chose a recipe. */
  first: boolean;
}

/** Does what a command line says; returns the exit status. */
export async function startTraining(command: TrainingCommand): Promise<number> {
  const { values, overrides, flags, teacher, first } = command;
  const { recipeFor } = await import("../training/adapt_recipe.ts");
  const { recipe: recipeOf } = await import("../../lib/recipes/catalogue.ts");
  const { chooseImages } = await import("../training/choose_images.ts");
  const wanted = requirePretraining(recipeOf(command.recipe));
  const data = values.data || wanted.data.dataset;
  const choice = await chooseImages(data, values.val);
  const recipe = requirePretraining(
    resolveArguments(recipeFor(wanted.name, choice), overrides, flags),
  );
  if (teacher !== "" && (recipe.task === "clip" || recipe.teacher === undefined)) {
    throw new UsageError(`${recipe.name} learns from no teacher: leave --teacher out`);
  }
  const task = {
    ...{ choice, seed: values.seed, out: values.out },
    reading: { readers: values.readers, maxBad: values["max-bad"] },
    saving: savingOf(values),
    ...{ dry: values.dry, overfit: values.overfit },
    command: commandOf(command.name, command.args),
    inputs: { data, val: values.val },
  };
  // TensorFlow is loaded only now, so that --help and wrong flags are answered at once.
  if (recipe.task === "clip") {
    const { contrast } = await import("../clip/clip.ts");
    return await contrast({ ...task, recipe });
  }
  const { pretrain } = await import("./pretrain.ts");
  return await pretrain({ ...task, recipe, teacher, first });
}
