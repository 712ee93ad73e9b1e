/**
 * Finding and fetching TensorFlow's C library, and what the doctor needs to tell about it.
 *
 * @module
 */
export { cacheFolder } from "./cache_folder.ts";
export { ensureLibrary } from "./ensure_library.ts";
export { type Environment, processEnvironment } from "./environment.ts";
export { findLibrary } from "./find_library.ts";
export { instructionSets } from "./instruction_sets.ts";
export { checkDeno, type CLibrary, type Machine, thisMachine } from "./machine.ts";
export { type NvidiaCard, type NvidiaDriver, readNvidiaDriver } from "./nvidia_cards.ts";
export { checkNvidiaLibraries, type NvidiaLibraryCheck } from "./nvidia_libraries.ts";
export { openLibrary } from "./open_library.ts";
export { openedVersion } from "./opened_version.ts";
export type { ProgressListener, SetupProgress } from "./progress.ts";
export { asSetupError, SetupError } from "./setup_error.ts";
export {
  type LibraryOptions,
  type TensorFlowBuild,
  type TensorFlowLibrary,
  tensorflowVersion,
} from "./tensorflow_library.ts";
