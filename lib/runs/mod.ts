/**
 * Run folders: a run is evidence.
 *
 * @module
 */
export { appendLine, explainWriting, makeFolder, writeAtomically } from "./files.ts";
export { describeMachine } from "./machine.ts";
export { openRun, type OpenRunOptions, type RunWriter } from "./run.ts";
export { readRunFolder, type RunFolder, type RunPicture } from "./run_folder.ts";
export { holdRun, RunInUse } from "./run_lock.ts";
export {
  type Metric,
  metricSchema,
  type PictureEntry,
  picturesSchema,
  type Results,
  type ResultsColumn,
  resultsSchema,
  type ResultsTable,
  type Run,
  runSchema,
} from "./run_schema.ts";
