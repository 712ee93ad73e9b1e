/**
 * What a recipe is: everything that decides what a training run computes, as plain data. The schema
 * in schema.ts checks it, documents it and reads it from a command line.
 *
 * @module
 */
import type { BackboneSection, ClassifierSection, PretextSection } from "./model.ts";
import type { ContrastiveSection, MaskerSection, TeacherSection } from "./model.ts";
import type {
  BatchSection,
  EmaSection,
  GroupsSection,
  MixingSection,
  OptimizerSection,
  ScheduleSection,
} from "./optimization.ts";
import type { DataSection } from "./data.ts";

export type { BackboneSection };

/** What every recipe has. */
export interface SharedSections {
  /** The original configuration's or the seed's. */
  name: string;
  /** What the sources contradict each other in, or leave open. */
  notes: string[];
  /** Where the values come from, by dotted path; `recipe` for all others. */
  sources: Record<string, string>;
  data: DataSection;
  epochs: number;
  /** Instead of epochs. */
  steps?: number | undefined;
  batch: BatchSection;
  optimizer: OptimizerSection;
  groups: GroupsSection;
  schedule: ScheduleSection;
  precision: "float32" | "bfloat16";
  ema?: EmaSection | undefined;
}

/** Pretraining without labels. */
export interface PretrainRecipe extends SharedSections {
  task: "pretrain";
  model: PretextSection;
  masker: MaskerSection;
  /** For MILAN, and for semantic masks. */
  teacher?: TeacherSection | undefined;
  /** What is measured on the way. */
  evaluation: { neighboursEveryEpochs: number };
}

/** Supervised training of a whole network, from a pretrained encoder or from nothing. */
export interface FinetuneRecipe extends SharedSections {
  task: "finetune";
  model: ClassifierSection;
  mixing?: MixingSection | undefined;
  /** Share of the target that is spread over all classes. */
  smoothing: number;
  loss: "cross-entropy" | "binary-cross-entropy";
  evaluation: { everyEpochs: number };
}

/** A linear classifier on frozen features. */
export interface LinearRecipe extends SharedSections {
  task: "linear";
  model: ClassifierSection;
  mixing?: MixingSection | undefined;
  smoothing: number;
  loss: "cross-entropy" | "binary-cross-entropy";
  evaluation: { everyEpochs: number };
}

/** A CLIP from images and captions: a teacher where no released one fits. */
export interface ContrastiveRecipe extends SharedSections {
  task: "clip";
  model: ContrastiveSection;
}

/** A recipe, by its task. */
export type Recipe =
  | PretrainRecipe
  | FinetuneRecipe
  | LinearRecipe
  | ContrastiveRecipe;

/** What a recipe is for. */
export type RecipeTask = Recipe["task"];
