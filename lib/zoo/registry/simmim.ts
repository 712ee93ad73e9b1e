/**
 * SimMIM's models that A2MIM compares with, as in the tables of its README.
 *
 * @module
 */
import type { ReleasedModel } from "./released_model.ts";
import { finetuned, pretrained, rsbResize } from "./westlake.ts";

const reaches = (top1: string, rule = "RSB A2") =>
  `fine-tuned as ${rule} it reaches ${top1} %; that is not released`;

const pretrainedModels = [
  {
    file: "simmim_vit_small_sz224_8xb256_step_fp16_ep800_full",
    architecture: "simmim-vit-small-pretrain",
    recipe: "vit_small_sz224_8xb256_step_fp16_ep800",
    source: 98,
    note: "8 blocks, 768 wide: openmixup's ViT-S",
  },
  {
    file: "simmim_vit_base_sz224_8xb128_accu2_step_fp16_ep800_full",
    architecture: "simmim-vit-base-pretrain",
    recipe: "vit_base_sz224_8xb128_accu2_step_fp16_ep800",
    source: 100,
  },
  {
    file: "full_simmim_vit_base_rgb_m_sz224_8xb128_accu2_step_fp16_ep800",
    project: "openmixup",
    architecture: "a2mim-vit-base-pretrain",
    recipe: "vit_base_rgb_m_sz224_8xb128_accu2_step_fp16_ep800",
    source: "openmixup/docs/en/model_zoos/Model_Zoo_selfsup.md:53",
    note: "masked patches are filled with the images' mean colour first",
  },
  {
    file: "simmim_vit_large_sz224_8xb128_accu2_step_fp16_ep800_full",
    architecture: "simmim-vit-large-pretrain",
    recipe: "vit_large_sz224_8xb128_accu2_step_fp16_ep800",
    source: 102,
    note: reaches("85.6", "SimMIM"),
  },
  {
    file: "simmim_r50_sz224_8xb256_cos_fp16_ep300_full",
    architecture: "simmim-resnet50-pretrain",
    recipe: "r50_sz224_8xb256_fp16_ep300",
    source: 110,
    note: reaches("79.9"),
  },
  {
    file: "simmim_r101_sz224_8xb256_cos_fp16_ep300_full",
    architecture: "simmim-resnet101-pretrain",
    recipe: "r101_sz224_8xb256_fp16_ep300",
    source: 113,
    note: reaches("81.3"),
  },
  {
    file: "simmim_r152_sz224_8xb256_cos_fp16_ep300_full",
    architecture: "simmim-resnet152-pretrain",
    recipe: "r152_sz224_8xb256_fp16_ep300",
    source: 115,
    note: reaches("81.9"),
  },
  {
    file: "simmim_r200_sz224_8xb256_cos_fp16_ep300_full",
    architecture: "simmim-resnet200-pretrain",
    recipe: "r200_sz224_8xb256_fp16_ep300",
    source: 117,
  },
  {
    file: "simmim_convnext_small_sz224_8xb256_cos_fp16_ep300_full",
    architecture: "simmim-convnext-small-pretrain",
    recipe: "convnext_small_sz224_8xb256_fp16_ep300",
    source: 125,
    note: reaches("83.2"),
  },
  {
    file: "simmim_convnext_base_sz224_8xb256_cos_fp16_ep300_full",
    architecture: "simmim-convnext-base-pretrain",
    recipe: "convnext_base_sz224_8xb256_fp16_ep300",
    source: 127,
  },
] as const;

const finetunedModels = [
  {
    file: "simmim_vit_small_sz224_8xb256_step_fp16_ep800_ft",
    architecture: "a2mim-vit-small-classifier",
    recipe: "vit_small_p16_swin_ft_simmim_sz224_8xb128_cos_ep100",
    top1: 81.7,
    source: 98,
  },
  {
    file: "simmim_vit_base_sz224_8xb128_accu2_step_fp16_ep800_ft",
    architecture: "a2mim-vit-base-classifier",
    recipe: "vit_base_p16_swin_ft_simmim_sz224_4xb128_accu2_cos_ep100",
    top1: 83.8,
    source: 100,
    note: "openmixup's README links to A2MIM's file instead",
  },
  {
    file: "simmim_r101_sz224_8xb256_ep300_ft_rsb_a3",
    architecture: "a2mim-resnet101-classifier",
    recipe: "r101_rsb_a3_ft_sz160_8xb256_cos_fp16_ep100",
    resize: rsbResize,
    source: 113,
    note: "the table's 81.3 % is of RSB A2; of this one no accuracy is published",
  },
  {
    file: "simmim_r200_sz224_8xb256_cos_fp16_ep300_ft_rsb_a2",
    architecture: "a2mim-resnet200-classifier",
    recipe: "r200_rsb_a2_ft_sz224_8xb256_cos_fp16_ep300",
    top1: 82.2,
    resize: rsbResize,
    source: 117,
  },
  {
    file: "simmim_convnext_base_sz224_8xb256_cos_fp16_ep300_ft",
    architecture: "a2mim-convnext-base-classifier",
    top1: 83.6,
    resize: rsbResize,
    source: 127,
    note: "fine-tuned as RSB A2 by its table, as SparK by the configuration it links to",
  },
] as const;

/** Of SimMIM in openmixup; its classifiers are A2MIM's networks. */
export const simmimModels: readonly ReleasedModel[] = [
  ...pretrainedModels.map((row) => pretrained("SimMIM", row)),
  ...finetunedModels.map((row) => finetuned("SimMIM", row)),
];
