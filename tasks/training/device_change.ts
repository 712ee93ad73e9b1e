/**
 * What a recipe does to images on the device, after they are normalised.
 *
 * @module
 */
import { foldIn, type Key, type Tensor } from "../../lib/engine/mod.ts";
import type { Recipe } from "../../lib/recipes/recipe.ts";
import { addLighting } from "../../lib/trainers/lighting.ts";
import { eraseImages } from "../../lib/trainers/random_erasing.ts";

/** What happens to normalised images on the device: timm's erasing, AlexNet's lighting. */
export function deviceChange(
  { data: { transform } }: Pick<Recipe, "data">,
  std: readonly number[],
): ((key: Key, images: Tensor) => Tensor) | undefined {
  const { erasing, lighting } = transform;
  const erases = erasing?.variant === "timm" && erasing.probability > 0;
  const lights = lighting !== undefined && lighting > 0;
  if (!erases && !lights) return undefined;
  return (key, images) => {
    const lit = lights
      ? addLighting(foldIn(key, "lighting"), images, { deviation: lighting, std })
      : images;
    return erases ? eraseImages(foldIn(key, "erasing"), lit, erasing) : lit;
  };
}
