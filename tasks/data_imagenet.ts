/**
 * ImageNet's official archives to class folders, which `--data` of the other tasks takes.
 *
 * `deno task data imagenet --train TAR --val TAR --devkit TAR --out DIR`
 *
 * @module
 */
import { unpackImageNet, type UnpackProgress } from "../lib/data/imagenet.ts";
import { checkMd5, imagenetMd5 } from "../lib/data/imagenet_checksums.ts";
import { helpText, readArguments, refuseRest, UsageError } from "./arguments.ts";

const flags = {
  train: { kind: "text", default: "", help: "ILSVRC2012_img_train.tar." },
  val: { kind: "text", default: "", help: "ILSVRC2012_img_val.tar." },
  devkit: { kind: "text", default: "", help: "ILSVRC2012_devkit_t12.tar.gz." },
  out: { kind: "text", default: "", help: "The folder for train/, val/, classes.json." },
  md5: { kind: "switch", help: "First compares the .tar files with the official MD5." },
} as const;

const usage = [
  "deno task data imagenet --train TAR --val TAR --devkit TAR --out DIR",
  "",
  "Unpacks ImageNet (ILSVRC 2012) to class folders, in about as many gigabytes as the archives",
  "have. Start it again after a stop: it goes on, checks what is there, and writes over nothing.",
].join("\n");

/** Says how far it is: at every class on a terminal, else now and then. */
function reporter(): (progress: UnpackProgress) => void {
  const isTerminal = Deno.stdout.isTerminal();
  return ({ split, folder, classesDone, classes }) => {
    const line = `${split}: ${classesDone} of ${classes} classes (${folder})`;
    const isLast = classesDone === classes;
    if (isTerminal) {
      Deno.stdout.writeSync(
        new TextEncoder().encode(`\r${line}\x1b[K${isLast ? "\n" : ""}`),
      );
    } else if (isLast || classesDone % 100 === 0) console.log(line);
  };
}

/** Runs the task; returns its exit status. */
export async function dataImagenet(args: readonly string[]): Promise<number> {
  const { values, positionals, help } = readArguments(args, flags);
  if (help) {
    console.log(helpText(usage, flags));
    return 0;
  }
  refuseRest(positionals);
  const { train, val, devkit, out } = values;
  if (devkit === "" || out === "") {
    throw new UsageError(`--${devkit === "" ? "devkit" : "out"} is missing`);
  }
  if (train === "" && val === "") {
    throw new UsageError("Neither --train nor --val is given: name at least one archive");
  }
  if (values.md5) {
    for (const split of ["val", "train"] as const) {
      if (values[split] === "") continue;
      console.log(`${values[split]}: reading it to compare its MD5`);
      await checkMd5(values[split], imagenetMd5[split]);
    }
  }
  const done = await unpackImageNet({
    ...(train === "" ? {} : { train }),
    ...(val === "" ? {} : { val }),
    devkit,
    out,
    progress: reporter(),
  });
  for (const split of ["train", "val"] as const) {
    const files = done[split];
    if (files === undefined) continue;
    const { written, kept } = files;
    console.log(
      `${out}/${split}: ${written} pictures written, ${kept} were there already`,
    );
  }
  return 0;
}
