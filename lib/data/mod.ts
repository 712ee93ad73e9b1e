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
  equalCaptions,
  type LabelledSubset,
  labelledSubset,
  type SubsetOptions,
} from "./captions.ts";
export { type CaptionedSource, captionedSource } from "./captioned_source.ts";
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
export { repeatedOrder } from "./repeated_order.ts";
export * from "./transforms/mod.ts";
export { cifar, type CifarKind, type CifarOptions } from "./cifar.ts";
export {
  type CutOptions,
  type DecodedPart,
  type JpegDecoder,
  maximumPixels,
  openForCrop,
  type OpenPicture,
} from "./decode_crop.ts";
export {
  type ImageFolder,
  imageFolder,
  type ImageFolderOptions,
  PicturesBesideFolders,
} from "./image_folder.ts";
export {
  type ImageNetArchives,
  type UnpackedFiles,
  type UnpackedImageNet,
  unpackImageNet,
  type UnpackProgress,
} from "./imagenet.ts";
export { type ImageNetDevkit, readDevkit, type Synset } from "./imagenet_devkit.ts";
export {
  loadBatches,
  type LoadBatchesOptions,
  type LoadedBatch,
  type LoadedEvaluationBatch,
  type LoadedImages,
  loadEvaluationBatches,
  type ReadingOptions,
} from "./load_batches.ts";
export { type ReadSample, readSample, type UnreadSample } from "./read_sample.ts";
export { resample } from "./resample.ts";
export {
  type EncodedPicture,
  imagenetMean,
  imagenetStd,
  type ImageSource,
  sourceOf,
  sourceWithoutLabels,
  subsetOf,
} from "./source.ts";
export { type TarShards, tarShards, type TarShardsOptions } from "./tar_shards.ts";
export type {
  Crop,
  Draws,
  Interpolation,
  PictureSize,
  Pixels,
  Transform,
} from "./transform.ts";
export { type SkippedSample, TooManyUnreadable } from "./unreadable.ts";
