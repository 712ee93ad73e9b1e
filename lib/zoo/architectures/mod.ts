/**
 * The architectures that the kit reproduces at full size, by name.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { a2mimArchitectures, simmimArchitectures } from "./a2mim.ts";
import type { Architecture, Architectures } from "./architecture.ts";
import {
  clipArchitectures,
  maeArchitectures,
  milanArchitectures,
} from "./masked_autoencoders.ts";
import { mixmimArchitectures } from "./mixmim.ts";

export {
  type Architecture,
  type Architectures,
  type Encoding,
  forwardOf,
} from "./architecture.ts";

/** All of them: original project or paper, use, size. */
export const architectures: Architectures = {
  ...maeArchitectures,
  ...milanArchitectures,
  ...mixmimArchitectures,
  ...simmimArchitectures,
  ...a2mimArchitectures,
  ...clipArchitectures,
};

/**
 * The architecture of a name.
 *
 * @throws {Error} on an unknown name, with the nearest one and all that are known.
 *
 * @example
 * ```ts
 * import { architecture } from "./mod.ts";
 * console.log(architecture("milan-official-pretrain-vit-base-p16").imageSize); // 224
 * ```
 */
export function architecture(name: string): Architecture {
  if (Object.hasOwn(architectures, name)) return architectures[name]!;
  const names = Object.keys(architectures);
  // "resnet" is nearer to what holds it than to what is as short.
  const holding = names.filter((known) => known.includes(name));
  const near = closest(name, holding.length > 0 ? holding : names);
  throw new Error(
    `There is no architecture "${name}": did you mean "${near}"? Known are ${
      names.join(", ")
    }`,
  );
}
