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
import { analysisKinds } from "./analysis.ts";
import { a2mimKinds } from "./a2mim.ts";
import { a2mimLossKinds } from "./a2mim_losses.ts";
import { maskGeneratorKinds } from "./mask_generators.ts";
import { clips } from "./clip.ts";
import { classificationLossKinds } from "./classification_losses.ts";
import { emaKinds } from "./ema.ts";
import { lambKinds } from "./lamb.ts";
import { convNextKinds } from "./convnext.ts";
import { layerDecayKinds } from "./layer_decay.ts";
import { mixingKinds } from "./mixing.ts";
import { cosineSchedules } from "./cosine_schedules.ts";
import { mmpretrainKinds } from "./mmpretrain.ts";
import { maskingStatisticsKinds } from "./masking_statistics.ts";
import { openmixupVitKinds } from "./openmixup_vit.ts";
import { mixmimKinds } from "./mixmim.ts";
import { optimizers } from "./optimizers.ts";
import { pretrainingKinds } from "./pretraining.ts";
import { resnetKinds } from "./resnet.ts";
import { swinKinds } from "./swin.ts";
import { vitClassifiers } from "./vit.ts";
import { parameterGroups } from "./parameter_groups.ts";
import { positionEmbeddings } from "./position_embeddings.ts";

/** Every kind that is built, by name. */
export const kinds: Kinds = {
  ...analysisKinds,
  ...a2mimKinds,
  ...a2mimLossKinds,
  ...maskGeneratorKinds,
  ...clips,
  ...classificationLossKinds,
  ...emaKinds,
  ...lambKinds,
  ...convNextKinds,
  ...layerDecayKinds,
  ...mixingKinds,
  ...cosineSchedules,
  ...mmpretrainKinds,
  ...maskingStatisticsKinds,
  ...openmixupVitKinds,
  ...mixmimKinds,
  ...optimizers,
  ...pretrainingKinds,
  ...resnetKinds,
  ...swinKinds,
  ...vitClassifiers,
  ...parameterGroups,
  ...positionEmbeddings,
};
