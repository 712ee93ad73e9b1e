/**
 * How many images a timed step is of: as many as fit into memory, and no more than can be waited for.
 *
 * @module
 */
import type { RecipeCost } from "../../lib/recipes/measure.ts";
import type { BatchSection } from "../../lib/recipes/optimization.ts";

// The rest is TensorFlow's own: compiled code, buffers, memory that is kept for the next step.
const usable = 0.8;

/** Bytes that a step of so many images at a time takes at most. */
export function memoryOf(
  { memory: { state, activations } }: RecipeCost,
  micro: number,
  images: number,
): number {
  return state + activations * images / micro;
}

/** The halves of a number of images that are whole numbers, from itself on. */
function halves(images: number): number[] {
  const found = [images];
  while (found.at(-1)! > 2) found.push(Math.floor(found.at(-1)! / 4) * 2);
  return images <= 2 ? [images] : found.filter((count) => count >= 2);
}

/**
 * Images at a time that fit: the recipe's, or the largest half of its half … that does; undefined
 * where not even two fit.
 */
export function fittingImages(
  cost: RecipeCost,
  { micro }: BatchSection,
  availableBytes: number,
): number | undefined {
  return halves(micro).find((images) =>
    memoryOf(cost, micro, images) <= usable * availableBytes
  );
}

// Multiply-adds of a first timed step: seconds on a few cores, nothing on an accelerator.
const firstStep = 4e11;

/** Images at a time of the first timed steps: few enough that anybody can wait for them. */
export function patientImages({ flops, teacher }: RecipeCost, most: number): number {
  const ofImage = 3 * flops + (teacher?.flops ?? 0); // a backward pass is two forward ones
  return halves(most).find((images) => images * ofImage <= firstStep) ??
    Math.min(2, most);
}
