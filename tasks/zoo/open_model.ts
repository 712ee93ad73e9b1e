/**
 * What somebody means by MODEL: a released model, an architecture, or a run of their own.
 *
 * @module
 */
import { getModel, type Model } from "../../lib/zoo/model.ts";
import type { Flag } from "../arguments.ts";

/** The flags of every task that uses a model. */
export const modelFlags = {
  weights: {
    ...{ kind: "text", default: "" },
    help: "A file of weights in place of the released ones (.pth, .safetensors, .pkl)",
  },
  "image-size": {
    ...{ kind: "number", default: 0, whole: true, minimum: 0 },
    help: "Pixels of a side, 0 for as published; position embeddings are resized",
  },
} satisfies Record<string, Flag>;

/** What is asked of a model. */
export interface ModelChoice {
  weights: string;
  "image-size": number;
}

/** Opens a model, with released weights fetched where they are not here yet. */
export async function openModel(
  name: string,
  { weights, "image-size": imageSize }: ModelChoice,
): Promise<Model> {
  const isFolder = await Deno.stat(name).then((info) => info.isDirectory, () => false);
  if (isFolder) {
    const refused = weights !== "" ? "--weights" : imageSize > 0 ? "--image-size" : "";
    if (refused !== "") {
      throw new Error(
        `"${name}" is a run with weights and a size of its own: leave out ${refused}`,
      );
    }
    const { runModel } = await import("./run_model.ts");
    return await runModel(name);
  }
  return await getModel(name, {
    pretrained: true,
    ...weights === "" ? {} : { weights },
    ...imageSize > 0 ? { imageSize } : {},
  });
}
