/**
 * The reference libraries, in a Python process of their own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { PythonModule } from "../../../tasks/bench/python_module.ts";
import type { FileForm, LibraryModel, ProofCase } from "./case.ts";

const folder = fileURLToPath(new URL("python", import.meta.url));

/** A file that a library wrote. */
export interface MadeFile extends FileForm {
  path: string;
  /** A safetensors file of `inputs.…` and `outputs.…`. */
  expected: string;
  bytes: number;
  tensors: number;
  /** Standard deviation of each output. */
  spread: Record<string, number>;
}

/** The reference libraries. */
export interface Libraries extends AsyncDisposable {
  versions: Record<string, string>;
  /** Writes a case's files with random weights, and what the library computes from them. */
  make(model: ProofCase, folder: string, seed: number): Promise<MadeFile[]>;
  /**
   * Loads a file strictly, as the library's users do.
   *
   * @returns how far each output is from what is expected, at most.
   * @throws {Error} with what the library says about a tensor that is missing, unexpected or of
   *   another shape.
   */
  check(
    model: ProofCase,
    path: string,
    expected: string,
  ): Promise<Record<string, number>>;
  /** Names of the tensors that differ between two of its files by a bit or by absence. */
  different(model: ProofCase, path: string, other: string): Promise<string[]>;
}

function toldOf(
  { library, model, configuration, zero = [], imageSize, batch, files }: ProofCase,
): LibraryModel {
  return { library, model, configuration, zero, imageSize, batch, files };
}

/**
 * Starts the libraries.
 *
 * @param python of an environment with torch, transformers, timm and safetensors.
 */
export async function openLibraries(python: string): Promise<Libraries> {
  const process = new PythonModule(python, "proof", folder);
  const versions = await process.call<Record<string, string>>("version");
  return {
    versions,
    make: (model, folder, seed) =>
      process.call("make", { case: toldOf(model), folder, seed }),
    check: (model, path, expected) =>
      process.call("check", { case: toldOf(model), path, expected }),
    different: ({ zero = [] }, path, other) =>
      process.call("different", { path, other, made: zero }),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}
