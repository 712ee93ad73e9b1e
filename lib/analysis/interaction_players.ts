/**
 * The game behind multi-order interactions: an image's grid cells are players, and an input shows
 * only the cells of those that take part (Deng et al. 2022, "Discovering and explaining the
 * representation bottleneck of DNNs"). Pairs of players, contexts, and the inputs that show them.
 *
 * @module
 */
import { foldIn, type Key, random, type Tensor, tf } from "../engine/mod.ts";

/** Two cells of the grid, counted row by row. */
export type PlayerPair = readonly [first: number, second: number];

/** The other cells that take part. */
export type PlayerContext = ArrayLike<number>;

function requireGrid(grid: number): number {
  if (!Number.isInteger(grid) || grid < 2) {
    throw new Error(`grid is ${grid}: two players need a whole number of cells from 2`);
  }
  return grid * grid;
}

/**
 * Number of players in the contexts of a ratio: m = ⌊(n − 2) · ratio⌋ of the n = grid² players.
 *
 * @throws {Error} when the ratio is not in [0, 1].
 *
 * @example
 * ```ts
 * import { interactionOrder } from "./interaction_players.ts";
 * console.log(interactionOrder(16, 0.05)); // 12
 * ```
 */
export function interactionOrder(grid: number, ratio: number): number {
  const players = requireGrid(grid);
  if (!(ratio >= 0 && ratio <= 1)) {
    throw new Error(`The ratio of an order must lie in [0, 1], got ${ratio}`);
  }
  return Math.trunc((players - 2) * ratio);
}

/** Options of {@linkcode samplePairs}. */
export interface PairOptions {
  /** Cells of the image's side. */
  grid: number;
  count: number;
  /** How many rows and columns the second player may be away from the first. */
  radius: number;
}

/** Number of pairs that are at most `radius` rows and columns apart. */
function neighbouringPairs(grid: number, radius: number): number {
  // Ordered offsets along one axis, 0 among them; of both axes, half without (0, 0).
  let ordered = grid;
  for (let away = 1; away <= Math.min(radius, grid - 1); away++) {
    ordered += 2 * (grid - away);
  }
  return (ordered * ordered - grid * grid) / 2;
}

/**
 * Draws different pairs of neighbouring players, as A2MIM does: a first cell anywhere, a step to
 * another one within the radius, cut at the border.
 *
 * @throws {Error} when there are not so many pairs.
 *
 * @example
 * ```ts
 * import { samplePairs } from "./interaction_players.ts";
 * import { randomKey } from "../engine/mod.ts";
 * console.log(samplePairs(randomKey(0), { grid: 16, count: 50, radius: 2 }).length); // 50
 * ```
 */
export function samplePairs(
  key: Key,
  { grid, count, radius }: PairOptions,
): PlayerPair[] {
  requireGrid(grid);
  if (!Number.isInteger(radius) || radius < 1) {
    throw new Error(`radius is ${radius}: neighbours are a whole number from 1 away`);
  }
  const possible = neighbouringPairs(grid, radius);
  if (!Number.isInteger(count) || count < 1 || count > possible) {
    throw new Error(
      `A grid of ${grid}×${grid} has ${possible} pairs within ${radius}: ` +
        `ask for 1 to ${possible} of them, not ${count}`,
    );
  }
  const side = 2 * radius + 1;
  const clamp = (place: number): number => Math.max(0, Math.min(grid - 1, place));
  const found = new Map<string, PlayerPair>();
  for (let round = 0; found.size < count; round++) {
    const drawn = tf.tidy(() =>
      random.uniform(foldIn(key, round), [2 * count, 3]).dataSync()
    );
    for (let at = 0; at < drawn.length && found.size < count; at += 3) {
      const row = Math.floor(drawn[at]! * grid);
      const column = Math.floor(drawn[at + 1]! * grid);
      const step = Math.floor(drawn[at + 2]! * side * side);
      const otherRow = clamp(row + Math.floor(step / side) - radius);
      const otherColumn = clamp(column + step % side - radius);
      const first = row * grid + column;
      const second = otherRow * grid + otherColumn;
      const name = `${Math.min(first, second)} ${Math.max(first, second)}`;
      if (first !== second && !found.has(name)) found.set(name, [first, second]);
    }
  }
  return [...found.values()];
}

/** Options of {@linkcode sampleContexts}. */
export interface ContextOptions {
  /** Cells of the image's side. */
  grid: number;
  /** Players of each context, m. */
  order: number;
  count: number;
}

/**
 * Draws contexts for a pair: each holds `order` of the other players, any set as likely as another.
 *
 * @throws {Error} when there are not so many other players.
 *
 * @example
 * ```ts
 * import { sampleContexts } from "./interaction_players.ts";
 * import { randomKey } from "../engine/mod.ts";
 * const contexts = sampleContexts(randomKey(0), [5, 6], { grid: 4, order: 7, count: 3 });
 * console.log(contexts.map(({ length }) => length)); // [ 7, 7, 7 ]
 * ```
 */
export function sampleContexts(
  key: Key,
  [first, second]: PlayerPair,
  { grid, order, count }: ContextOptions,
): Int32Array[] {
  const players = requireGrid(grid);
  if (!Number.isInteger(order) || order < 0 || order > players - 2) {
    throw new Error(
      `The order is ${order}: a pair of ${players} players has 0 to ${
        players - 2
      } others`,
    );
  }
  const others = Int32Array.from({ length: players }, (_, player) => player)
    .filter((player) => player !== first && player !== second);
  if (others.length === 0) return Array.from({ length: count }, () => new Int32Array());
  const drawn = tf.tidy(() => random.permutation(key, count, others.length).dataSync());
  return Array.from({ length: count }, (_, context) => {
    const start = context * others.length;
    return Int32Array.from(
      drawn.subarray(start, start + order),
      (place) => others[place]!,
    );
  });
}

/** The players of the four inputs of a context S, in the order of {@linkcode playerMasks}. */
const inputsOfContext = [[0, 1], [0], [1], []] as const;

/** How many inputs {@linkcode playerMasks} makes of a context. */
export const inputsPerContext: number = inputsOfContext.length;

/**
 * Who takes part in the four inputs of each context S of a pair (i, j): S ∪ {i, j}, S ∪ {i},
 * S ∪ {j}, S.
 *
 * @returns `(4 · contexts, n)` values, 1 for those who do, 0 for the others.
 *
 * @example
 * ```ts
 * import { playerMasks } from "./interaction_players.ts";
 * console.log(playerMasks([0, 1], [[3]], 2)); // 1 1 0 1, 1 0 0 1, 0 1 0 1, 0 0 0 1
 * ```
 */
export function playerMasks(
  pair: PlayerPair,
  contexts: readonly PlayerContext[],
  grid: number,
): Float32Array<ArrayBuffer> {
  const players = requireGrid(grid);
  const masks = new Float32Array(contexts.length * inputsPerContext * players);
  contexts.forEach((context, index) => {
    inputsOfContext.forEach((members, input) => {
      const start = (index * inputsPerContext + input) * players;
      for (const player of Array.from(context)) masks[start + player] = 1;
      for (const member of members) masks[start + pair[member]] = 1;
    });
  });
  return masks;
}

/** The cell of each of `length` pixels, as PyTorch's nearest interpolation rounds in float32. */
function cellOfPixels(length: number, grid: number): Tensor {
  const cellsPerPixel = Math.fround(grid / length);
  const cells = Array.from(
    { length },
    (_, pixel) => Math.min(Math.floor(Math.fround(pixel * cellsPerPixel)), grid - 1),
  );
  return tf.tensor1d(cells, "int32");
}

/**
 * The image as each row of masks shows it: cells of absent players are 0, which is the mean colour
 * of a normalised image. Where the grid does not divide a side, some cells are a pixel longer.
 *
 * @param image `(H, W, C)`, normalised.
 * @param masks `(K, grid²)`, 1 for cells that are shown.
 * @returns `(K, H, W, C)`
 * @throws {Error} when a cell would have no pixel.
 *
 * @example
 * ```ts
 * import { showPlayers } from "./interaction_players.ts";
 * import { tf } from "../engine/mod.ts";
 * const shown = showPlayers(tf.ones([4, 4, 1]), tf.tensor2d([[1, 0, 0, 0]]), 2);
 * console.log(shown.dataSync().subarray(0, 4)); // Float32Array(4) [ 1, 1, 0, 0 ]
 * ```
 */
export function showPlayers(image: Tensor, masks: Tensor, grid: number): Tensor {
  const [height, width] = image.shape as [number, number, number];
  if (height < grid || width < grid) {
    throw new Error(
      `An image of ${height}×${width} cannot be cut into ${grid}×${grid} cells: ` +
        `use a grid of at most ${Math.min(height, width)}`,
    );
  }
  const count = masks.shape[0]!;
  return tf.tidy(() => {
    const cells = masks.reshape([count, grid, grid]);
    const rows = tf.gather(cells, cellOfPixels(height, grid), 1);
    const pixels = tf.gather(rows, cellOfPixels(width, grid), 2);
    return pixels.expandDims(3).mul(image.expandDims(0));
  });
}
