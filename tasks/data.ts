/**
 * Data sets that do not come with mimkit, made ready.
 *
 * `deno task data imagenet …`
 *
 * @module
 */
import { closest, distance } from "fastest-levenshtein";
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
    const near = closest(name, Object.keys(commands));
    const isNear = distance(name, near) < near.length / 2;
    throw new UsageError(
      isNear
        ? `There is no data set "${name}": did you mean "${near}"?`
        : `There is nothing to be made ready of "${name}": give folders of pictures, CIFAR's ` +
          "folder and .tar shards as they are to --data of the other tasks",
    );
  }
  return await commands[name](rest);
}

if (import.meta.main) await runTask(main);
