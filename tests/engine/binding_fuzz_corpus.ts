/**
 * Real calls of the binding, which binding_fuzz.ts damages.
 *
 * @module
 */
import type { Attribute } from "../../lib/engine/attributes.ts";
import { binding } from "../../lib/engine/binding.ts";
import { shareHandle } from "../../lib/engine/handles.ts";
import { tf } from "../../lib/engine/tensorflow.ts";

/** A call of the binding. */
export interface Call {
  name: string;
  attributes: Attribute[];
  inputs: number[];
  outputCount: number;
}

/** Real calls, as tfjs's kernels make them: what the fuzzer damages. */
export function realCalls(): Call[] {
  const calls: Call[] = [];
  const execute = binding.executeOp;
  binding.executeOp = (name, attributes, inputs, outputCount) => {
    // A share of each input, since tfjs disposes its own.
    const shares = inputs.map(shareHandle);
    calls.push({ name, attributes: [...attributes], inputs: shares, outputCount });
    return execute(name, attributes, inputs, outputCount);
  };
  const x = tf.tensor2d([[1, -2, 3], [4, 5, 6]]);
  const whole = tf.tensor1d([2, 0, 1], "int32");
  const image = tf.ones([1, 6, 6, 2]) as ReturnType<typeof tf.tensor4d>;
  const filter = tf.ones([3, 3, 2, 2]) as ReturnType<typeof tf.tensor4d>;
  const volume = tf.ones([1, 4, 4, 4, 1]) as ReturnType<typeof tf.tensor5d>;
  const boxes = tf.tensor2d([[0, 0, 1, 1], [0, 0, 0.5, 0.5]]);
  const bits = tf.tensor1d([true, false, true], "bool");
  const complex = tf.complex(tf.ones([4]), tf.zeros([4]));
  const bodies: (() => unknown)[] = [
    () => tf.grad((some) => tf.conv2d(some as typeof image, filter, 1, "same"))(image),
    () => tf.depthwiseConv2d(image, filter, 1, "valid"),
    () => tf.grad((some) => tf.maxPool(some as typeof image, 2, 2, "same"))(image),
    () => tf.grad((some) => tf.avgPool(some as typeof image, 2, 2, "same"))(image),
    () => tf.conv3d(volume, tf.ones([2, 2, 2, 1, 1]), 1, "same"),
    () => tf.image.resizeBilinear(image, [3, 3]),
    () => tf.image.resizeNearestNeighbor(image, [9, 9]),
    () => tf.image.cropAndResize(image, boxes, tf.zeros([2], "int32"), [2, 2]),
    () => tf.image.nonMaxSuppression(boxes, tf.tensor1d([0.9, 0.8]), 2),
    () => tf.matMul(x, x, false, true),
    () => tf.grad((some) => tf.softmax(some as typeof x))(x),
    () => tf.logSoftmax(x),
    () => tf.concat([x, x], 1),
    () => tf.split(x, 3, 1),
    () => tf.stack([x, x]),
    () => tf.unstack(x),
    () => tf.gather(x, whole, 1),
    () => tf.gatherND(x, tf.tensor2d([[0, 1]], [1, 2], "int32")),
    () => tf.scatterND(tf.tensor2d([[1], [0]], [2, 1], "int32"), x, [3, 3]),
    () => tf.oneHot(whole, 4),
    () => tf.pad(x, [[1, 0], [0, 2]]),
    () => tf.mirrorPad(x, [[1, 0], [0, 2]], "reflect"),
    () => tf.tile(x, [2, 1]),
    () => tf.reverse(x, 1),
    () => tf.transpose(x),
    () => tf.slice(x, [0, 1], [2, 2]),
    () => tf.stridedSlice(x, [0, 0], [2, 3], [1, 2]),
    () => tf.topk(x, 2),
    () => tf.unique(whole),
    () => tf.cumsum(x, 1, true),
    () => tf.where(tf.greater(x, 0), x, tf.zerosLike(x)),
    () => tf.sum(x, 1),
    () => tf.mean(x),
    () => tf.max(x, 0),
    () => tf.argMax(x, 1),
    () => tf.all(bits),
    () => tf.logicalAnd(bits, bits),
    () => tf.cast(x, "int32"),
    () => tf.floorDiv(whole, 2),
    () => tf.mod(whole, 2),
    () => tf.spectral.fft(complex),
    () => tf.spectral.rfft(tf.ones([8])),
    () => tf.depthToSpace(tf.ones([1, 2, 2, 4]), 2),
    () => tf.spaceToBatchND(image, [2, 2], [[0, 0], [0, 0]]),
    () => tf.batchNorm(image, [0, 0], [1, 1]),
    () => tf.localResponseNormalization(image),
    () => tf.dilation2d(image, tf.ones([2, 2, 2]), 1, "same"),
    () => tf.linalg.bandPart(x, 1, 1),
    () => tf.linspace(0, 1, 5),
    () => tf.range(0, 5),
    () => tf.fill([2, 2], 3),
    () => tf.multinomial(x, 3, 7),
    () => tf.bincount(whole, tf.tensor1d([]), 3),
    () => tf.einsum("ij,kj->ik", x, x),
    () => tf.unsortedSegmentSum(x, tf.tensor1d([0, 1], "int32"), 2),
    () => tf.broadcastTo(tf.ones([1, 3]), [2, 3]),
    () => tf.clipByValue(x, 0, 1),
    () => tf.leakyRelu(x),
    () => tf.prelu(x, tf.fill([1, 3], 0.2) as typeof x),
    () => tf.erf(x),
  ];
  for (const body of bodies) body();
  binding.executeOp = execute;
  return calls;
}
