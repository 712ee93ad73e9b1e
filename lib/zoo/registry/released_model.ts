/**
 * What the registry knows of a model whose weights somebody has released.
 *
 * @module
 */
import type { WeightsSource } from "../download/weights_source.ts";
import type { Preprocessing } from "../preprocessing.ts";

/** How the weights were trained, or whose idea they show. */
export type ReleasedMethod = "MILAN" | "MixMIM" | "A2MIM" | "SimMIM" | "MAE" | "CLIP";

/** What weights are good for. */
export type ReleasedUse = "pretrain" | "finetune" | "linear-probe" | "teacher";

/** A licence by its SPDX identifier. */
export type Licence = "Apache-2.0" | "CC-BY-NC-4.0" | "MIT";

/** Shares of ImageNet-1k's validation pictures, in per cent, as published. */
export interface PublishedAccuracy {
  readonly top1: number;
  readonly top5?: number;
  /** Where that is written: project and file. */
  readonly source: string;
}

/** A model whose weights somebody has released. */
export interface ReleasedModel {
  readonly name: string;
  /** Other names that it goes by: older ones of the same project, and its file's. */
  readonly aliases?: readonly string[];
  readonly method: ReleasedMethod;
  readonly use: ReleasedUse;
  /** A name for {@linkcode architecture}. */
  readonly architecture: string;
  /** The recipe that trained it, by its name in mimkit, where there is one. */
  readonly recipe?: string;
  readonly weights: WeightsSource;
  readonly preprocessing: Preprocessing;
  readonly accuracy?: PublishedAccuracy;
  /** Of a classifier. */
  readonly classes?: "imagenet-1k";
  /** Of the project that released the weights; null where it states none. */
  readonly licence: Licence | null;
  readonly paper: string;
  /** Where the address is written: project and file. */
  readonly source: string;
  /** What somebody who uses it should know: contradictions, and what is left out. */
  readonly note?: string;
}

/** The papers. */
export const papers = {
  MILAN: "https://arxiv.org/abs/2208.06049",
  MixMIM: "https://arxiv.org/abs/2205.13137",
  A2MIM: "https://arxiv.org/abs/2205.13943",
  SimMIM: "https://arxiv.org/abs/2111.09886",
  MAE: "https://arxiv.org/abs/2111.06377",
  CLIP: "https://arxiv.org/abs/2103.00020",
} as const satisfies Record<ReleasedMethod, string>;
