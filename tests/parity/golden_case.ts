/**
 * Golden cases: folders with numbers computed by the original PyTorch implementations. See
 * tests/fixtures/README.md for the format.
 *
 * @module
 */
import { z } from "zod";
import { type Tensor, tf } from "../../lib/engine/mod.ts";
import { readSafetensors, type StoredTensor } from "../../lib/zoo/safetensors.ts";

const shapes = z.record(z.string(), z.unknown());

const caseFile = z.object({
  kind: z.string(),
  config: z.record(z.string(), z.unknown()),
  inputs: shapes.default({}),
  outputs: shapes.default({}),
  expected: z.unknown().optional(),
  tolerance: z.object({
    atol: z.number().nonnegative(),
    rtol: z.number().nonnegative(),
    per_tensor_atol: z.record(z.string(), z.number().nonnegative()).default({}),
  }),
  grad_tolerance: z.object({ relative_to_max: z.number().nonnegative() }).optional(),
});

/** A golden case in memory. */
export interface GoldenCase extends z.infer<typeof caseFile> {
  /** The folder's name, for messages only. */
  name: string;
  /** All stored tensors: `in/NAME`, `out/NAME`, `grad/KEY`, `weight/KEY`. */
  tensors: ReadonlyMap<string, StoredTensor>;
}

/** A case's folder that cannot be used, said in one sentence. */
export class DamagedCaseError extends Error {
  override name = "DamagedCaseError";
}

async function readTensors(folder: string): Promise<Map<string, StoredTensor>> {
  try {
    return (await readSafetensors(`${folder}/tensors.safetensors`)).tensors;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Map(); // a case of plain numbers
    throw new DamagedCaseError((error as Error).message, { cause: error });
  }
}

/**
 * Reads a case and checks that all that it describes is there.
 *
 * @throws {DamagedCaseError} in one sentence that names the folder and what is wrong.
 */
export async function readCase(folder: string): Promise<GoldenCase> {
  const name = folder.replace(/\/+$/, "").split("/").at(-1)!;
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(`${folder}/case.json`));
  } catch (error) {
    const reason = error instanceof SyntaxError ? "is no JSON" : "cannot be read";
    throw new DamagedCaseError(`${folder}/case.json ${reason}`, { cause: error });
  }
  const parsed = caseFile.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const message = `${folder}/case.json: ${issue.path.join(".")}: ${issue.message}`;
    throw new DamagedCaseError(message);
  }
  const tensors = await readTensors(folder);
  const described = [
    ...Object.keys(parsed.data.inputs).map((input) => `in/${input}`),
    ...Object.keys(parsed.data.outputs).map((output) => `out/${output}`),
  ];
  const absent = described.filter((tensor) => !tensors.has(tensor));
  if (absent.length > 0) {
    throw new DamagedCaseError(
      `${folder}: case.json describes ${absent.join(", ")}, tensors.safetensors lacks it`,
    );
  }
  return { ...parsed.data, name, tensors };
}

/**
 * The case's `config`, or the part of it at a path, checked by a schema of what the kind needs.
 *
 * @throws {DamagedCaseError} that names the first argument that is missing or of a wrong type.
 */
export function configOf<Schema extends z.ZodType>(
  golden: GoldenCase,
  schema: Schema,
  path: readonly string[] = [],
): z.infer<Schema> {
  const part = path.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    golden.config,
  );
  const parsed = schema.safeParse(part);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const where = [...path, ...issue.path].join(".");
  throw new DamagedCaseError(
    `${golden.name}/case.json: config.${where}: ${issue.message}`,
  );
}

/** The case's `expected` table, checked by a schema. */
export function expectedOf<Schema extends z.ZodType>(
  golden: GoldenCase,
  schema: Schema,
): z.infer<Schema> {
  const parsed = schema.safeParse(golden.expected);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DamagedCaseError(
    `${golden.name}/case.json: expected.${issue.path.join(".")}: ${issue.message}`,
  );
}

/** A stored tensor by its full name, such as `in/image`. */
export function stored(golden: GoldenCase, name: string): StoredTensor {
  const tensor = golden.tensors.get(name);
  if (tensor === undefined) {
    throw new DamagedCaseError(`${golden.name}: tensors.safetensors has no ${name}`);
  }
  return tensor;
}

/** A stored tensor's elements as numbers. */
export function numbersOf({ data, dtype }: StoredTensor): ArrayLike<number> {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float64Array.from(data, Number);
  }
  if (dtype === "F16" || dtype === "BF16") {
    throw new DamagedCaseError(
      `Golden numbers in ${dtype} are too coarse to compare with`,
    );
  }
  return data;
}

/** The input `in/NAME` as a tensor: float32, or int32 for any whole-number type. */
export function input(golden: GoldenCase, name: string): Tensor {
  const tensor = stored(golden, `in/${name}`);
  const dtype = tensor.dtype.startsWith("F") ? "float32" : "int32";
  return tf.tensor(Array.from(numbersOf(tensor)), tensor.shape, dtype);
}

/** The images `in/NAME`, NCHW in the file, as the kit has them: `(B, H, W, C)`. */
export function images(golden: GoldenCase, name = "image"): Tensor {
  return tf.tidy(() => tf.transpose(input(golden, name), [0, 2, 3, 1]));
}

/** The reference's weights under its own names (without `weight/`) and in its own layout. */
export function referenceWeights(golden: GoldenCase): Map<string, StoredTensor> {
  return withPrefix(golden, "weight/");
}

/** The case's tensors with a prefix, which is cut off. */
export function withPrefix(
  golden: GoldenCase,
  prefix: string,
): Map<string, StoredTensor> {
  return new Map(
    [...golden.tensors].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : []
    ),
  );
}
