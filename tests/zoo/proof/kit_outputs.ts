/**
 * A checkpoint loaded into the kit's model, strictly, and what the model computes from it.
 *
 * @module
 */
import { disposeTree, type Tensor, tf } from "../../../lib/engine/mod.ts";
import { describeParameters, type Parameters, scope } from "../../../lib/nn/scope.ts";
import { openCheckpoint } from "../../../lib/zoo/checkpoint_file.ts";
import { toFloat32 } from "../../../lib/zoo/element_types.ts";
import { loadCheckpointInto } from "../../../lib/zoo/load_checkpoint.ts";
import { kitReader, type Project } from "../../../lib/zoo/namings.ts";
import { readSafetensors, type StoredTensor } from "../../../lib/zoo/safetensors.ts";
import type { Named, ProofCase } from "./case.ts";
import { greatestDifference } from "./differences.ts";

/** A file's tensors whose names begin with this, without it. */
function under(
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
): Map<string, StoredTensor> {
  return new Map(
    [...tensors].filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}

/** Images go from channels first to channels last. */
function inputOf({ shape, dtype, data }: StoredTensor): Tensor {
  if (dtype === "I32") return tf.tensor(data as Int32Array, shape, "int32");
  const tensor = tf.tensor(toFloat32({ shape, dtype, data }), shape);
  return shape.length === 4 ? tensor.transpose([0, 2, 3, 1]) : tensor;
}

async function load(
  model: ProofCase,
  path: string,
  inputs: Named,
  known: readonly Project[],
): Promise<Parameters> {
  using file = await openCheckpoint(path);
  const { naming, reader } = kitReader(file);
  if (!known.includes(naming.project)) {
    throw new Error(
      `its names were taken for those of a ${naming.family} of ${naming.project}, ` +
        `they are of ${known.join(" or ")}`,
    );
  }
  const specifications = describeParameters((scope, input) =>
    model.forward(
      scope,
      Object.fromEntries(
        Object.entries(inputs).map(([name, { shape, dtype }]) => [
          name,
          input({ shape, dtype: dtype === "int32" ? dtype : "float32" }),
        ]),
      ),
    )
  );
  const { parameters } = await loadCheckpointInto(specifications, reader);
  return parameters;
}

/**
 * How far the kit's outputs are from the library's, at most.
 *
 * @param known whose names the file's may be taken for.
 * @throws {Error} when the file is taken for another project's, or does not fit strictly.
 */
export async function differencesHere(
  model: ProofCase,
  path: string,
  expected: string,
  known: readonly Project[],
): Promise<Record<string, number>> {
  const { tensors } = await readSafetensors(expected);
  const inputs = tf.tidy((): Named =>
    Object.fromEntries(
      [...under(tensors, "inputs.")].map(([name, tensor]) => [name, inputOf(tensor)]),
    )
  );
  const parameters = await load(model, path, inputs, known);
  const made = tf.tidy(() => model.forward(scope(parameters), inputs));
  try {
    return Object.fromEntries(
      [...under(tensors, "outputs.")].map(([name, { shape, dtype, data }]) => {
        const found = made[name];
        if (found === undefined) throw new Error(`the model here gives no ${name}`);
        if (found.shape.join() !== shape.join()) {
          throw new Error(`${name} are [${found.shape}] here, and [${shape}] there`);
        }
        const wanted = toFloat32({ shape, dtype, data });
        return [name, greatestDifference(found.dataSync(), wanted)];
      }),
    );
  } finally {
    disposeTree([parameters, inputs, made]);
  }
}
