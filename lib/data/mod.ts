/**
 * Data sets, decoding, order, batches, captions and tokens: plain typed arrays, no tensors.
 *
 * @module
 */
export {
  type Augmentation,
  type FlipShiftOptions,
  type ImageShape,
  randomFlipShift,
  type SampleAddress,
} from "./augmentation.ts";
export {
  type CaptionedSubset,
  captionedSubset,
  captionTemplates,
  classCaptions,
  type LabelledSubset,
  labelledSubset,
  type SubsetOptions,
} from "./captions.ts";
export {
  type CaptionedDataset,
  copyImages,
  imageAt,
  type ImageDataset,
  type LabelledDataset,
  labelsAt,
  withoutLabels,
} from "./dataset.ts";
export { type DecodedImage, decodeImage, type DecodeOptions } from "./decode.ts";
export {
  emoji,
  type EmojiDataset,
  type EmojiOptions,
  type EmojiSplit,
  emojiSplitOf,
  emojiSplits,
} from "./emoji.ts";
export { emojiCategories, type EmojiDrawing, emojiDrawings } from "./emoji_pack.ts";
export {
  fashionMnist,
  fashionMnistClassNames,
  type FashionMnistOptions,
  type FashionMnistSplit,
} from "./fashion_mnist.ts";
export {
  type Batch,
  batchAt,
  batches,
  type BatchOptions,
  type BatchStreamOptions,
  type EvaluationBatch,
  evaluationBatches,
} from "./loader.ts";
export { epochOrder, type EpochOrderOptions } from "./order.ts";
export {
  captionWords,
  firstWordId,
  paddingId,
  unknownId,
  type WordTokenizer,
  wordTokenizer,
  wordTokenizerFrom,
  type WordTokenizerOptions,
  type WordVocabulary,
} from "./tokens.ts";
