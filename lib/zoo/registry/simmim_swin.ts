/**
 * SimMIM's Swin transformers as OpenMMLab trained them.
 *
 * @module
 */
import { openMmlab } from "../download/weights_source.ts";
import { imagenetPreprocessing } from "../preprocessing.ts";
import { papers, type ReleasedModel } from "./released_model.ts";

const metafile = "mmpretrain/configs/simmim/metafile.yml";
const folder = "mmselfsup/1.x/simmim";
const base100 = `${folder}/simmim_swin-base_8xb256-amp-coslr-100e_in1k-192`;
const base800 = `${folder}/simmim_swin-base_16xb128-amp-coslr-800e_in1k-192`;
const large800 = `${folder}/simmim_swin-large_16xb128-amp-coslr-800e_in1k-192`;

// ⌊192 · 256 / 224⌋
const at192 = imagenetPreprocessing({ imageSize: 192, resize: 219 });

const openmmlab = {
  method: "SimMIM",
  licence: "Apache-2.0", // mmpretrain/LICENSE
  paper: papers.SimMIM,
} as const;

const pretrained = { ...openmmlab, use: "pretrain", preprocessing: at192 } as const;

const finetuned = {
  ...openmmlab,
  use: "finetune",
  preprocessing: imagenetPreprocessing(),
  classes: "imagenet-1k",
} as const;

const epochs = "800 epochs by its name and its fine-tuning, 100 by the metafile";

/** Of SimMIM, with Swin transformers. */
export const simmimSwinModels = [
  {
    ...pretrained,
    name: "simmim_swin-base-w6_8xb256-amp-coslr-100e_in1k-192px",
    aliases: ["simmim_swin-base_8xb256-amp-coslr-100e_in1k-192"],
    architecture: "simmim-swin-base-192-pretrain",
    recipe: "simmim_swin-base-w6_8xb256-amp-coslr-100e_in1k-192px",
    weights: openMmlab(
      `${base100}/simmim_swin-base_8xb256-amp-coslr-100e_in1k-192_20220829-0e15782d.pth`,
    ),
    source: `${metafile}:16`,
  },
  {
    ...pretrained,
    name: "simmim_swin-base-w6_16xb128-amp-coslr-800e_in1k-192px",
    aliases: ["simmim_swin-base_16xb128-amp-coslr-800e_in1k-192"],
    architecture: "simmim-swin-base-192-pretrain",
    recipe: "simmim_swin-base-w6_16xb128-amp-coslr-800e_in1k-192px",
    weights: openMmlab(
      `${base800}/simmim_swin-base_16xb128-amp-coslr-800e_in1k-192_20220916-a0e931ac.pth`,
    ),
    source: `${metafile}:30`,
    note: epochs,
  },
  {
    ...pretrained,
    name: "simmim_swin-large-w12_16xb128-amp-coslr-800e_in1k-192px",
    aliases: ["simmim_swin-large_16xb128-amp-coslr-800e_in1k-192"],
    architecture: "simmim-swin-large-192-pretrain",
    recipe: "simmim_swin-large-w12_16xb128-amp-coslr-800e_in1k-192px",
    weights: openMmlab(
      `${large800}/` +
        "simmim_swin-large_16xb128-amp-coslr-800e_in1k-192_20220916-4ad216d3.pth",
    ),
    source: `${metafile}:43`,
    note: epochs,
  },
  {
    ...pretrained,
    name: "simmim_swin-base_16xb128-coslr-100e_in1k-192",
    architecture: "simmim-swin-base-192-pretrain",
    recipe: "swin_base_sz192_8xb128_accu2_cos_ep100",
    weights: openMmlab(
      "mmselfsup/simmim/simmim_swin-base_16xb128-coslr-100e_in1k-192_20220316-1d090125.pth",
    ),
    source: "openmixup/configs/selfsup/simmim/README.md:20",
    note: "of mmselfsup 0.x; fine-tuned it reaches 82.9 % at 192 pixels, 83.5 % at 224",
  },
  {
    ...finetuned,
    name: "swin-base-w6_simmim-100e-pre_8xb256-coslr-100e_in1k-192px",
    aliases: ["swin-base_ft-8xb256-coslr-100e_in1k"],
    architecture: "simmim-swin-base-192-classifier",
    recipe: "swin-base-w6_8xb256-coslr-100e_in1k-192px",
    weights: openMmlab(
      `${base100}/swin-base_ft-8xb256-coslr-100e_in1k/` +
        "swin-base_ft-8xb256-coslr-100e_in1k_20220829-9cf23aa1.pth",
    ),
    preprocessing: at192,
    accuracy: { top1: 82.7, source: `${metafile}:56` },
    source: `${metafile}:56`,
  },
  {
    ...finetuned,
    name: "swin-base-w6_simmim-800e-pre_8xb256-coslr-100e_in1k-192px",
    aliases: ["swin-base_ft-8xb256-coslr-100e_in1k-224"],
    architecture: "swin-base-classifier",
    recipe: "swin-base-w7_8xb256-coslr-100e_in1k",
    weights: openMmlab(
      `${base800}/swin-base_ft-8xb256-coslr-100e_in1k-224/` +
        "swin-base_ft-8xb256-coslr-100e_in1k-224_20221208-155cc6e6.pth",
    ),
    accuracy: { top1: 83.8, source: `${metafile}:86` },
    source: `${metafile}:86`,
    note: "windows of 7 at 224 pixels by its configuration and its file, whatever its " +
      "name says",
  },
  {
    ...finetuned,
    name: "swin-large-w14_simmim-800e-pre_8xb256-coslr-100e_in1k",
    aliases: ["swin-large_ft-8xb256-coslr-ws14-100e_in1k-224"],
    architecture: "simmim-swin-large-classifier",
    recipe: "swin-large-w14_8xb256-coslr-100e_in1k",
    weights: openMmlab(
      `${large800}/swin-large_ft-8xb256-coslr-ws14-100e_in1k-224/` +
        "swin-large_ft-8xb256-coslr-ws14-100e_in1k-224_20220916-d4865790.pth",
    ),
    accuracy: { top1: 84.8, source: `${metafile}:101` },
    source: `${metafile}:101`,
  },
] as const satisfies readonly ReleasedModel[];
