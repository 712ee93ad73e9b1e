/**
 * The released CLIPs: MILAN's teacher, and its larger and smaller siblings.
 *
 * @module
 */
import { openai, openMmlab } from "../download/weights_source.ts";
import { clipPreprocessing } from "../preprocessing.ts";
import { papers, type ReleasedModel } from "./released_model.ts";

const authors = {
  method: "CLIP",
  use: "teacher",
  preprocessing: clipPreprocessing,
  licence: "MIT", // openai/CLIP, LICENSE
  paper: papers.CLIP,
} as const;

/** Of CLIP, image and text tower. */
export const clipModels = [
  {
    ...authors,
    name: "clip_vit-base-p32_openai",
    aliases: ["ViT-B/32", "ViT-B-32"],
    architecture: "clip-openai-vit-b-32",
    weights: openai(
      "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af",
      "ViT-B-32.pt",
    ),
    source: "openai/CLIP, clip/clip.py",
  },
  {
    ...authors,
    name: "clip_vit-base-p16_openai",
    aliases: ["ViT-B/16", "ViT-B-16"],
    architecture: "clip-openai-vit-b-16",
    weights: openai(
      "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f",
      "ViT-B-16.pt",
    ),
    source: "MILAN/README.md:56",
  },
  {
    ...authors,
    name: "clip_vit-large-p14_openai",
    aliases: ["ViT-L/14", "ViT-L-14"],
    architecture: "clip-openai-vit-l-14",
    weights: openai(
      "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836",
      "ViT-L-14.pt",
    ),
    source: "openai/CLIP, clip/clip.py",
  },
  {
    ...authors,
    name: "clip_vit_base_16",
    architecture: "clip-openai-vit-b-16",
    weights: openMmlab("mmselfsup/1.x/target_generator_ckpt/clip_vit_base_16.pth.tar"),
    source:
      "mmpretrain/configs/milan/milan_vit-base-p16_16xb256-amp-coslr-400e_in1k.py:35",
    note: "OpenMMLab's copy of OpenAI's ViT-B/16, a plain dictionary of tensors",
  },
] as const satisfies readonly ReleasedModel[];
