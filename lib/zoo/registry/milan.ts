/**
 * MILAN's released models: OpenMMLab's, and those of its authors on Google Drive.
 *
 * @module
 */
import { googleDrive, openMmlab } from "../download/weights_source.ts";
import { imagenetPreprocessing } from "../preprocessing.ts";
import { papers, type ReleasedModel } from "./released_model.ts";

const run = "milan_vit-base-p16_16xb256-amp-coslr-400e_in1k";
const folder = `mmselfsup/1.x/milan/${run}`;

const openmmlab = {
  method: "MILAN",
  preprocessing: imagenetPreprocessing(),
  licence: "Apache-2.0", // mmpretrain/LICENSE
  paper: papers.MILAN,
} as const;

const authors = {
  method: "MILAN",
  use: "pretrain",
  preprocessing: imagenetPreprocessing(),
  licence: null, // zejiangh/MILAN has no licence file, and its README is silent
  paper: papers.MILAN,
} as const;

/** Of MILAN. */
export const milanModels = [
  {
    ...openmmlab,
    name: run,
    use: "pretrain",
    architecture: "milan-mmpretrain-pretrain-vit-base-p16",
    recipe: run,
    weights: openMmlab(`${folder}/${run}_20221129-180922e8.pth`),
    source: "mmpretrain/configs/milan/metafile.yml:16",
    note: "the configuration names a decoder for an encoder 1,024 wide, and the file's " +
      "number of parameters (111,907,584) is of that; the original's has 111,776,512",
  },
  {
    ...openmmlab,
    name: "vit-base-p16_milan-pre_8xb128-coslr-100e_in1k",
    aliases: ["vit-base-p16_ft-8xb128-coslr-100e_in1k-milan"],
    use: "finetune",
    architecture: "milan-mmpretrain-finetune-vit-base-p16",
    recipe: "vit-base-p16_milan-pre_8xb128-coslr-100e_in1k",
    weights: openMmlab(
      `${folder}/vit-base-p16_ft-8xb128-coslr-100e_in1k/` +
        "vit-base-p16_ft-8xb128-coslr-100e_in1k-milan_20221129-74ac94fa.pth",
    ),
    accuracy: { top1: 85.3, source: "mmpretrain/configs/milan/metafile.yml:30" },
    classes: "imagenet-1k",
    source: "mmpretrain/configs/milan/metafile.yml:30",
    note: "the authors report 85.4 % of theirs, whose weights are not released; the " +
      "metafile's 86,566,120 parameters leave out the 1,536 of the pooled norm",
  },
  {
    ...openmmlab,
    name: "vit-base-p16_milan-pre_8xb2048-linear-coslr-100e_in1k",
    aliases: ["vit-base-p16_linear-8xb2048-coslr-100e_in1k"],
    use: "linear-probe",
    architecture: "milan-mmpretrain-linprobe-vit-base-p16",
    recipe: "vit-base-p16_milan-pre_8xb2048-linear-coslr-100e_in1k",
    weights: openMmlab(
      `${folder}/vit-base-p16_linear-8xb2048-coslr-100e_in1k/` +
        "vit-base-p16_linear-8xb2048-coslr-100e_in1k_20221129-03f26f85.pth",
    ),
    preprocessing: imagenetPreprocessing({ interpolation: "bilinear" }),
    accuracy: { top1: 78.9, source: "mmpretrain/configs/milan/metafile.yml:45" },
    classes: "imagenet-1k",
    source: "mmpretrain/configs/milan/metafile.yml:45",
  },
  {
    ...authors,
    name: "milan_official_vit-b_pretrain_400e",
    architecture: "milan-official-pretrain-vit-base-p16",
    recipe: "milan_official_vit-b_pretrain_400e",
    weights: googleDrive(
      "18UYGG_1r5SJyAgj1ykOfoqECdVBoFLoz",
      "milan_official_vit-b_pretrain_400e.pth",
    ),
    source: "MILAN/README.md:109",
    note: "fine-tuned it reaches 85.4 % (the paper's abstract)",
  },
  {
    ...authors,
    name: "milan_official_vit-l_pretrain_400e",
    architecture: "milan-official-pretrain-vit-large-p16",
    recipe: "milan_official_vit-l_pretrain_400e",
    weights: googleDrive(
      "1bODIriEMq6RgnTUyy4i4tfOr0DgzfVW3",
      "milan_official_vit-l_pretrain_400e.pth",
    ),
    source: "MILAN/README.md:110",
  },
] as const satisfies readonly ReleasedModel[];
