/**
 * A share of the labels, such as one per cent: as many images of each class, chosen by the seed.
 *
 * @module
 */
import { copyImages, epochOrder, subsetOf } from "../../lib/data/mod.ts";
import { classNamesOf, type Images } from "../training/choose_images.ts";
import { inMemory } from "../training/recipe_images.ts";

/**
 * Images of every class, in equal parts as far as there are so many.
 *
 * @param share above 0; 1 for all.
 * @throws {Error} when there are no labels, or fewer images than classes.
 */
export function fewLabels(images: Images, share: number, seed: number): Images {
  const classes = classNamesOf(images)?.length;
  if (classes === undefined) {
    throw new Error(
      `${images.name} has no labels: put the pictures into one folder for each class`,
    );
  }
  if (share >= 1) return images;
  const perClass = Math.round(share * images.length / classes);
  if (perClass < 1) {
    throw new Error(
      `${share} of ${images.length} images are less than one for each of ${classes} classes: ` +
        `use --labels ${Number((classes / images.length).toPrecision(2))} or more`,
    );
  }
  const taken = new Int32Array(classes);
  const labels = images.labels!;
  const order = epochOrder({ length: images.length, seed, epoch: 0 });
  const chosen = order.filter((index) => taken[labels[index]!]!++ < perClass).sort();
  const part = `labels-${share}-seed-${seed}`;
  if (!inMemory(images)) return subsetOf(images, chosen, part);
  return {
    ...images,
    ...{ name: `${images.name}/${part}`, length: chosen.length },
    images: copyImages(images, chosen),
    labels: Uint8Array.from(chosen, (index) => labels[index]!),
    fingerprint: `${images.fingerprint}/${part}`,
  };
}
