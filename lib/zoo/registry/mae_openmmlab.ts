/**
 * MAE's models as OpenMMLab trained them.
 *
 * @module
 */
import { openMmlab } from "../download/weights_source.ts";
import { imagenetPreprocessing } from "../preprocessing.ts";
import { papers, type ReleasedModel } from "./released_model.ts";

const metafile = "mmpretrain/configs/mae/metafile.yml";

const openmmlab = {
  method: "MAE",
  preprocessing: imagenetPreprocessing(),
  licence: "Apache-2.0", // mmpretrain/LICENSE
  paper: papers.MAE,
} as const;

interface Pretrained {
  name: string;
  /** Folder and file as mmselfsup named them, before "amp" took the place of "fp16". */
  file: string;
  line: number;
  note?: string;
}

function pretrained(architecture: string, model: Pretrained): ReleasedModel {
  const { name, file, line, note } = model;
  const run = name.replace("-amp-", "-fp16-");
  const recipe = name.replace("huge-p16", "huge-p14");
  return {
    ...openmmlab,
    name,
    aliases: recipe === name ? [run] : [run, recipe],
    use: "pretrain",
    architecture,
    recipe,
    weights: openMmlab(`mmselfsup/1.x/mae/${run}/${file}`),
    source: `${metafile}:${line}`,
    ...(note === undefined ? {} : { note }),
  };
}

const huge = "mmselfsup/1.x/mae/mae_vit-huge-p16_8xb512-fp16-coslr-1600e_in1k";

/** Of MAE, by OpenMMLab. */
export const maeOpenmmlabModels: readonly ReleasedModel[] = [
  ...[
    {
      name: "mae_vit-base-p16_8xb512-amp-coslr-300e_in1k",
      file: "mae_vit-base-p16_8xb512-coslr-300e-fp16_in1k_20220829-c2cf66ba.pth",
      line: 16,
    },
    {
      name: "mae_vit-base-p16_8xb512-amp-coslr-400e_in1k",
      file: "mae_vit-base-p16_8xb512-coslr-400e-fp16_in1k_20220825-bc79e40b.pth",
      line: 30,
    },
    {
      name: "mae_vit-base-p16_8xb512-amp-coslr-800e_in1k",
      file: "mae_vit-base-p16_8xb512-coslr-800e-fp16_in1k_20220825-5d81fbc4.pth",
      line: 44,
    },
    {
      name: "mae_vit-base-p16_8xb512-amp-coslr-1600e_in1k",
      file: "mae_vit-base-p16_8xb512-fp16-coslr-1600e_in1k_20220825-f7569ca2.pth",
      line: 58,
    },
  ].map((model) => pretrained("mae-official-pretrain-vit-base-p16", model)),
  ...[
    {
      name: "mae_vit-large-p16_8xb512-amp-coslr-400e_in1k",
      file: "mae_vit-large-p16_8xb512-fp16-coslr-400e_in1k_20220825-b11d0425.pth",
      line: 72,
    },
    {
      name: "mae_vit-large-p16_8xb512-amp-coslr-800e_in1k",
      file: "mae_vit-large-p16_8xb512-fp16-coslr-800e_in1k_20220825-df72726a.pth",
      line: 86,
    },
    {
      name: "mae_vit-large-p16_8xb512-amp-coslr-1600e_in1k",
      file: "mae_vit-large-p16_8xb512-fp16-coslr-1600e_in1k_20220825-cc7e98c9.pth",
      line: 100,
    },
  ].map((model) => pretrained("mae-official-pretrain-vit-large-p16", model)),
  pretrained("mae-official-pretrain-vit-huge-p14", {
    name: "mae_vit-huge-p16_8xb512-amp-coslr-1600e_in1k",
    file: "mae_vit-huge-p16_8xb512-fp16-coslr-1600e_in1k_20220916-ff848775.pth",
    line: 114,
    note: "its patches are 14 pixels wide, whatever its name says",
  }),
  {
    ...openmmlab,
    name: "vit-base-p16_mae-1600e-pre_8xb128-coslr-100e_in1k",
    aliases: ["vit-base-p16_ft-8xb128-coslr-100e_in1k"],
    use: "finetune",
    architecture: "milan-mmpretrain-finetune-vit-base-p16",
    recipe: "vit-base-p16_8xb128-coslr-100e_in1k",
    weights: openMmlab(
      "mmselfsup/1.x/mae/mae_vit-base-p16_8xb512-fp16-coslr-1600e_in1k/" +
        "vit-base-p16_ft-8xb128-coslr-100e_in1k/" +
        "vit-base-p16_ft-8xb128-coslr-100e_in1k_20220825-cf70aa21.pth",
    ),
    accuracy: { top1: 83.5, source: `${metafile}:173` },
    classes: "imagenet-1k",
    source: `${metafile}:173`,
  },
  {
    ...openmmlab,
    name: "vit-huge-p14_mae-1600e-pre_8xb128-coslr-50e_in1k",
    aliases: ["vit-huge-p16_ft-8xb128-coslr-50e_in1k"],
    use: "finetune",
    architecture: "mae-official-finetune-vit-huge-p14",
    recipe: "vit-huge-p14_8xb128-coslr-50e_in1k",
    weights: openMmlab(
      `${huge}/vit-huge-p16_ft-8xb128-coslr-50e_in1k/` +
        "vit-huge-p16_ft-8xb128-coslr-50e_in1k_20220916-0bfc9bfd.pth",
    ),
    accuracy: { top1: 86.9, source: `${metafile}:338` },
    classes: "imagenet-1k",
    source: `${metafile}:338`,
  },
  {
    ...openmmlab,
    name: "vit-huge-p14_mae-1600e-pre_32xb8-coslr-50e_in1k-448px",
    aliases: ["vit-huge-p16_ft-32xb8-coslr-50e_in1k-448"],
    use: "finetune",
    architecture: "mae-official-finetune-vit-huge-p14",
    recipe: "vit-huge-p14_32xb8-coslr-50e_in1k-448px",
    weights: openMmlab(
      `${huge}/vit-huge-p16_ft-32xb8-coslr-50e_in1k-448/` +
        "vit-huge-p16_ft-32xb8-coslr-50e_in1k-448_20220916-95b6a0ce.pth",
    ),
    preprocessing: imagenetPreprocessing({ imageSize: 448, resize: 512 }),
    accuracy: { top1: 87.3, source: `${metafile}:353` },
    classes: "imagenet-1k",
    source: `${metafile}:353`,
    note: "for images of 448 pixels, where the authors report 87.8 %",
  },
];
