/**
 * What a case of the proof is: a model of a reference library, and the same model here.
 *
 * @module
 */
import type { Tensor } from "../../../lib/engine/mod.ts";
import type { Scope } from "../../../lib/nn/scope.ts";

/** A library that makes checkpoints, and loads them. */
export type LibraryName = "timm" | "transformers";

/** Which of its names the kit's namings know it by. */
export const projects = { timm: "timm", transformers: "hf" } as const;

/** How a case's weights lie in a file. */
export interface FileForm {
  /** Its ending is its format: `.safetensors` or `.pth`. */
  name: string;
  /** What the weights are rounded to before the library computes with them. */
  precision: "F32" | "F16" | "BF16";
  /** Whether the tensors lie in memory in another order, with gaps before them. */
  strided: boolean;
}

/** Tensors by what they mean. */
export type Named = Record<string, Tensor>;

/** The part of a case that the library is told. */
export interface LibraryModel {
  library: LibraryName;
  /** A class of transformers, or a model of timm. */
  model: string;
  /** What differs from its defaults. */
  configuration: Readonly<Record<string, unknown>>;
  /** Parameters that are zero in what was published, and that other projects do not have. */
  zero?: readonly string[];
  imageSize: number;
  batch: number;
  files: readonly FileForm[];
}

/** A model of a reference library, and the same model here. */
export interface ProofCase extends LibraryModel {
  name: string;
  /** Of full size, as it was published, or small. */
  size: "full" | "small";
  /** Whose names are the kit's for such a network. */
  own: "official" | "openmixup" | "openai";
  /**
   * What the library saves does not have the names of the files that were published under it, which it
   * reads too; the kit writes the latter.
   */
  isSavedOtherwise?: boolean;
  /** Too long for every run. */
  isLong?: boolean;
  /** The kit's model; inputs and outputs have the names that the library's have. */
  forward: (scope: Scope, inputs: Named) => Named;
  /** The name of a case of the other library that is the same model. */
  twin?: string;
}

/** Each model small, in all forms of files. */
export const allForms: readonly FileForm[] = [
  { name: "model.safetensors", precision: "F32", strided: false },
  { name: "model.pth", precision: "F32", strided: false },
  { name: "strided.pth", precision: "F32", strided: true },
  { name: "float16.pth", precision: "F16", strided: false },
  { name: "bfloat16.safetensors", precision: "BF16", strided: false },
];

/** A model of full size as it is published by each library. */
export const publishedForms: Readonly<Record<LibraryName, readonly FileForm[]>> = {
  timm: [{ name: "model.pth", precision: "F32", strided: false }],
  transformers: [{ name: "model.safetensors", precision: "F32", strided: false }],
};
