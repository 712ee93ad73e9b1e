/**
 * How OpenAI's code starts a CLIP that is trained from nothing (openai/CLIP, clip/model.py): the
 * image tower by PyTorch's defaults, the text tower by normals whose deviations follow from its
 * width and depth.
 *
 * @module
 */
import { type Initializer, normal, uniformByInputs } from "../nn/initializers.ts";
import { clipMlpRatio } from "./clip_transformer.ts";

/** Initial values of a transformer's parameters by their names below it. */
export type InitialValues = (name: string) => Initializer | undefined;

/** PyTorch's defaults: what the image tower starts from. */
export function visionInitialValues(width: number): InitialValues {
  return (name) => {
    if (/\.(attn\.out_proj\.weight|mlp\.c_fc\.(weight|bias))$/.test(name)) {
      return uniformByInputs(width);
    }
    if (/\.mlp\.c_proj\.(weight|bias)$/.test(name)) {
      return uniformByInputs(clipMlpRatio * width);
    }
    return undefined;
  };
}

/** The text tower's: what writes into the residual stream starts smaller the deeper the tower. */
export function textInitialValues(width: number, layers: number): InitialValues {
  const residual = normal(width ** -0.5 * (2 * layers) ** -0.5);
  const defaults = visionInitialValues(width);
  return (name) => {
    if (name.endsWith(".attn.in_proj_weight")) return normal(width ** -0.5);
    if (name.endsWith(".attn.out_proj.weight")) return residual;
    if (name.endsWith(".mlp.c_fc.weight")) return normal((2 * width) ** -0.5);
    if (name.endsWith(".mlp.c_proj.weight")) return residual;
    return defaults(name);
  };
}
