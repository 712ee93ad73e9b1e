/**
 * What stands in the way of having a file of weights, in one sentence with its address, the path
 * where it would lie, and the way out.
 *
 * @module
 */
import {
  asSetupError,
  isNotFound,
  rootMessage,
  SetupError,
  systemCode,
} from "../../engine/library/setup_error.ts";
import { type Obstacle, TransferError } from "../../engine/library/transfer_error.ts";

/** A file of weights is not to be had for a reason that the message states, with the way out. */
export class WeightsError extends Error {
  override readonly name = "WeightsError";
}

/** A file of weights: where from, and where to. */
export interface WeightsPlace {
  readonly url: string;
  readonly path: string;
}

function transferSentence(obstacle: Obstacle, { url, path }: WeightsPlace): string {
  switch (obstacle.kind) {
    case "refused": {
      const gone = obstacle.status === 404 || obstacle.status === 410;
      const reason = gone ? " (the file is no longer there)" : "";
      return `${url} answered ${obstacle.status}${reason}: try again later, or get the ` +
        `file elsewhere and save it as ${path}`;
    }
    case "page":
      return `${url} answered with a web page in place of the file: log in to this ` +
        `network in a browser if it asks for that, or save the file as ${path}`;
    case "broken":
      return `The download of ${url} broke off after ` +
        `${(obstacle.bytes / 1e6).toFixed(1)} MB (${obstacle.reason}): run the same ` +
        `command again, it goes on from there, or save the file as ${path}`;
    case "damaged": {
      const { algorithm, hex } = obstacle.expected;
      const found = obstacle.found.slice(0, Math.max(8, hex.length));
      return `${url} gave a file whose ${algorithm} begins with ${found} where ${hex} is ` +
        `right, so it is damaged or not the original, and nothing was kept at ${path}: ` +
        "try again, or get it elsewhere";
    }
  }
}

/** Turns any error on the way from `url` to `path` into a {@link WeightsError}. */
export function asWeightsError(error: unknown, place: WeightsPlace): WeightsError {
  if (error instanceof WeightsError) return error;
  const because = (sentence: string) => new WeightsError(sentence, { cause: error });
  if (error instanceof TransferError) {
    return because(transferSentence(error.obstacle, place));
  }
  const { url, path } = place;
  const setUp = error instanceof SetupError || error instanceof Deno.errors.NotCapable;
  if (setUp) {
    return because(
      asSetupError(error, `fetching ${url} to ${path}`).message.replace(/\.$/, ""),
    );
  }
  const code = systemCode(error);
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return because(
        `The disk is full while fetching ${url} to ${path}: free space there, or set ` +
          "MIMKIT_CACHE to a folder on a disk with more",
      );
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return because(
        `Cannot write ${path}, where ${url} belongs: make the folder writable, or set ` +
          "MIMKIT_CACHE to one that is",
      );
    default:
      return because(
        code === "ENOTDIR" || code === "EEXIST" || isNotFound(error)
          ? `Cannot make the folder of ${path}, where ${url} belongs ` +
            `(${rootMessage(error)}): set MIMKIT_CACHE to a folder`
          : `Failed while fetching ${url} to ${path}: ${rootMessage(error)}`,
      );
  }
}
