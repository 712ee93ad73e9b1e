/**
 * `deno task pretrain [RECIPE]`: pretrains a network on images without labels, measures what it
 * learned where there are labels, and writes a report. The same command goes on where it was
 * stopped.
 *
 * @module
 */
import type { PretrainRecipe, Recipe } from "../lib/recipes/recipe.ts";
import { type Flag, helpText, runTask, UsageError } from "./arguments.ts";
import { recipeFlags } from "./image_flags.ts";
import { commandOf, readRecipeArguments, resolveArguments } from "./recipe_arguments.ts";

const flags = {
  data: {
    ...{ kind: "text", default: "" },
    help:
      "Images: fashion-mnist, emoji, a folder of pictures (class folders, train/ and val/, " +
      "or flat), CIFAR's folder, or .tar shards [the recipe's]",
  },
  teacher: {
    ...{ kind: "text", default: "" },
    help: "A CLIP for MILAN: the folder of its run, or a .safetensors file",
  },
  overfit: {
    ...{ kind: "number", default: 0, whole: true, minimum: 0 },
    help: "Learns so many images by heart, to see whether the loss vanishes",
  },
  ...recipeFlags,
} satisfies Record<string, Flag>;

const usage = `deno task pretrain [RECIPE] [flags] [--FIELD VALUE …]

Without a RECIPE it is milan-tiny on the data in the box: minutes on two cores.`;

function requirePretraining(recipe: Recipe): PretrainRecipe {
  if (recipe.task === "pretrain") return recipe;
  const task =
    { finetune: "finetune", linear: "linear-probe", clip: "clip" }[recipe.task];
  throw new UsageError(`${recipe.name} is for another task: deno task ${task}`);
}

async function showHelp(name: string | undefined): Promise<void> {
  const { recipe, recipeNames } = await import("../lib/recipes/catalogue.ts");
  const { recipeLine, renderFlags } = await import("../lib/recipes/render.ts");
  const chosen = recipe(name ?? "milan-tiny");
  const recipes = recipeNames.map(recipe)
    .filter(({ task }) => task === "pretrain").map(recipeLine);
  console.log([
    ...[helpText(usage, flags), "", `Fields of ${chosen.name}:`, renderFlags(chosen)],
    ...["", "Recipes (`deno task recipes NAME` shows one):", ...recipes],
  ].join("\n"));
}

async function main(): Promise<number> {
  const { values, positionals, help, overrides } = readRecipeArguments(Deno.args, flags);
  const [name, ...rest] = positionals;
  if (values.teacher === "none") {
    overrides["teacher"] = "none";
    values.teacher = "";
  }
  if (help) {
    await showHelp(name);
    return 0;
  }
  if (rest.length > 0) {
    throw new UsageError(`One RECIPE at a time, got ${positionals.join(" and ")}`);
  }
  const { recipeFor } = await import("./training/adapt_recipe.ts");
  const { recipe: recipeOf } = await import("../lib/recipes/catalogue.ts");
  const { chooseImages } = await import("./training/choose_images.ts");
  const wanted = requirePretraining(recipeOf(name ?? "milan-tiny"));
  const choice = await chooseImages(values.data || wanted.data.dataset, values.val);
  const recipe = requirePretraining(
    resolveArguments(recipeFor(wanted.name, choice), overrides, flags),
  );
  // TensorFlow is loaded only now, so that --help and wrong flags are answered at once.
  const { pretrain } = await import("./pretrain/pretrain.ts");
  return await pretrain({
    ...{ recipe, choice, seed: values.seed, out: values.out, teacher: values.teacher },
    reading: { readers: values.readers, maxBad: values["max-bad"] },
    ...{ dry: values.dry, overfit: values.overfit },
    command: commandOf("pretrain", Deno.args),
    inputs: { data: values.data || wanted.data.dataset, val: values.val },
    first: name === undefined,
  });
}

if (import.meta.main) await runTask(main);
