/**
 * Depthwise convolution with dilation, which TensorFlow's own kernel lacks: one that is dilated by d
 * is a plain one on each of the d × d interleaved sub-images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { nodeKernel, setKernel } from "./kernel.ts";

type Inputs = { x: tf.TensorInfo; filter: tf.TensorInfo };
type Pair = [number, number];
type Shape = [number, number, number, number];
type Attributes = {
  strides: Pair | number;
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dilations?: Pair | number | null;
  dimRoundingMode?: "floor" | "round" | "ceil";
};

/** What to pad so that the sub-images are of equal size, and to crop of the result again. */
function interleavedPadding(
  length: number,
  before: number,
  after: number,
  dilation: number,
) {
  const missing = (dilation - (length + before + after) % dilation) % dilation;
  return { padding: [before, after + missing], crop: [0, missing] };
}

/** Registers the kernel. */
export function registerDepthwiseConvolution(): void {
  const name = tf.DepthwiseConv2dNative;
  const plain = nodeKernel<Inputs, Attributes>(name);
  setKernel<Inputs, Attributes>(name, (given) => {
    const { inputs: { x, filter }, attrs, backend } = given;
    const dilations = attrs.dilations ?? [1, 1];
    const { dilationHeight, dilationWidth, padInfo } = tf.backend_util.computeConv2DInfo(
      ...[x.shape as Shape, filter.shape as Shape, attrs.strides, dilations] as const,
      ...[attrs.pad, attrs.dimRoundingMode, true] as const,
    );
    if (dilationHeight === 1 && dilationWidth === 1) return plain(given);
    const [, height, width] = x.shape as Shape;
    const rows = interleavedPadding(height, padInfo.top, padInfo.bottom, dilationHeight);
    const columns = interleavedPadding(width, padInfo.left, padInfo.right, dilationWidth);
    const block = [dilationHeight, dilationWidth];
    return tf.tidy(() => {
      const images = tf.spaceToBatchND(x as tf.Tensor, block, [
        rows.padding,
        columns.padding,
      ]);
      const convolved = plain({
        inputs: { x: images, filter },
        attrs: { strides: 1, pad: "valid" },
        backend,
      }) as tf.Tensor;
      return tf.batchToSpaceND(convolved, block, [rows.crop, columns.crop]);
    });
  });
}
