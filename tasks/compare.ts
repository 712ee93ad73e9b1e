/**
 * `deno task compare [RECIPE…]`: pretrains small networks by every method at equal budget, measures
 * each in four ways beside networks that were not pretrained, and writes one table. The same command
 * goes on where it was stopped.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask } from "./arguments.ts";
import { chooseMethods, comparedNetworks } from "./compare/methods.ts";
import { commandOf } from "./recipe_arguments.ts";

const count = { kind: "number", whole: true, minimum: 1 } as const;

const flags = {
  data: {
    ...{ kind: "text", default: "fashion-mnist" },
    help: "Images with labels: as in deno task pretrain",
  },
  out: { kind: "text", default: "runs/comparison", help: "Folder of all the runs" },
  steps: { ...count, default: 900, help: "Steps of pretraining" },
  "few-steps": { ...count, default: 300, help: "Steps of fine-tuning with few labels" },
  "all-steps": { ...count, default: 600, help: "Steps of fine-tuning with all labels" },
  labels: {
    ...{ kind: "number", default: 0.01, minimum: 0 },
    help: "The share that is few",
  },
  seed: { kind: "number", default: 0, whole: true, minimum: 0, help: "The first seed" },
  seeds: { ...count, default: 1, help: "How many seeds, for error bars" },
  dry: { kind: "switch", help: "Prints the commands alone" },
} satisfies Record<string, Flag>;

function showHelp(): void {
  console.log([
    helpText("deno task compare [RECIPE…] [flags]", flags),
    "",
    "Without a RECIPE all of these:",
    ...comparedNetworks.map(({ name, methods }) =>
      `  ${name}: ${[...new Set(methods.map(({ recipe }) => recipe))].join(", ")}`
    ),
  ].join("\n"));
}

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    showHelp();
    return 0;
  }
  const { compare, describePlan } = await import("./compare/compare.ts");
  const task = {
    ...{ data: values.data, out: values.out, labels: values.labels },
    networks: chooseMethods(positionals),
    seeds: Array.from({ length: values.seeds }, (_, index) => values.seed + index),
    steps: {
      pretraining: values.steps,
      few: values["few-steps"],
      all: values["all-steps"],
    },
    command: commandOf("compare", Deno.args),
  };
  if (values.dry) {
    console.log(describePlan(task));
    return 0;
  }
  return await compare(task);
}

if (import.meta.main) await runTask(main);
