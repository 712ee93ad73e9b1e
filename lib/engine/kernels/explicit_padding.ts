/**
 * Padding by a number of pixels in convolutions and their gradients: TensorFlow has it, tfjs-node's
 * kernels refuse it, and PyTorch's symmetric padding cannot be written without.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type Attribute, AttributeKind } from "../attributes.ts";
import { DataType } from "../dtypes.ts";
import { type NodeBackend, nodeKernel, setKernel } from "./kernel.ts";

type Shape = [number, number, number, number];
type Window = tf.backend_util.Conv2DInfo;
type Tensors = Record<string, tf.TensorInfo>;
type Compute = (
  window: Window,
  inputs: Tensors,
  run: (inputs: readonly tf.TensorInfo[], attributes?: Attribute[]) => tf.TensorInfo,
) => tf.TensorInfo;

function attributesOf(window: Window): Attribute[] {
  const { top, bottom, left, right } = window.padInfo;
  const int = (name: string, value: number[]): Attribute => ({
    ...{ name, type: AttributeKind.int, value },
  });
  return [
    { name: "T", type: AttributeKind.type, value: DataType.float32 },
    int("strides", [1, window.strideHeight, window.strideWidth, 1]),
    { name: "padding", type: AttributeKind.string, value: "EXPLICIT" },
    int("explicit_paddings", [0, 0, top, bottom, left, right, 0, 0]),
  ];
}

/** Replaces a kernel where the padding is in pixels. */
function extend<Attributes>(
  name: string,
  windowOf: (inputs: Tensors, attributes: Attributes) => Window,
  compute: Compute,
): void {
  const plain = nodeKernel<Tensors, Attributes>(name);
  setKernel<Tensors, Attributes>(name, (given) => {
    const { inputs, attrs, backend } = given;
    const window = windowOf(inputs, attrs);
    const named = window.padInfo.type === "VALID" || window.padInfo.type === "SAME";
    if (named || window.dataFormat !== "channelsLast") return plain(given);
    return compute(window, inputs, runner(name, window, backend));
  });
}

function runner(name: string, window: Window, backend: NodeBackend) {
  const shared = attributesOf(window);
  return (inputs: readonly tf.TensorInfo[], attributes: Attribute[] = []) =>
    backend.executeSingleOutput(name, [...shared, ...attributes], inputs);
}

function convolutionWindow(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: Omit<tf.Conv2DAttrs, "dilations">,
  dilations: tf.Conv2DAttrs["dilations"] = 1,
): Window {
  const { strides, pad, dataFormat, dimRoundingMode } = attributes;
  const order = tf.backend_util.convertConv2DDataFormat(dataFormat);
  return tf.backend_util.computeConv2DInfo(
    ...[inputShape as Shape, filterShape as Shape, strides, dilations, pad] as const,
    ...[dimRoundingMode, false, order] as const,
  );
}

/** Runs with a shape as one more input. */
function withShape(
  shape: readonly number[],
  run: (shape: tf.TensorInfo) => tf.TensorInfo,
): tf.TensorInfo {
  const tensor = tf.tensor1d([...shape], "int32");
  try {
    return run(tensor);
  } finally {
    tensor.dispose();
  }
}

/** Registers the kernels. */
export function registerExplicitPadding(): void {
  extend<tf.Conv2DAttrs>(
    tf.Conv2D,
    ({ x, filter }, attrs) =>
      convolutionWindow(x!.shape, filter!.shape, attrs, attrs.dilations),
    ({ dilationHeight, dilationWidth }, { x, filter }, run) =>
      run([x!, filter!], [{
        ...{ name: "dilations", type: AttributeKind.int },
        value: [1, dilationHeight, dilationWidth, 1],
      }]),
  );
  extend<tf.Conv2DBackpropInputAttrs>(
    tf.Conv2DBackpropInput,
    ({ filter }, attrs) => convolutionWindow(attrs.inputShape, filter!.shape, attrs),
    ({ inShape }, { dy, filter }, run) =>
      withShape(inShape, (shape) => run([shape, filter!, dy!])),
  );
  extend<tf.Conv2DBackpropFilterAttrs>(
    tf.Conv2DBackpropFilter,
    ({ x }, attrs) => convolutionWindow(x!.shape, attrs.filterShape, attrs),
    ({ filterShape }, { x, dy }, run) =>
      withShape(filterShape, (shape) => run([x!, shape, dy!])),
  );
}
