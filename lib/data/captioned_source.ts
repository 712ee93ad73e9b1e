/**
 * Captions for pictures that are read one by one: their own, or sentences made of the names of
 * their class folders, from which a tiny CLIP can learn just as well.
 *
 * @module
 */
import { classCaptions } from "./captions.ts";
import type { ImageSource } from "./source.ts";

/** Pictures with a sentence each. */
export interface CaptionedSource extends ImageSource {
  /** `(N)` sentences. */
  readonly captions: readonly string[];
}

/**
 * The source with its own captions; where there are none, each picture gets the sentence of its class
 * ({@linkcode classCaptions}), which says as much as a label.
 *
 * @returns nothing where there are neither captions nor classes.
 *
 * @example
 * ```ts
 * import { captionedSource, fashionMnist, sourceOf } from "./mod.ts";
 * const source = sourceOf(await fashionMnist({ split: "test" }));
 * console.log(captionedSource(source)!.captions[0]); // "an ankle boot"
 * ```
 */
export function captionedSource(source: ImageSource): CaptionedSource | undefined {
  const { captions, labels, classNames } = source;
  if (captions !== undefined) return { ...source, captions };
  if (labels === undefined || classNames === undefined) return undefined;
  const sentences = classNames.map((name) => classCaptions(name)[0]!);
  return {
    ...source,
    captions: Array.from(labels, (label) => sentences[label]!),
    fingerprint: `${source.fingerprint}/class-captions`,
  };
}
