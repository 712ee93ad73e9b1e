/**
 * What every format of checkpoint is read as.
 *
 * @module
 */
import type { ElementType, StoredTensor } from "../element_types.ts";
import type { Room } from "./byte_source.ts";
import type { Json, JsonRecord } from "./to_json.ts";

export type { Json, JsonRecord };

/**
 * What a file was found to be: `torch` is what `torch.save` writes since PyTorch 1.6 (a zip file),
 * `torch-legacy` what it wrote before, `torchscript` what `torch.jit.save` writes, `pickle` a pickle
 * of numpy arrays as detectron2 has it.
 */
export type CheckpointFormat =
  | "safetensors"
  | "torch"
  | "torch-legacy"
  | "torchscript"
  | "pickle";

/** What is known of a tensor before it is read. */
export interface CheckpointEntry {
  shape: number[];
  dtype: ElementType;
}

/** Which of a file's weights are wanted. */
export interface CheckpointOptions {
  /** `ema`: the moving average of the weights, if the file has it. Default: "model". */
  which?: "model" | "ema";
  /** The name of the dict in the file, as in "teacher"; it is found without, where it is usual. */
  level?: string;
  /**
   * Compares each tensor of a zip file with its checksum, which PyTorch does not do. It takes a
   * seventh of the time again; what describes the tensors is always compared. Default: false.
   */
  verify?: boolean;
}

/** A checkpoint open for reading; `using` closes it. */
export interface CheckpointReader extends Disposable {
  readonly format: CheckpointFormat;
  /** The name of the dict that the weights are in; undefined where the file holds nothing else. */
  readonly level: string | undefined;
  /** What else is in the file: epoch, command line, … */
  readonly metadata: Readonly<JsonRecord>;
  readonly entries: ReadonlyMap<string, Readonly<CheckpointEntry>>;
  /**
   * Reads one tensor; one after the other or at once, the result is the same.
   *
   * @param take where its bytes may go. Default: into memory of their own.
   */
  read(name: string, take?: Room): Promise<StoredTensor>;
}
