/**
 * The augmentation that costs next to nothing on the host, for small pictures: a horizontal flip
 * and a shift by a few pixels. A pure function of (seed, epoch, sample), so resume is exact.
 *
 * @module
 */
import { integerStream } from "./random.ts";

/** Which draw an augmentation is for. */
export interface SampleAddress {
  readonly seed: number;
  readonly epoch: number;
  /** Index of the sample in its data set. */
  readonly index: number;
}

/** How the pixels of one image lie. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Fills what a shift uncovers, 0 … 255 per channel. */
  readonly background: readonly number[];
}

/** Writes a changed copy of `source` to `target`, both `(height, width, channels)`. */
export type Augmentation = (
  source: Uint8Array,
  target: Uint8Array,
  shape: ImageShape,
  address: SampleAddress,
) => void;

/** Settings of {@linkcode randomFlipShift}. */
export interface FlipShiftOptions {
  /** Pixels, in each direction; 2 by default, a fourteenth of a Fashion-MNIST picture. */
  readonly maxShift?: number;
  /** Whether half of the images are mirrored left to right; true by default. */
  readonly flip?: boolean;
}

/**
 * A horizontal flip of half of the images and a shift of −maxShift … maxShift pixels in both
 * directions, each value equally likely; uncovered pixels take the data set's background.
 *
 * @throws {RangeError} if `maxShift` is not an integer ≥ 0.
 *
 * @example
 * ```ts
 * import { batchAt, fashionMnist, randomFlipShift } from "./mod.ts";
 * const train = await fashionMnist({ split: "train" });
 * const batch = batchAt(train, 0, { batchSize: 64, seed: 0, augmentation: randomFlipShift() });
 * console.log(batch.shape); // [64, 28, 28, 1]
 * ```
 */
export function randomFlipShift(
  { maxShift = 2, flip = true }: FlipShiftOptions = {},
): Augmentation {
  if (!Number.isInteger(maxShift) || maxShift < 0) {
    throw new RangeError(
      `maxShift is ${maxShift}: use a whole number of pixels, 0 or more`,
    );
  }
  return (source, target, shape, { seed, epoch, index }) => {
    const draw = integerStream(seed, "augmentation", epoch, index);
    const mirrored = flip && draw(0, 2) === 1;
    const down = draw(1, 2 * maxShift + 1) - maxShift;
    const right = draw(2, 2 * maxShift + 1) - maxShift;
    flipShift(source, target, shape, { mirrored, down, right });
  };
}

function flipShift(
  source: Uint8Array,
  target: Uint8Array,
  { height, width, channels, background }: ImageShape,
  { mirrored, down, right }: { mirrored: boolean; down: number; right: number },
): void {
  let to = 0;
  for (let row = 0; row < height; row++) {
    const fromRow = row - down;
    const rowInside = fromRow >= 0 && fromRow < height;
    for (let column = 0; column < width; column++) {
      const shifted = column - right;
      const inside = rowInside && shifted >= 0 && shifted < width;
      const fromColumn = mirrored ? width - 1 - shifted : shifted;
      const from = (fromRow * width + fromColumn) * channels;
      for (let channel = 0; channel < channels; channel++) {
        target[to++] = inside ? source[from + channel]! : background[channel]!;
      }
    }
  }
}
