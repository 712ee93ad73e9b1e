/**
 * NVIDIA's libraries beside TensorFlow's: which to open first, in which order, and which of them
 * fails. TensorFlow looks for them by name only, and does not say which one it missed.
 *
 * @module
 */
import { linkerMessage } from "./open_library.ts";
import { isNotFound } from "./setup_error.ts";
import type { TensorFlowLibrary } from "./tensorflow_library.ts";

// Folder below nvidia/ and name of each library that TensorFlow 2.21 or XLA opens, each after
// those that it is linked with (their ELF headers say which).
const loadingOrder: readonly (readonly [folder: string, name: string])[] = [
  ["cuda_runtime", "libcudart"],
  ["nvjitlink", "libnvJitLink"],
  ["cuda_nvrtc", "libnvrtc"],
  ["cublas", "libcublasLt"],
  ["cublas", "libcublas"],
  ["cufft", "libcufft"],
  ["curand", "libcurand"],
  ["cusparse", "libcusparse"],
  ["cusolver", "libcusolver"],
  ["cuda_cupti", "libcupti"],
  ["nccl", "libnccl"],
  ["cudnn", "libcudnn_graph"],
  ["cudnn", "libcudnn_ops"],
  ["cudnn", "libcudnn_cnn"],
  ["cudnn", "libcudnn_adv"],
  ["cudnn", "libcudnn"],
];

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** The file of library `name` in `folder`, such as libcudart.so.12, or undefined. */
function libraryFile(folder: string, name: string): string | undefined {
  const file =
    namesIn(folder).filter((entry) => entry.startsWith(`${name}.so`)).sort()[0];
  return file === undefined ? undefined : `${folder}/${file}`;
}

/** The folder of NVIDIA's libraries that belongs to the TensorFlow library at `path`. */
function nvidiaFolder(path: string): string {
  const tensorflow = path.slice(0, path.lastIndexOf("/"));
  return `${tensorflow.slice(0, tensorflow.lastIndexOf("/"))}/nvidia`;
}

/** NVIDIA's libraries beside the TensorFlow library at `path`, in the order to open them. */
export function nvidiaPreload(path: string): string[] {
  const root = nvidiaFolder(path);
  return loadingOrder.flatMap(([folder, name]) =>
    libraryFile(`${root}/${folder}/lib`, name) ?? []
  );
}

/** What became of opening one of NVIDIA's libraries. */
export interface NvidiaLibraryCheck {
  readonly name: string;
  /** Undefined where the file is missing. */
  readonly path: string | undefined;
  /** Why it cannot be used; undefined if it can. */
  readonly failure: string | undefined;
}

function tryToOpen(path: string): string | undefined {
  try {
    Deno.dlopen(path, {});
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return linkerMessage(error);
  }
}

/**
 * Opens the driver's library and each of NVIDIA's that a GPU build needs, in order, and says by
 * name which cannot be opened and why. An empty list for a CPU build.
 */
export function checkNvidiaLibraries(library: TensorFlowLibrary): NvidiaLibraryCheck[] {
  if (library.build === "cpu") return [];
  const root = nvidiaFolder(library.path);
  const driver = {
    name: "libcuda",
    path: "libcuda.so.1",
    failure: tryToOpen("libcuda.so.1"),
  };
  return [
    driver,
    ...loadingOrder.map(([folder, name]) => {
      const path = libraryFile(`${root}/${folder}/lib`, name);
      return path === undefined
        ? { name, path, failure: `there is no ${name}.so* in ${root}/${folder}/lib` }
        : { name, path, failure: tryToOpen(path) };
    }),
  ];
}
