/**
 * Fetches one wheel, checked: a broken download goes on where it stopped (also in the next run),
 * and a file with another checksum does not survive.
 *
 * @module
 */
import type { ChosenWheel } from "./choose_wheel.ts";
import type { ProgressListener } from "./progress.ts";
import { asSetupError, isNotFound, SetupError } from "./setup_error.ts";
import { receiveFile } from "./transfer.ts";
import { type Obstacle, TransferError } from "./transfer_error.ts";
import { shown, type Web } from "./web.ts";

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function sentence({ link, sha256 }: ChosenWheel, obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case "refused":
      return `${shown(link.url)} answered ${obstacle.status}: try again later, or set ` +
        "PIP_INDEX_URL to another index.";
    case "page":
      return `${shown(link.url)} answered with a web page: log in to this network in a ` +
        "browser if it asks for that, or set PIP_INDEX_URL to another index.";
    case "broken":
      return `The download of ${link.file} from ${link.url.host} broke off after ` +
        `${(obstacle.bytes / 1e6).toFixed(1)} MB (${obstacle.reason}): run the same ` +
        "command again; it goes on from there.";
    case "damaged":
      return `${shown(link.url)} has the sha256 ${obstacle.found} where ${sha256} is ` +
        "right, so it is damaged or not the original; nothing of it was kept: try again, " +
        "and if it stays so, set PIP_INDEX_URL to another index.";
  }
}

/**
 * Fetches `wheel` into `folder` and returns the path of the checked file. What a broken download
 * has left is kept for the next call; a file with a wrong checksum is removed.
 */
export async function downloadWheel(
  web: Web,
  wheel: ChosenWheel,
  folder: string,
  onProgress: ProgressListener,
): Promise<string> {
  const { link, sha256 } = wheel;
  const path = `${folder}/${link.file}.${sha256.slice(0, 8)}.part`;
  const checksum = { algorithm: "sha256", hex: sha256 } as const;
  try {
    using file = await Deno.open(path, { read: true, write: true, create: true });
    const transfer = { url: link.url, file: link.file, checksum };
    await receiveFile(web, transfer, file, onProgress);
    return path;
  } catch (error) {
    if (!(error instanceof TransferError)) {
      throw asSetupError(error, `downloading ${link.file}`, folder);
    }
    if (error.obstacle.kind === "damaged") await removeIfThere(path);
    throw new SetupError(sentence(wheel, error.obstacle), { cause: error });
  }
}
