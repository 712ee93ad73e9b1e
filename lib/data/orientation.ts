/**
 * EXIF orientation: how a camera was held. Turning a whole photograph upright before the crop would
 * decode all of it; instead the crop is turned to where it lies in the file, and its few pixels
 * are turned afterwards.
 *
 * @module
 */
import type { PictureSize } from "./transform.ts";

/** Where a crop lies. */
export interface Rectangle extends PictureSize {
  readonly top: number;
  readonly left: number;
}

/** How the upright picture is read out of the stored one. */
interface Turn {
  /** Rows of the one are columns of the other. */
  readonly swapped: boolean;
  /** Rows of the stored picture are read from the last to the first. */
  readonly rowsBackwards: boolean;
  readonly columnsBackwards: boolean;
}

/** By the tag's values 1 … 8 (Exif 2.32, 4.6.4 A, "Orientation"). */
function turnOf(orientation: number): Turn {
  return {
    swapped: orientation >= 5,
    rowsBackwards: [3, 4, 6, 7].includes(orientation),
    columnsBackwards: [2, 3, 7, 8].includes(orientation),
  };
}

/** The size of what is stored, from that of the upright picture, or the other way round. */
export function turnSize(
  { height, width }: PictureSize,
  orientation: number,
): PictureSize {
  return turnOf(orientation).swapped
    ? { height: width, width: height }
    : { height, width };
}

/**
 * Where a rectangle of the upright picture lies in the stored one.
 *
 * @param stored The size of the stored picture.
 *
 * @example
 * ```ts
 * import { storedRectangle } from "./orientation.ts";
 * const top = { top: 0, left: 0, height: 1, width: 2 };
 * console.log(storedRectangle(top, 3, { height: 5, width: 2 }).top); // 4: it is upside down
 * ```
 */
export function storedRectangle(
  { top, left, height, width }: Rectangle,
  orientation: number,
  stored: PictureSize,
): Rectangle {
  const { swapped, rowsBackwards, columnsBackwards } = turnOf(orientation);
  const rows = swapped ? { start: left, count: width } : { start: top, count: height };
  const columns = swapped ? { start: top, count: height } : { start: left, count: width };
  return {
    top: rowsBackwards ? stored.height - rows.start - rows.count : rows.start,
    left: columnsBackwards ? stored.width - columns.start - columns.count : columns.start,
    height: rows.count,
    width: columns.count,
  };
}

/**
 * Turns pixels upright.
 *
 * @param values `(size.height, size.width, channels)`, as stored.
 * @returns A new array with `turnSize(size, orientation)` pixels; `values` for orientation 1.
 */
export function turnUpright(
  values: Uint8Array,
  size: PictureSize,
  channels: number,
  orientation: number,
): Uint8Array {
  if (orientation === 1) return values;
  const { swapped, rowsBackwards, columnsBackwards } = turnOf(orientation);
  const { height, width } = turnSize(size, orientation);
  const turned = new Uint8Array(values.length);
  for (let row = 0, out = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const r = swapped ? column : row;
      const c = swapped ? row : column;
      const fromRow = rowsBackwards ? size.height - 1 - r : r;
      const fromColumn = columnsBackwards ? size.width - 1 - c : c;
      const from = (fromRow * size.width + fromColumn) * channels;
      for (let k = 0; k < channels; k++) turned[out++] = values[from + k]!;
    }
  }
  return turned;
}
