/**
 * The specs that `deno task test:tfjs` leaves out, and why. Only specs on tfjs-node's own ignore list
 * can be: what else matches is run all the same.
 *
 * @module
 */

/** Specs with one reason to leave them out. */
export interface LeftOut {
  reason: string;
  /** Matches the spec's full name. */
  specs: RegExp;
}

/** Every group, in the order in which `--list-ignored` prints them. */
export const leftOutGroups: readonly LeftOut[] = [
  {
    reason: "Convolutions with channels first: TensorFlow has them on a GPU only",
    specs: /^(conv2d|fused conv2d) .*NCHW/,
  },
  {
    reason:
      "Pooling with padding other than same and valid: TensorFlow's operations have none",
    specs:
      /^(avg|max)?[pP]ool(3d|Backprop)? .*(p=(1|2|explicit)\b|f=\[1,1\] s=2 p=1 fractional)/,
  },
  {
    reason: "Transposed convolution with explicit padding: tfjs-node's kernel has none",
    specs: /^conv2dTranspose .*p=explicit/,
  },
  {
    reason:
      "The spec's output shape does not follow from its input: TensorFlow refuses it",
    specs: /^(conv2dTranspose .*p=same vec4|avgPool3d .*x=\[1,1,1,1,1\] f=\[1,1,3\])/,
  },
  {
    reason:
      "The spec wants another wording: here the operation's name stands before the error, " +
      "or TensorFlow words it otherwise",
    specs:
      /^(ragged(Gather|Range) .* (OutOfBounds|Invalid|BadValues|RangeSize)|sparse(FillEmptyRows|Reshape|SegmentMean) .*throw error if (negative|row exceeds|segment id)|sparseSegmentSum .*segments invalid [23467])/,
  },
  {
    reason: "Comparison of strings: TensorFlow has none",
    specs: /^(greater|greaterEqual|less|lessEqual) .*string comparison/,
  },
  {
    reason: "Element types for which TensorFlow has no such operation",
    specs:
      /^(leakyrelu .*int32|step kernel .*int32|diag .*bool|sparseSegmentMean .*integer data)/,
  },
  {
    reason:
      "NaN: TensorFlow passes it on where tfjs makes 0, a maximum or one value of it",
    specs:
      /^(sign .*(basic|does not propagate NaNs|tensor-like)|unique .*NaN|maxPoolWithArgmax .*NaNs)/,
  },
  {
    reason: "TensorFlow computes what the spec expects to be refused",
    specs: /^einsum .*(duplicate axes|nonexistent dimension)/,
  },
  {
    reason:
      "Other bits: another rounding of tan at large arguments, another sequence from a seed",
    specs: /^(tan .*exceed float32|multinomial .*same seed)/,
  },
];

/** The group that a spec belongs to, or undefined if it has to pass. */
export function leftOut(name: string): LeftOut | undefined {
  return leftOutGroups.find(({ specs }) => specs.test(name));
}
