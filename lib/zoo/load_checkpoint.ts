/**
 * From an open checkpoint to a model's parameters, one tensor after the other, so that never more than
 * the model and one tensor is in memory.
 *
 * @module
 */
import { disposeTree, type Tensor } from "../engine/mod.ts";
import type { Layout, Parameters } from "../nn/scope.ts";
import type { TensorReader } from "./key_maps/map_reader.ts";
import { kitAxes } from "./layout.ts";
import { kitTensor } from "./load_parameters.ts";
import {
  type LoadReport,
  planLoad,
  type Source,
  type Specifications,
} from "./load_report.ts";
import { type Room, sameRoom } from "./pickle/byte_source.ts";
import { resizeTable } from "./resize_positions.ts";

/** Options of {@linkcode loadCheckpointInto}. */
export interface LoadCheckpointOptions {
  /** False loads what fits and reports the rest. Default: true. */
  strict?: boolean;
  /**
   * Whether position embeddings and tables of relative positions of another grid are resized,
   * bicubically, as MAE, MixMIM and mmpretrain do. Default: true.
   */
  resize?: boolean;
}

async function readParameter(
  reader: TensorReader,
  { from, resizing }: Source,
  layout: Layout,
  room: Room,
): Promise<Tensor> {
  const rank = reader.entries.get(from)!.shape.length;
  // Values whose axes are moved lie elsewhere after that; others may stay where they were read.
  const take = kitAxes(layout, rank) === undefined ? undefined : room;
  const tensor = kitTensor(await reader.read(from, take), layout);
  if (resizing === undefined) return tensor;
  const resized = resizeTable(tensor, resizing);
  tensor.dispose();
  return resized;
}

/**
 * Reads a model's parameters, in the kit's layout and as float32.
 *
 * @param specifications the model's, from `describeParameters`.
 * @param reader an open checkpoint under the kit's names, as `kitReader` gives it.
 * @returns the parameters that fitted (with `strict: false` perhaps not all) and the report, which
 *   says which tables were resized.
 * @throws {Error} before anything is read, when strict and anything does not fit, or when nothing fits.
 *
 * @example
 * ```ts
 * import { linear } from "../nn/linear.ts";
 * import { describeParameters } from "../nn/scope.ts";
 * import { readerOf } from "./key_maps/map_reader.ts";
 * import { loadCheckpointInto } from "./load_checkpoint.ts";
 * const specifications = describeParameters((scope, input) =>
 *   linear(scope, input({ shape: [1, 3] }), 2, { bias: false })
 * );
 * const weight = { shape: [2, 3], dtype: "F32" as const, data: new Float32Array(6) };
 * const file = readerOf(new Map([["weight", weight]]));
 * const { parameters } = await loadCheckpointInto(specifications, file);
 * console.log(parameters["weight"]!.shape); // [ 3, 2 ]
 * ```
 */
export async function loadCheckpointInto(
  specifications: Specifications,
  reader: TensorReader,
  { strict = true, resize = true }: LoadCheckpointOptions = {},
): Promise<{ parameters: Parameters; report: LoadReport }> {
  const options = { strict, resize, rename: (name: string) => name };
  const { sources, report } = planLoad(specifications, reader.entries, options);
  const parameters: Parameters = {};
  const room = sameRoom();
  try {
    for (const [name, source] of sources) {
      const { layout } = specifications.get(name)!;
      parameters[name] = await readParameter(reader, source, layout, room);
    }
  } catch (error) {
    disposeTree(parameters);
    throw error;
  }
  return { parameters, report };
}
