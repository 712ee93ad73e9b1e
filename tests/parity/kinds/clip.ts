/** CLIP, with weights under OpenAI's and under Hugging Face's names. */
import { z } from "zod";
import { clip, describeClip } from "../../../lib/backbones/clip.ts";
import type { ClipConfiguration } from "../../../lib/backbones/clip_variants.ts";
import { contrastiveLoss } from "../../../lib/losses/contrastive.ts";
import { scope } from "../../../lib/nn/scope.ts";
import { huggingFaceClip, openaiClip } from "../../../lib/zoo/key_maps/clip.ts";
import { applyKeyMap, type KeyMap } from "../../../lib/zoo/key_maps/key_map.ts";
import { loadParameters } from "../../../lib/zoo/load_parameters.ts";
import { configOf, images, input, referenceWeights } from "../golden_case.ts";
import { computation, type Kind, type Kinds } from "../kind.ts";

const size = z.int().positive();
const clipConfig = z.object({
  image_size: size,
  patch_size: size,
  vision_width: size,
  vision_layers: size,
  vision_heads: size,
  embed_dim: size,
  context_length: size,
  vocab_size: size,
  text_width: size,
  text_heads: size,
  text_layers: size,
  activation: z.enum(["gelu", "quick_gelu"]).default("quick_gelu"),
});

function configurationOf(config: z.infer<typeof clipConfig>): ClipConfiguration {
  const activation = config.activation === "gelu" ? "gelu" : "quick-gelu";
  return {
    vision: {
      imageSize: config.image_size,
      patchSize: config.patch_size,
      width: config.vision_width,
      layers: config.vision_layers,
      heads: config.vision_heads,
      embedWidth: config.embed_dim,
      activation,
    },
    text: {
      vocabularySize: config.vocab_size,
      contextLength: config.context_length,
      width: config.text_width,
      layers: config.text_layers,
      heads: config.text_heads,
      embedWidth: config.embed_dim,
      activation,
    },
  };
}

function clipUnder(names: KeyMap): Kind {
  return (golden) => {
    const configuration = configurationOf(configOf(golden, clipConfig));
    const pixels = images(golden);
    const specifications = describeClip(configuration, pixels.shape.at(-1)!);
    const weights = applyKeyMap(names, referenceWeights(golden));
    const { parameters } = loadParameters(specifications, weights);
    return computation(
      { parameters, images: pixels, ids: input(golden, "input_ids") },
      ({ parameters, images, ids }) => {
        const given = clip(scope(parameters), { images, ids }, configuration);
        const { vision, text, logitsPerImage, logitsPerText } = given;
        return {
          "out/last_hidden_state": vision.lastHiddenState,
          "out/attention": vision.attention,
          "out/importance": vision.importance,
          "out/target": vision.target,
          "out/image_embeds": vision.imageEmbeds,
          "out/text_hidden": text.hidden,
          "out/text_embeds": text.embeds,
          "out/logits_per_image": logitsPerImage,
          "out/logits_per_text": logitsPerText,
          "out/loss": contrastiveLoss(logitsPerImage),
        };
      },
    );
  };
}

/** The kinds of cases about CLIP. */
export const clips: Kinds = {
  "clip-openai": clipUnder(openaiClip),
  "clip-hf": clipUnder(huggingFaceClip),
};
