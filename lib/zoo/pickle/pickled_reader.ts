/**
 * Makes a reader of what a pickle described and what was found in it.
 *
 * @module
 */
import { CheckpointError, naming, shown } from "./checkpoint_error.ts";
import type { CheckpointFormat, CheckpointReader } from "./checkpoint_reader.ts";
import type { FoundWeights } from "./find_weights.ts";
import { readStrided, workFor } from "./strided.ts";

/**
 * How many bytes a file's tensors may take in all, and an entry when it is unpacked. Several names
 * may stand for one storage, and a deflated file is smaller than what is in it; beyond this the file
 * is made to fill the memory.
 */
export function mostBytesOf(fileSize: number): number {
  return 16 * fileSize + 2 ** 24;
}

/** An open file. */
export interface OpenFile extends Disposable {
  readonly path: string;
  readonly size: number;
}

/**
 * A reader of found weights.
 *
 * @throws {CheckpointError} when they are more than such a file can hold.
 */
export function pickledReader(
  file: OpenFile,
  format: CheckpointFormat,
  { level, tensors, metadata }: FoundWeights,
): CheckpointReader {
  const most = mostBytesOf(file.size);
  let total = 0;
  for (const [name, tensor] of tensors) {
    total += workFor(tensor);
    if (total <= most) continue;
    throw new CheckpointError(
      `with ${
        shown(name)
      } [${tensor.shape}] its tensors take ${total} bytes to read, more ` +
        `than the ${most} that mimkit takes for a file of ${file.size} bytes`,
    );
  }
  return {
    format,
    level,
    metadata,
    entries: tensors,
    read(name, take) {
      return naming(file.path, () => {
        const tensor = tensors.get(name);
        if (tensor !== undefined) return readStrided(tensor, take);
        throw new CheckpointError(`it has no tensor "${name}" among its ${tensors.size}`);
      });
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}
