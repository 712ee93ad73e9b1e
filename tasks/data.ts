/**
 * Data sets that do not come with mimkit, made ready.
 *
 * `deno task data imagenet …`
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { runTask, UsageError } from "./arguments.ts";
import { dataImagenet } from "./data_imagenet.ts";

const commands = { imagenet: dataImagenet } as const;

const usage = [
  "deno task data imagenet --help   ImageNet's official archives to class folders",
  "deno task data:emoji             builds data/emoji again, which comes with mimkit",
  "",
  "Nothing has to be made ready of a folder of pictures (with a folder for each class, or",
  "without), CIFAR's binary files, or .tar shards of the WebDataset layout.",
].join("\n");

function isCommand(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name);
}

async function main(): Promise<number> {
  const [name, ...rest] = Deno.args;
  if (name === undefined || name === "--help") {
    console.log(usage);
    return name === undefined ? 2 : 0;
  }
  if (name === "emoji") {
    throw new UsageError("data/emoji is built by: deno task data:emoji");
  }
  if (!isCommand(name)) {
    throw new UsageError(
      `There is no data set "${name}": did you mean "${
        closest(name, Object.keys(commands))
      }"?`,
    );
  }
  return await commands[name](rest);
}

if (import.meta.main) await runTask(main);
