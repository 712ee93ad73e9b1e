/**
 * `deno task convert IN OUT --to PROJECT`: a checkpoint under another project's names, or a model as
 * TensorFlow's SavedModel.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask, UsageError } from "./arguments.ts";
import { modelFlags } from "./zoo/model_flags.ts";

const targets = [
  ...["official", "mmpretrain", "openmixup", "timm", "hf", "openai", "detectron2"],
  "saved-model",
] as const;

const flags = {
  to: {
    ...{ kind: "text", default: "", choices: targets },
    help: `Whose names OUT has, or TensorFlow's SavedModel: ${targets.join(", ")}`,
  },
  only: {
    ...{ kind: "text", default: "everything", choices: ["everything", "backbone"] },
    help: "backbone leaves out heads, necks, decoders and their mask tokens",
  },
  force: { kind: "switch", help: "Replaces OUT if it is there" },
  ...modelFlags,
} satisfies Record<string, Flag>;

const usage = `deno task convert IN OUT --to PROJECT [flags]

IN is a .pth, .safetensors or .pkl file whose names the kit knows, a run (its folder or a
checkpoint), or the name of a released model.
OUT ends in .safetensors, .pth or, for detectron2, .pkl; a SavedModel is a folder.
--weights and --image-size are for --to saved-model.`;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText(usage, flags));
    return 0;
  }
  const [input, output, ...rest] = positionals;
  if (input === undefined || output === undefined || rest.length > 0) {
    throw new UsageError(
      "Give a checkpoint and the file to write: deno task convert IN OUT --to PROJECT",
    );
  }
  if (values.to === "") {
    throw new UsageError(`Say whose names are wanted: --to ${targets.join(", ")}`);
  }
  const { convert } = await import("./convert/convert.ts");
  try {
    console.log(await convert({ input, output, ...values }));
    return 0;
  } catch (error) {
    const { Stopped } = await import("./convert/stoppable.ts");
    if (!(error instanceof Stopped)) throw error;
    console.error(error.message);
    return error.exitStatus;
  }
}

if (import.meta.main) await runTask(main);
