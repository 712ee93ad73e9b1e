/**
 * Batch normalisation (Ioffe & Szegedy 2015) by TensorFlow's fused operation and its gradient, which
 * run through the data fewer times than the formula written out does.
 *
 * @module
 */
import { type Attribute, AttributeKind, checkAttributes } from "./attributes.ts";
import { binding, metadataOf } from "./binding.ts";
import { DataType } from "./dtypes.ts";
import { isForXla } from "./fused.ts";
import { operationDefinition } from "./operations.ts";
import { castForOperation } from "./precision.ts";
import { recordOperation } from "./recording.ts";
import { runCustomOperation } from "./tape.ts";
import { type Tensor, tensorFor, tensorIds, tf } from "./tensorflow.ts";
import { activeTrace, registerSymbol, symbolOf } from "./trace.ts";

/** A batch normalised by its own statistics. */
export interface NormalizedBatch {
  /** `(…, C)`, as the input. */
  output: Tensor;
  /** Of each channel over everything else, `[C]`. It has no gradient. */
  mean: Tensor;
  /** With Bessel's correction (divided by the count less one), `[C]`. It has no gradient. */
  variance: Tensor;
}

/** What both uses of the operation normalise with. */
export interface BatchNormalizationOptions {
  /** Times the normalised channel, `[C]`. */
  weight: Tensor;
  /** Added to it, `[C]`. */
  bias: Tensor;
  /** Added to the variance. */
  epsilon: number;
}

function attributes(epsilon: number, training: boolean): Attribute[] {
  return [
    { name: "T", type: AttributeKind.type, value: DataType.float32 },
    { name: "U", type: AttributeKind.type, value: DataType.float32 },
    { name: "epsilon", type: AttributeKind.float, value: epsilon },
    { name: "data_format", type: AttributeKind.string, value: "NHWC" },
    { name: "is_training", type: AttributeKind.bool, value: training },
  ];
}

/**
 * Runs an operation of which a trace does not know all results' shapes. Such a result passes as
 * empty: it is for nothing but to be handed to the gradient operation.
 */
function executeOpaquely(
  name: string,
  inputs: readonly Tensor[],
  given: readonly Attribute[],
  outputCount: number,
): Tensor[] {
  const trace = activeTrace();
  const ids = tensorIds(inputs);
  if (trace === undefined) {
    return binding.executeOp(name, given, ids, outputCount).map(tensorFor);
  }
  const operation = operationDefinition(name);
  const symbols = ids.map((id) => symbolOf(trace, id));
  const checked = checkAttributes(operation, given);
  const cast = castForOperation(trace, operation, checked, symbols);
  return recordOperation(trace, operation, cast.attributes, cast.inputs, outputCount)
    .map((symbol) =>
      tensorFor(
        symbol.shape === undefined
          ? { id: registerSymbol(trace, symbol), shape: [0], dtype: symbol.dataType }
          : metadataOf(trace, name, symbol),
      )
    );
}

/** The channels last, and everything else in the three axes that the operation wants. */
function fourAxes(x: Tensor): Tensor {
  return x.rank === 4 ? x : x.reshape([-1, 1, 1, x.shape.at(-1)!]);
}

function axesOf(x: Tensor, output: Tensor): Tensor {
  return x.rank === 4 ? output : output.reshape(x.shape);
}

/**
 * Subtracts the mean. XLA takes the variance as E[x²] - E[x]², which loses all digits where the mean is
 * large; that a channel is shifted changes nothing else.
 */
function centralize(x: Tensor): { centred: Tensor; centre: Tensor } {
  const centre = x.mean([0, 1, 2]);
  return { centred: x.sub(centre), centre };
}

/** The gradients for x, weight and bias. */
function gradients(
  dy: Tensor,
  x: Tensor,
  weight: Tensor,
  reserved: readonly Tensor[],
  given: readonly Attribute[],
): Record<"x" | "weight" | "bias", () => Tensor> {
  const results = executeOpaquely(
    "FusedBatchNormGradV3",
    [dy, x, weight, ...reserved],
    given,
    5,
  );
  const [dx, dWeight, dBias, ...rest] = results as [Tensor, Tensor, Tensor, ...Tensor[]];
  tf.dispose(rest);
  return { x: () => dx, weight: () => dWeight, bias: () => dBias };
}

/**
 * Normalises each channel by the mean and the (biased) variance of the batch, and gives what a
 * running estimate needs.
 *
 * @param x `(…, C)`, with more than one value for each channel.
 * @throws {Error} when there is no variance to compute.
 *
 * @example
 * ```ts
 * import { normalizeBatch } from "./batch_normalization.ts";
 * import { tf } from "./tensorflow.ts";
 * const x = tf.tensor2d([[1], [3]]);
 * const weight = tf.ones([1]);
 * const { output, variance } = normalizeBatch(x, { weight, bias: tf.zeros([1]), epsilon: 0 });
 * console.log(output.dataSync(), variance.dataSync()); // [ -1, 1 ], [ 2 ]
 * ```
 */
export function normalizeBatch(
  x: Tensor,
  { weight, bias, epsilon }: BatchNormalizationOptions,
): NormalizedBatch {
  if (x.size <= x.shape.at(-1)!) {
    throw new Error(
      `Batch normalisation of [${x.shape}] has one value for each channel, which has no ` +
        "variance: use a larger batch, or the running statistics",
    );
  }
  const given = attributes(epsilon, true);
  const four = fourAxes(x);
  const [output, mean, variance] = runCustomOperation({
    inputs: { x: four, weight, bias },
    forwardFunc: (_, save) => {
      const { centred, centre } = isForXla() ? centralize(four) : { centred: four };
      const nothing = tf.zeros([0]);
      const inputs = [centred, weight, bias, nothing, nothing];
      const results = executeOpaquely("FusedBatchNormV3", inputs, given, 6);
      const [output, mean, variance, ...reserved] = results as [Tensor, Tensor, Tensor];
      save([centred, weight, ...reserved as Tensor[]]);
      return [output, centre === undefined ? mean : mean.add(centre), variance];
    },
    backwardsFunc: (dys, [x, weight, ...reserved]) =>
      gradients((dys as Tensor[])[0]!, x!, weight!, reserved, given),
  }) as [Tensor, Tensor, Tensor];
  return { output: axesOf(x, output), mean, variance };
}

/** Options of {@linkcode normalizeWith}. */
export interface FixedNormalizationOptions extends BatchNormalizationOptions {
  /** `[C]`. It gets no gradient. */
  mean: Tensor;
  /** `[C]`. It gets no gradient. */
  variance: Tensor;
}

/**
 * Normalises each channel by statistics from elsewhere, such as running ones: `(…, C)` → `(…, C)`.
 *
 * @example
 * ```ts
 * import { normalizeWith } from "./batch_normalization.ts";
 * import { tf } from "./tensorflow.ts";
 * const one = tf.ones([1]);
 * const options = { weight: one, bias: one, mean: tf.zeros([1]), variance: one, epsilon: 0 };
 * console.log(normalizeWith(tf.tensor2d([[5]]), options).dataSync()); // [ 6 ]
 * ```
 */
export function normalizeWith(
  x: Tensor,
  { weight, bias, mean, variance, epsilon }: FixedNormalizationOptions,
): Tensor {
  const given = attributes(epsilon, false);
  const four = fourAxes(x);
  const [output] = runCustomOperation({
    inputs: { x: four, weight, bias },
    forwardFunc: (_, save) => {
      const [output] = executeOpaquely(
        "FusedBatchNormV3",
        [four, weight, bias, mean, variance],
        given,
        6,
      );
      save([four, weight, mean, variance]);
      return [output!];
    },
    // The third reserve is for cuDNN's training alone.
    backwardsFunc: (dy, [x, weight, mean, variance]) =>
      gradients(dy as Tensor, x!, weight!, [mean!, variance!, tf.zeros([0])], given),
  }) as [Tensor];
  return axesOf(x, output);
}
