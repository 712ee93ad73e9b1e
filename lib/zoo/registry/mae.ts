/**
 * MAE's models as its authors released them.
 *
 * @module
 */
import { metaMae } from "../download/weights_source.ts";
import { imagenetPreprocessing } from "../preprocessing.ts";
import { papers, type ReleasedModel } from "./released_model.ts";

const sizes = {
  base: { architecture: "vit-base-p16", letter: "b" },
  large: { architecture: "vit-large-p16", letter: "l" },
  huge: { architecture: "vit-huge-p14", letter: "h" },
} as const;

type Size = keyof typeof sizes;

const authors = {
  method: "MAE",
  preprocessing: imagenetPreprocessing(),
  licence: "CC-BY-NC-4.0", // mae/LICENSE
  paper: papers.MAE,
} as const;

/** Of its checksums the authors publish the first six digits. */
function encoder(size: Size, md5: string): ReleasedModel {
  const { architecture } = sizes[size];
  return {
    ...authors,
    name: `mae_pretrain_vit_${size}`,
    use: "pretrain",
    architecture: `mae-official-pretrain-${architecture}`,
    weights: metaMae(`pretrain/mae_pretrain_vit_${size}.pth`, md5),
    source: "mae/README.md:49",
    note:
      `1,600 epochs; the encoder alone: mae_pretrain_vit_${size}_full has the decoder`,
  };
}

function withDecoder(
  file: string,
  size: Size,
  source: string,
  note: string,
): ReleasedModel {
  const folder = file.includes("visualize") ? "visualize" : "pretrain";
  return {
    ...authors,
    name: file,
    use: "pretrain",
    architecture: `mae-official-pretrain-${sizes[size].architecture}`,
    weights: metaMae(`${folder}/${file}.pth`),
    source,
    note,
  };
}

interface Finetuned {
  size: Size;
  architecture: string;
  epochs: number;
  md5: string;
  top1: number;
  top5: number;
}

function finetuned(model: Finetuned): ReleasedModel {
  const { size, architecture, epochs, md5, top1, top5 } = model;
  return {
    ...authors,
    name: `mae_finetuned_vit_${size}`,
    use: "finetune",
    architecture,
    recipe: `mae_official_vit-${sizes[size].letter}_finetune_${epochs}e`,
    weights: metaMae(`finetune/mae_finetuned_vit_${size}.pth`, md5),
    accuracy: { top1, top5, source: "mae/FINETUNE.md:16-56" },
    classes: "imagenet-1k",
    source: "mae/FINETUNE.md:16-28",
  };
}

const full = "reconstructs normalised pixels";
const plain = "reconstructs plain pixels, for pictures";

/** Of MAE, by its authors. The pretrained classifiers are MILAN's networks. */
export const maeModels: readonly ReleasedModel[] = [
  encoder("base", "8cad7c"),
  encoder("large", "b8b06e"),
  encoder("huge", "9bdbb0"),
  ...(["base", "large", "huge"] as const).flatMap((size) => [
    withDecoder(
      `mae_pretrain_vit_${size}_full`,
      size,
      "https://github.com/facebookresearch/mae/issues/8",
      full,
    ),
    withDecoder(
      `mae_visualize_vit_${size}`,
      size,
      size === "large"
        ? "mae/demo/mae_visualize.ipynb"
        : "https://github.com/facebookresearch/mae/issues/3",
      plain,
    ),
  ]),
  withDecoder(
    "mae_visualize_vit_large_ganloss",
    "large",
    "mae/demo/mae_visualize.ipynb",
    `${plain}, trained with a discriminator too`,
  ),
  finetuned({
    size: "base",
    architecture: "milan-official-finetune-vit-base-p16",
    epochs: 100,
    md5: "1b25e9",
    top1: 83.664,
    top5: 96.53,
  }),
  finetuned({
    size: "large",
    architecture: "milan-official-finetune-vit-large-p16",
    epochs: 50,
    md5: "51f550",
    top1: 85.952,
    top5: 97.57,
  }),
  finetuned({
    size: "huge",
    architecture: "mae-official-finetune-vit-huge-p14",
    epochs: 50,
    md5: "2541f2",
    top1: 86.928,
    top5: 98.088,
  }),
];
