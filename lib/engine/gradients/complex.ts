/**
 * Gradients of complex operations. A complex number is a pair of real ones: the gradient's real part
 * belongs to its real part, the imaginary part to the imaginary one, as in TensorFlow.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { addGradient, type GradientMap, single } from "./gradient.ts";

/**
 * tfjs's tape refuses gradients that are not float32. It looks at each exactly once, right after it
 * was computed: a complex gradient says float32 the first time.
 */
function passTape(gradient: tf.Tensor): tf.Tensor {
  if (gradient.dtype !== "complex64") return gradient;
  // A tensor of its own: what `compute` returns may be in use elsewhere.
  const passed = tf.clone(gradient);
  Object.defineProperty(passed, "dtype", {
    configurable: true,
    get() {
      Object.defineProperty(passed, "dtype", { value: "complex64", writable: true });
      return "float32";
    },
  });
  return passed;
}

function passAll(gradients: GradientMap): GradientMap {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, compute]) => [name, () => passTape(compute())]),
  );
}

/** Kernels whose gradient in tfjs is right for complex numbers too, but for the tape's check. */
const linear = [
  ...["Reshape", "Identity", "Transpose", "ExpandDims", "Add", "Sub", "Neg", "AddN"],
  ...["Slice", "Concat", "SplitV", "Pack", "Unpack", "Reverse", "Sum"],
];

/** Registers them. */
export function registerComplexGradients(): void {
  for (const kernelName of linear) {
    const known = tf.getGradient(kernelName);
    if (known == null) continue;
    tf.unregisterGradient(kernelName);
    const { gradFunc, ...rest } = known;
    tf.registerGradient({
      ...rest,
      gradFunc: (...given) => {
        const gradients = gradFunc(...given);
        const [dy] = given;
        const isComplex = (Array.isArray(dy) ? dy : [dy]).some((one) =>
          one?.dtype === "complex64"
        );
        // Concat and its like give an array: names are its indices.
        return isComplex ? passAll(gradients as GradientMap) : gradients;
      },
    });
  }
  addGradient(tf.Complex, {
    compute: (dy) => ({
      real: () => tf.real(single(dy)),
      imag: () => tf.imag(single(dy)),
    }),
  });
  const zerosLike = (x: tf.Tensor): tf.Tensor => tf.zeros(x.shape);
  addGradient(tf.Real, {
    compute: (dy) =>
      passAll({ input: () => tf.complex(single(dy), zerosLike(single(dy))) }),
  });
  addGradient(tf.Imag, {
    compute: (dy) =>
      passAll({ input: () => tf.complex(zerosLike(single(dy)), single(dy)) }),
  });
  // The adjoint of the transform is the inverse transform times its length, and the other way round.
  addGradient(tf.FFT, {
    compute: (dy) => passAll({ input: () => scaled(tf.ifft(single(dy)), dy, 1) }),
  });
  addGradient(tf.IFFT, {
    compute: (dy) => passAll({ input: () => scaled(tf.fft(single(dy)), dy, -1) }),
  });
}

/** The tensor times the length of the last axis to a power. */
function scaled(x: tf.Tensor, like: tf.Tensor | tf.Tensor[], power: number): tf.Tensor {
  const factor = single(like).shape.at(-1)! ** power;
  return tf.complex(tf.real(x).mul(factor), tf.imag(x).mul(factor));
}
