/**
 * What somebody means by MODEL: a released model, an architecture, or a run of their own.
 *
 * @module
 */
import { architectures } from "../../lib/zoo/architectures/mod.ts";
import { getModel, type GetModelOptions, type Model } from "../../lib/zoo/model.ts";
import { isReleased } from "../../lib/zoo/registry/mod.ts";
import type { ModelChoice } from "./model_flags.ts";

/** The flags that say something that a run says itself. */
function requireNoFlags(
  name: string,
  { weights, which, "image-size": imageSize }: ModelChoice,
): void {
  const refused = weights !== ""
    ? "--weights"
    : imageSize > 0
    ? "--image-size"
    : which !== ""
    ? "--which"
    : undefined;
  if (refused === undefined) return;
  throw new Error(
    `"${name}" is a run with weights and a size of its own: leave out ${refused}`,
  );
}

/** What to say of a file where a model is named. */
async function namedFile(path: string): Promise<Error> {
  const folder = path.match(/^(.+)\/checkpoints\/[^/]+\/[^/]+$/)?.[1];
  const isOfRun = folder !== undefined &&
    await Deno.stat(`${folder}/run.json`).then(() => true, () => false);
  return new Error(
    isOfRun
      ? `"${path}" is a checkpoint of a run: give the run's folder, ${folder}`
      : `"${path}" is a file of weights, which do not tell their network: give the name of a ` +
        `model (deno task models) or of an architecture, and --weights ${path}`,
  );
}

/** Whether a name that is nobody's is rather a path that leads nowhere. */
function looksLikePath(name: string): boolean {
  return /[/\\]|^\.|\.(pth|pt|tar|pkl|safetensors)$/.test(name);
}

/** Opens a model, with released weights fetched where they are not here yet. */
export async function openModel(name: string, choice: ModelChoice): Promise<Model> {
  const info = await Deno.stat(name).catch(() => undefined);
  if (info?.isDirectory) {
    requireNoFlags(name, choice);
    const { runModel } = await import("./run_model.ts");
    return await runModel(name);
  }
  const isKnown = Object.hasOwn(architectures, name) || isReleased(name);
  if (!isKnown && info?.isFile) throw await namedFile(name);
  if (!isKnown && looksLikePath(name)) {
    throw new Error(
      `There is no "${name}": give the folder of a run, or the name of a released model (deno ` +
        "task models)",
    );
  }
  const { weights, which, "image-size": imageSize } = choice;
  return await getModel(name, {
    pretrained: true,
    ...weights === "" ? {} : { weights },
    ...which === "" ? {} : { which: which as NonNullable<GetModelOptions["which"]> },
    ...imageSize > 0 ? { imageSize } : {},
  });
}
