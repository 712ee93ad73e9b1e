/**
 * The proof that an installation works: the library is opened and asked for its release.
 *
 * @module
 */
import { linkerMessage, openLibrary } from "./open_library.ts";
import { asSetupError, SetupError } from "./setup_error.ts";
import { type TensorFlowLibrary, tensorflowVersion } from "./tensorflow_library.ts";

function openAndAsk(library: TensorFlowLibrary): string {
  const tensorflow = openLibrary(library, {
    TF_Version: { parameters: [], result: "pointer" },
  }, { quiet: true });
  const version = tensorflow.TF_Version();
  return version === null ? "" : Deno.UnsafePointerView.getCString(version);
}

/**
 * Opens the library (which stays open) and returns the release that it states, "2.21.0". Throws a
 * {@link SetupError} if it cannot be opened or is another release than mimkit is made for.
 */
export function openedVersion(library: TensorFlowLibrary): string {
  const wayOut = library.source === "MIMKIT_TENSORFLOW"
    ? `set MIMKIT_TENSORFLOW to TensorFlow ${tensorflowVersion}, or unset it`
    : `remove ${
      library.path.replace(/\/tensorflow\/[^/]+$/, "")
    } and run \`deno task setup\``;
  let version: string;
  try {
    version = openAndAsk(library);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw asSetupError(error, `opening ${library.path}`);
    }
    const cause = linkerMessage(error);
    throw new SetupError(`Cannot open ${library.path} (${cause}): ${wayOut}.`, {
      cause: error,
    });
  }
  if (version !== tensorflowVersion) {
    throw new SetupError(
      `${library.path} is TensorFlow ${version}, and mimkit needs ${tensorflowVersion}: ${wayOut}.`,
    );
  }
  return version;
}
