/**
 * The kinds of golden cases that are built.
 *
 * To add one: write a file here that exports a record of `Kind`s, and spread it below. A kind reads
 * its sizes with `configOf(golden, schema)`, its tensors with `input` and `images`, its weights with
 * `parametersOf(golden, describeParameters(model))`, and returns either `computation(arguments,
 * compute)` or `{ table }`. See cosine_schedules.ts for a table and optimizers.ts for a computation;
 * `withGradients` and `referenceGradients` (reference.ts) make the `grad/KEY` entries.
 *
 * @module
 */
import type { Kinds } from "../kind.ts";
import { clips } from "./clip.ts";
import { cosineSchedules } from "./cosine_schedules.ts";
import { mmpretrainKinds } from "./mmpretrain.ts";
import { maskingStatisticsKinds } from "./masking_statistics.ts";
import { optimizers } from "./optimizers.ts";
import { pretrainingKinds } from "./pretraining.ts";
import { vitClassifiers } from "./vit.ts";
import { parameterGroups } from "./parameter_groups.ts";
import { positionEmbeddings } from "./position_embeddings.ts";

/** Every kind that is built, by name. */
export const kinds: Kinds = {
  ...clips,
  ...cosineSchedules,
  ...mmpretrainKinds,
  ...maskingStatisticsKinds,
  ...optimizers,
  ...pretrainingKinds,
  ...vitClassifiers,
  ...parameterGroups,
  ...positionEmbeddings,
};
