/**
 * A2MIM's released models, as in the tables of its README.
 *
 * @module
 */
import type { ReleasedModel } from "./released_model.ts";
import { finetuned, pretrained, rsbResize } from "./westlake.ts";

// The tables call them "RSB A2", as the files do, and link to the configuration of SparK's
// fine-tuning; no configuration of RSB A2 for a ConvNeXt is published.
const convNextRule = "fine-tuned as RSB A2 by its name, as SparK by the configuration " +
  "that its table links to";

/** Of A2MIM, pretrained. */
const pretrainedModels = [
  {
    file: "a2mim_vit_small_l0_sz224_4xb512_step_fp16_ep800_full",
    architecture: "a2mim-vit-small-pretrain",
    recipe: "vit_small_l0_sz224_8xb256_step_ep800",
    source: 99,
    note:
      "8 blocks, 768 wide: openmixup's ViT-S; openmixup's README links to SimMIM's file",
  },
  {
    file: "a2mim_vit_base_l0_res_fft01_sz224_4xb128_accu4_step_fp16_ep800_full",
    architecture: "a2mim-vit-base-pretrain",
    recipe: "vit_base_l0_sz224_8xb128_accu2_step_ep800",
    source: 101,
    note: "openmixup's release has it as full_a2mim_vit_base_l0_res_fft01_….pth",
  },
  {
    file: "a2mim_vit_large_l0_sz224_8xb128_accu2_step_fp16_ep800_full",
    architecture: "a2mim-vit-large-pretrain",
    recipe: "vit_large_l0_sz224_8xb128_accu2_step_ep800",
    source: 103,
    note:
      "fine-tuned it reaches 86.1 %, or 86.0 % by an older table; that is not released",
  },
  {
    file: "full_a2mim_r50_l3_sz224_init_8xb256_cos_ep100",
    project: "openmixup",
    architecture: "a2mim-resnet50-pretrain",
    recipe: "r50_l3_sz224_init_8xb256_cos_ep100",
    source: 111,
  },
  {
    file: "full_a2mim_r50_l3_sz224_init_8xb256_cos_ep300",
    project: "openmixup",
    architecture: "a2mim-resnet50-pretrain",
    recipe: "r50_l3_sz224_init_8xb256_cos_ep300",
    source: 112,
  },
  {
    file: "a2mim_r101_l3_sz224_init_8xb256_cos_ep300_full",
    architecture: "a2mim-resnet101-pretrain",
    recipe: "r101_l3_sz224_init_8xb256_cos_ep300",
    source: 114,
  },
  {
    file: "a2mim_r101_l3_sz224_init_8xb256_cos_ep800_full",
    architecture: "a2mim-resnet101-pretrain",
    source: 114,
  },
  {
    file: "a2mim_r152_l3_sz224_init_8xb256_cos_ep300_full",
    architecture: "a2mim-resnet152-pretrain",
    recipe: "r152_l3_sz224_init_8xb256_cos_ep300",
    source: 116,
  },
  {
    file: "a2mim_r152_l3_sz224_init_8xb256_cos_ep800_full",
    architecture: "a2mim-resnet152-pretrain",
    source: 116,
  },
  {
    file: "a2mim_r200_l3_sz224_init_8xb256_cos_ep300_full",
    architecture: "a2mim-resnet200-pretrain",
    recipe: "r200_l3_sz224_init_8xb256_cos_ep300",
    source: 118,
  },
  {
    file: "a2mim_convnext_small_l3_sz224_init_8xb256_cos_ep300_full",
    architecture: "a2mim-convnext-small-pretrain",
    recipe: "convnext_s_l3_sz224_init_8xb256_cos_ep300",
    source: 126,
  },
  {
    file: "a2mim_convnext_base_l3_sz224_init_8xb256_cos_fp16_ep300_full",
    architecture: "a2mim-convnext-base-pretrain",
    recipe: "convnext_b_l3_sz224_init_8xb256_cos_ep300",
    source: 128,
  },
] as const;

/** Of A2MIM, fine-tuned. */
const finetunedModels = [
  {
    file: "a2mim_vit_small_l0_sz224_4xb512_step_fp16_ep800_ft",
    architecture: "a2mim-vit-small-classifier",
    recipe: "vit_small_p16_swin_ft_simmim_sz224_8xb128_cos_ep200",
    top1: 82.1,
    source: 99,
    note: "openmixup's README links to SimMIM's file instead",
  },
  {
    file: "a2mim_vit_base_l0_res_fft01_sz224_4xb128_accu4_step_fp16_ep800_ft",
    project: "openmixup",
    architecture: "a2mim-vit-base-classifier",
    recipe: "vit_base_p16_swin_ft_simmim_sz224_4xb128_accu2_cos_ep100",
    top1: 84.3,
    source: 101,
    note: "84.2 % in the README's summary",
  },
  {
    file: "a2mim_r50_l3_sz224_init_8xb256_cos_ep100_ft_rsb_a3",
    project: "openmixup",
    architecture: "a2mim-resnet50-classifier",
    recipe: "r50_rsb_a3_ft_sz160_4xb512_cos_fp16_ep100",
    top1: 78.8,
    resize: rsbResize,
    source: 111,
    note: "trained at 160 pixels, evaluated at 224",
  },
  {
    file: "a2mim_r50_l3_sz224_init_8xb256_cos_ep300_ft_rsb_a2",
    project: "openmixup",
    architecture: "a2mim-resnet50-classifier",
    recipe: "r50_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300",
    top1: 80.4,
    resize: rsbResize,
    source: 112,
  },
  {
    file: "a2mim_r101_l3_sz224_init_8xb256_cos_ep300_ft_rsb_a2",
    architecture: "a2mim-resnet101-classifier",
    recipe: "r101_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300",
    top1: 81.9,
    resize: rsbResize,
    source: 114,
    note: "80.3 % in A2MIM/configs/openmixup/pretrain/a2mim/README.md:35",
  },
  {
    file: "a2mim_r152_l3_sz224_init_8xb256_cos_ep300_ft_rsb_a2",
    architecture: "a2mim-resnet152-classifier",
    recipe: "r152_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300",
    top1: 82.5,
    resize: rsbResize,
    source: 116,
    note: "80.9 % in A2MIM/configs/openmixup/pretrain/a2mim/README.md:36",
  },
  {
    file: "a2mim_r200_l3_sz224_init_8xb256_cos_ep300_ft_rsb_a2",
    architecture: "a2mim-resnet200-classifier",
    recipe: "r200_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300",
    top1: 83,
    resize: rsbResize,
    source: 118,
  },
  {
    file: "a2mim_convnext_small_l3_sz224_init_8xb256_cos_ep300_ft_rsb_a2",
    architecture: "a2mim-convnext-small-classifier",
    top1: 83.7,
    resize: rsbResize,
    source: 126,
    note: convNextRule,
  },
  {
    file: "a2mim_convnext_base_l3_sz224_init_8xb256_cos_ep300_ft_rsb_a2",
    architecture: "a2mim-convnext-base-classifier",
    top1: 84.1,
    resize: rsbResize,
    source: 128,
    note: convNextRule,
  },
  {
    file: "a2mim_convnext_base_l3_sz224_init_8xb256_cos_ep300_ft_rsb_a3",
    architecture: "a2mim-convnext-base-classifier",
    resize: rsbResize,
    source: 128,
    note: "the table's 84.1 % is of RSB A2; of this one no accuracy is published",
  },
] as const;

/** Of A2MIM. */
export const a2mimModels: readonly ReleasedModel[] = [
  ...pretrainedModels.map((row) => pretrained("A2MIM", row)),
  ...finetunedModels.map((row) => finetuned("A2MIM", row)),
];
