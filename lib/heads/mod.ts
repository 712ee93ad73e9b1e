/**
 * Heads: decoders and classifiers.
 *
 * @module
 */
export { classifier, pool, type Pooling } from "./classifier.ts";
export {
  completeDecoder,
  type DecoderConfiguration,
  type DecoderOutput,
  decoderPositions,
  maskTokens,
  predict,
} from "./decoder.ts";
export { linearProbe, type ProbeOptions } from "./linear_probe.ts";
export { maeDecoder } from "./mae_decoder.ts";
export { pixelShuffleHead, type PixelShuffleOptions } from "./pixel_shuffle_head.ts";
export { pooledClassifier } from "./pooled_classifier.ts";
export { mixmimDecoder, type MixmimDecoderConfiguration } from "./mixmim_decoder.ts";
export { promptingDecoder } from "./prompting_decoder.ts";
