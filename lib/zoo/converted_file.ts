/**
 * The files that converted checkpoints go into: each project looks for its weights in its own place.
 *
 * @module
 */
import { detectron2Metadata, streamDetectron2 } from "./detectron2_writer.ts";
import type { Family, Project } from "./key_maps/naming.ts";
import { streamSafetensors } from "./safetensors_writer.ts";
import { streamTorch, type WriteTorchOptions } from "./torch/torch_writer.ts";
import type { StreamedTensor } from "./written_tensors.ts";

/** The kinds of file. */
export type OutputFormat = "safetensors" | "torch" | "pickle";

/**
 * The kind of file that a path's ending means.
 *
 * @throws {Error} when it means none, or one that the project does not read.
 *
 * @example
 * ```ts
 * import { outputFormat } from "./converted_file.ts";
 * console.log(outputFormat("resnet.pkl", "detectron2")); // pickle
 * ```
 */
export function outputFormat(path: string, to: Project): OutputFormat {
  if (path.endsWith(".safetensors")) return "safetensors";
  if (path.endsWith(".pth")) return "torch";
  if (!path.endsWith(".pkl")) {
    throw new Error(
      `"${path}" has no ending that says what to write: use .safetensors, .pth or ` +
        "(for detectron2) .pkl",
    );
  }
  if (to === "detectron2") return "pickle";
  throw new Error(
    `Only detectron2 reads .pkl: end "${path}" in .safetensors or .pth for ${to}`,
  );
}

/** Whose names a file has, and of what network. */
export interface FileOwner {
  family: Family;
  to: Project;
}

/** Where a project's own code looks for the weights in what `torch.load` gives. */
function torchOptions({ family, to }: FileOwner): WriteTorchOptions {
  switch (to) {
    case "official":
      // torchvision's ResNets and OpenAI's CLIP have no level, the papers' own scripts do.
      return family === "resnet" || family === "clip" ? {} : { level: "model" };
    case "mmpretrain":
      return { level: "state_dict" };
    case "openmixup":
      return { level: "state_dict", metadata: { author: "mimkit" } };
    case "detectron2":
      return { level: "model", metadata: detectron2Metadata };
    case "timm":
    case "hf":
    case "openai":
      return {};
  }
}

/**
 * Writes a checkpoint for a project from tensors that are read one after the other.
 *
 * @param facts texts for which safetensors files alone have a place.
 * @throws {Error} one sentence, when the file cannot be written; what was there stays.
 */
export function writeConverted(
  path: string,
  format: OutputFormat,
  owner: FileOwner,
  tensors: Iterable<[string, StreamedTensor]>,
  facts: Readonly<Record<string, string>> = {},
): Promise<void> {
  switch (format) {
    case "safetensors":
      // transformers takes no file that does not say its format.
      return streamSafetensors(path, tensors, () => ({ format: "pt", ...facts }));
    case "torch":
      return streamTorch(path, tensors, torchOptions(owner));
    case "pickle":
      return streamDetectron2(path, tensors);
  }
}
