/**
 * The schema of recipes: what is allowed, what each field means, and what a command line may set.
 *
 * @module
 */
import { z } from "zod";
import { dataSchema } from "./data.ts";
import {
  classifierSchema,
  contrastiveSchema,
  maskerSchema,
  pretextSchema,
  teacherSchema,
} from "./model_schema.ts";
import {
  batchSchema,
  emaSchema,
  groupsSchema,
  mixingSchema,
  optimizerSchema,
  scheduleSchema,
} from "./optimization.ts";
import type { Recipe } from "./recipe.ts";

const shared = {
  name: z.string().min(1),
  notes: z.array(z.string()),
  sources: z.record(z.string(), z.string()),
  data: dataSchema,
  epochs: z.number().positive().describe("times that the training set is gone through"),
  steps: z.int().positive().optional().describe("updates, instead of epochs"),
  batch: batchSchema,
  optimizer: optimizerSchema,
  groups: groupsSchema,
  schedule: scheduleSchema,
  precision: z.enum(["float32", "bfloat16"]).describe("of the products"),
  ema: emaSchema.optional(),
};
const supervised = {
  model: classifierSchema,
  mixing: mixingSchema.optional(),
  smoothing: z.number().min(0).lt(1).describe("of the targets, over all classes"),
  loss: z.enum(["cross-entropy", "binary-cross-entropy"]).describe("of the logits"),
  evaluation: z.strictObject({
    everyEpochs: z.number().positive().describe("epochs between evaluations"),
  }),
};

const schema = z.discriminatedUnion("task", [
  z.strictObject({
    task: z.literal("pretrain"),
    ...shared,
    model: pretextSchema,
    masker: maskerSchema,
    teacher: teacherSchema.optional(),
    evaluation: z.strictObject({
      neighboursEveryEpochs: z.number().min(0)
        .describe("epochs between nearest-neighbour evaluations; 0 for none"),
    }),
  }),
  z.strictObject({ task: z.literal("finetune"), ...shared, ...supervised }),
  z.strictObject({ task: z.literal("linear"), ...shared, ...supervised }),
  z.strictObject({ task: z.literal("clip"), ...shared, model: contrastiveSchema }),
]);

// The types are written out, so that the package's documentation has them; they must be the
// schema's.
type Same<A, B> = [A, B] extends [B, A] ? true : never;
const same: Same<z.infer<typeof schema>, Recipe> = true;
void same;

/** The schema of all recipes. */
export const recipeSchema: z.ZodType<Recipe> = schema;

/** Fields that are about a recipe, and which no flag sets. */
export const fixedFields: readonly string[] = ["name", "task", "notes", "sources"];
