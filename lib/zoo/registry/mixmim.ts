/**
 * MixMIM's released models: OpenMMLab's, and those of its authors on Google Drive.
 *
 * @module
 */
import { googleDrive, openMmlab } from "../download/weights_source.ts";
import { imagenetPreprocessing } from "../preprocessing.ts";
import { papers, type ReleasedModel } from "./released_model.ts";

const run = "mixmim-base-p16_16xb128-coslr-300e_in1k";
const folder = `mmselfsup/1.x/mixmim/${run}`;

const openmmlab = {
  method: "MixMIM",
  preprocessing: imagenetPreprocessing(),
  licence: "Apache-2.0", // mmpretrain/LICENSE
  paper: papers.MixMIM,
} as const;

// The README's table gives pretrained and fine-tuned files row by row, all for 600 epochs.
const authors = {
  method: "MixMIM",
  preprocessing: imagenetPreprocessing(),
  licence: null, // Sense-X/MixMIM has no licence file, and its README is silent
  paper: papers.MixMIM,
} as const;

// MixMIM/util/datasets.py: beyond 224 pixels nothing is cut off the short side.
const at384 = imagenetPreprocessing({ imageSize: 384, resize: 384 });

/** Of MixMIM. */
export const mixmimModels = [
  {
    ...openmmlab,
    name: "mixmim_mixmim-base_16xb128-coslr-300e_in1k",
    aliases: [run],
    use: "pretrain",
    architecture: "mixmim-base-pretrain",
    recipe: "mixmim_mixmim-base_16xb128-coslr-300e_in1k",
    weights: openMmlab(`${folder}/${run}_20221208-44fe8d2c.pth`),
    source: "mmpretrain/configs/mixmim/metafile.yml:24",
    note: "mmselfsup's model zoo says 400 epochs where the configuration says 300",
  },
  {
    ...openmmlab,
    name: "mixmim-base_mixmim-pre_8xb128-coslr-100e_in1k",
    aliases: ["mixmim-base-p16_ft-8xb128-coslr-100e_in1k"],
    use: "finetune",
    architecture: "mixmim-base-classifier",
    recipe: "mixmim-base_mixmim-pre_8xb128-coslr-100e_in1k",
    weights: openMmlab(
      `${folder}/mixmim-base-p16_ft-8xb128-coslr-100e_in1k/` +
        "mixmim-base-p16_ft-8xb128-coslr-100e_in1k_20221208-41ecada9.pth",
    ),
    accuracy: { top1: 84.63, source: "mmpretrain/configs/mixmim/metafile.yml:37" },
    classes: "imagenet-1k",
    source: "mmpretrain/configs/mixmim/metafile.yml:37",
  },
  {
    ...openmmlab,
    name: "mixmim-base_3rdparty_in1k",
    aliases: ["mixmim-base_8xb64_in1k"],
    use: "finetune",
    architecture: "mixmim-base-classifier",
    recipe: "mixmim-base_3rdparty_in1k",
    weights: openMmlab(
      "mmclassification/v0/mixmim/mixmim-base_3rdparty_in1k_20221206-e40e2c8c.pth",
    ),
    accuracy: {
      top1: 84.6,
      top5: 97,
      source: "mmclassification/configs/mixmim/README.md",
    },
    classes: "imagenet-1k",
    source: "mmclassification/configs/mixmim/README.md",
    note: "converted from the authors' file, whose project states no licence",
  },
  {
    ...authors,
    name: "mixmim_official_mixmim_base_pretrain_600e",
    use: "pretrain",
    architecture: "mixmim-base-pretrain",
    recipe: "mixmim_official_mixmim_base_pretrain_600e",
    weights: googleDrive(
      "1pZYmTv08xK_kOe2kk6ahuvgJVkHm-ZIa",
      "mixmim_official_mixmim_base_pretrain_600e.pth",
    ),
    source: "MixMIM/README.md:20",
  },
  {
    ...authors,
    name: "mixmim_official_mixmim_base_finetune",
    aliases: ["mixmim_official_mixmim_base_finetune_100e"],
    use: "finetune",
    architecture: "mixmim-base-classifier",
    recipe: "mixmim_official_mixmim_base_finetune_100e",
    weights: googleDrive(
      "1zkOyh8jnFW7iYG3sOfp6LLG5wu4VbiXb",
      "mixmim_official_mixmim_base_finetune.pth",
    ),
    accuracy: { top1: 85.1, source: "MixMIM/README.md:20" },
    classes: "imagenet-1k",
    source: "MixMIM/README.md:20",
  },
  {
    ...authors,
    name: "mixmim_official_mixmim_base_384_finetune",
    use: "finetune",
    architecture: "mixmim-base-384-classifier",
    recipe: "mixmim_official_mixmim_base_384_finetune",
    weights: googleDrive(
      "1MIng19USn5T770YZ6mFfqTgNCCz_kEGL",
      "mixmim_official_mixmim_base_384_finetune.pth",
    ),
    preprocessing: at384,
    accuracy: { top1: 86.3, source: "MixMIM/README.md:21" },
    classes: "imagenet-1k",
    source: "MixMIM/README.md:21",
  },
  {
    ...authors,
    name: "mixmim_official_mixmim_large_pretrain",
    use: "pretrain",
    architecture: "mixmim-large-pretrain",
    recipe: "mixmim_official_mixmim_large_pretrain",
    weights: googleDrive(
      "1dM8Lu2nVEukxPwn7PLmDmRAYwQV59ttx",
      "mixmim_official_mixmim_large_pretrain.pth",
    ),
    source: "MixMIM/README.md:22",
  },
  {
    ...authors,
    name: "mixmim_official_mixmim_large_finetune",
    use: "finetune",
    architecture: "mixmim-large-classifier",
    recipe: "mixmim_official_mixmim_large_finetune",
    weights: googleDrive(
      "1b1BxGAewK1ICxxCEwF24YEDSjlQ9Ts9n",
      "mixmim_official_mixmim_large_finetune.pth",
    ),
    accuracy: { top1: 85.9, source: "MixMIM/README.md:22" },
    classes: "imagenet-1k",
    source: "MixMIM/README.md:22",
  },
  {
    ...authors,
    name: "mixmim_official_mixmim_large_384_finetune",
    use: "finetune",
    architecture: "mixmim-large-384-classifier",
    recipe: "mixmim_official_mixmim_large_384_finetune",
    weights: googleDrive(
      "1_IfqoQvAe2Z2jC7HBKi3umKD6c8qOu0P",
      "mixmim_official_mixmim_large_384_finetune.pth",
    ),
    preprocessing: at384,
    accuracy: { top1: 86.9, source: "MixMIM/README.md:23" },
    classes: "imagenet-1k",
    source: "MixMIM/README.md:23",
  },
] as const satisfies readonly ReleasedModel[];
