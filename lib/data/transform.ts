/**
 * What becomes of a picture on its way into a batch: a crop that is decoded and resized in one go,
 * and changes of its pixels after that. Everything is a function of the picture and of draws that
 * depend on (seed, epoch, sample) alone.
 *
 * @module
 */

/** Rows and columns of pixels. */
export interface PictureSize {
  readonly height: number;
  readonly width: number;
}

/** Numbers of one sample in one epoch, in the order in which they are asked for. */
export interface Draws {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Normal with mean 0 and deviation 1. */
  normal(): number;
  /** A whole number from 0 to `below` − 1, each as likely. */
  integer(below: number): number;
}

/** How pixels between pixels are found. */
export type Interpolation = "nearest" | "bilinear" | "bicubic" | "lanczos";

/** A part of a picture, to be resized to the transform's size. */
export interface Crop {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** Whether it is mirrored left to right. */
  readonly mirrored: boolean;
  readonly interpolation: Interpolation;
  /**
   * The whole picture is resized to this first and the crop cut out of that, at whole pixels, so
   * that neighbours beyond its edge count; its own sides may then be fractions. Without it, what
   * lies outside of the crop has no influence.
   */
  readonly whole?: PictureSize;
}

/** Pixels `(height, width, 3)`, 0 … 255. */
export interface Pixels extends PictureSize {
  readonly values: Uint8Array;
}

/** From a picture to the bytes of a batch. */
export interface Transform {
  /** Of every result. */
  readonly size: PictureSize;
  /**
   * Which part of a picture is taken. A crop may reach over the picture's edge; what lies outside is
   * the data set's background.
   */
  crop(picture: PictureSize, draws: Draws): Crop;
  /** Changes the resized pixels: colour jitter, RandAugment. */
  change?(pixels: Pixels, draws: Draws): Pixels;
}
