/**
 * Writing TensorFlow SavedModels: what Python's TensorFlow, TensorFlow Serving and the converters to
 * other runtimes read.
 *
 * @module
 */
import { deleteHandle, findHandle } from "../handles.ts";
import { type Tensor, tensorIds } from "../tensorflow.ts";
import type { GraphNode } from "./graph_def.ts";
import { writeMetaGraph } from "./meta_graph.ts";
import type { ServedFunction } from "./recorded_function.ts";
import { servedGraph } from "./served_graph.ts";
import { readerOf, type Variable, variableNodes, writeVariables } from "./variables.ts";
import { writeFolder } from "./written_folder.ts";

/** What {@linkcode saveModel} writes. */
export interface ModelToSave {
  /** What the functions share, by name; each becomes a variable of that name. */
  parameters: Readonly<Record<string, Tensor>>;
  /** By the names under which they are called; `serving_default` is called when none is named. */
  signatures: Readonly<Record<string, ServedFunction>>;
}

/** Options of {@linkcode saveModel}. */
export interface SaveModelOptions {
  /** Replace a SavedModel that is there. Default: false. */
  overwrite?: boolean;
}

/** What {@linkcode saveModel} wrote. */
export interface SavedModelContent {
  /** Parameters that became variables. */
  variables: string[];
  /** Parameters that no function uses, which are left out. */
  unused: string[];
}

// Of signatures, inputs and outputs: what is also a name in Python.
const plainName = /^[A-Za-z]\w*$/;
// Of a node (tensorflow/core/framework/node_def_util.cc).
const nodeName = /^[A-Za-z0-9.][\w./>-]*$/;

function requireNames(
  what: string,
  names: readonly string[],
  pattern: RegExp = plainName,
): void {
  for (const name of names) {
    if (pattern.test(name)) continue;
    const allowed = pattern === plainName
      ? "digits and _"
      : "digits and any of _ . / > -";
    throw new Error(
      `A SavedModel can have no ${what} "${name}": use letters, ${allowed}, a letter first`,
    );
  }
}

function requireUniqueNames(nodes: readonly GraphNode[]): void {
  const seen = new Set<string>();
  for (const { name } of nodes) {
    if (seen.has(name)) {
      throw new Error(
        `Two parts of the SavedModel would be called "${name}": give the parameter or the ` +
          "signature of that name another one",
      );
    }
    seen.add(name);
  }
}

function requireSignatures(signatures: ModelToSave["signatures"]): void {
  const names = Object.keys(signatures);
  if (names.length === 0) {
    throw new Error(
      "A SavedModel needs a function: give one, as signatures.serving_default",
    );
  }
  requireNames("signature", names);
  for (const { inputs } of Object.values(signatures)) {
    requireNames("input", Object.keys(inputs));
  }
}

function variableOf(name: string, id: number): Variable {
  const { shape, dataType } = findHandle(id)!;
  return { name, tensor: id, shape, dataType };
}

/**
 * Writes functions of tensors and their parameters as a TensorFlow SavedModel.
 *
 * Each function is recorded as `jit` does it, in plain operations that need no XLA, without the
 * code that it came from. A `null` in an input's shape stands for a batch of any size. Parameters
 * become variables; tensors of the outside that a function uses are written with it, as constants or
 * as variables `captured/0` and so on.
 *
 * The folder is written beside its place and renamed, so that a kill leaves no half of one. TensorFlow
 * Serving wants it to be called by a number: `models/vit/1`.
 *
 * @throws {Error} when a function cannot be recorded or does not go with a batch of any size, when
 *   the folder cannot be written, or something is there.
 *
 * @example
 * ```ts
 * import { saveModel } from "./save_model.ts";
 * import { tf } from "../tensorflow.ts";
 * const { variables } = await saveModel(`${await Deno.makeTempDir()}/model`, {
 *   parameters: { weight: tf.ones([4, 2]) },
 *   signatures: {
 *     serving_default: {
 *       inputs: { x: { shape: [null, 4] } },
 *       run: ({ weight }, { x }) => ({ logits: tf.matMul(x!, weight!) }),
 *     },
 *   },
 * });
 * console.log(variables); // [ "weight" ]
 * // In Python: tf.saved_model.load(folder).signatures["serving_default"](x=tf.ones([7, 4]))
 * ```
 */
export async function saveModel(
  folder: string,
  { parameters, signatures }: ModelToSave,
  { overwrite = false }: SaveModelOptions = {},
): Promise<SavedModelContent> {
  requireSignatures(signatures);
  requireNames("parameter", Object.keys(parameters), nodeName);
  const captured = new Map<number, string>();
  const kept: number[] = [];
  const variables = new Map<string, Variable>();
  const capture = (id: number, keeps: number): string => {
    kept.push(keeps);
    const name = captured.get(id) ?? `captured/${captured.size}`;
    captured.set(id, name);
    variables.set(name, variableOf(name, keeps));
    return name;
  };
  try {
    const graphs = Object.entries(signatures).map(([name, served]) => {
      const graph = servedGraph(name, served, parameters, capture);
      requireNames("output", [...graph.signature.outputs.keys()]);
      return [name, graph] as const;
    });
    const inputs = new Set(
      graphs.flatMap(([, { nodes }]) => nodes.flatMap(({ inputs }) => inputs)),
    );
    const names = Object.keys(parameters);
    const ids = tensorIds(Object.values(parameters));
    names.forEach((name, index) => variables.set(name, variableOf(name, ids[index]!)));
    const used = [...variables.values()].filter(({ name }) => inputs.has(readerOf(name)));
    const nodes = [
      ...used.length === 0 ? [] : variableNodes(used),
      ...graphs.flatMap(([, { nodes }]) => nodes),
    ];
    requireUniqueNames(nodes);
    const file = writeMetaGraph({
      graph: { nodes, versions: graphs[0]![1].versions },
      variables: used,
      signatures: new Map(graphs.map(([name, { signature }]) => [name, signature])),
    });
    await writeFolder(folder, { mark: "saved_model.pb", overwrite }, async (folder) => {
      await Deno.mkdir(`${folder}/variables`);
      if (used.length > 0) writeVariables(`${folder}/variables/variables`, used);
      await Deno.writeFile(`${folder}/saved_model.pb`, file);
    });
    const isUsed = new Set(used.map(({ name }) => name));
    return {
      variables: names.filter((name) => isUsed.has(name)),
      unused: names.filter((name) => !isUsed.has(name)),
    };
  } finally {
    kept.forEach(deleteHandle);
  }
}
