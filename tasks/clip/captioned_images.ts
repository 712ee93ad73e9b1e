/**
 * Images with sentences for a CLIP: their own captions, or some made of the names of their classes.
 *
 * @module
 */
import {
  type CaptionedDataset,
  type CaptionedSource,
  captionedSource,
  captionedSubset,
  classCaptions,
  type EmojiDataset,
  equalCaptions,
  type LabelledDataset,
} from "../../lib/data/mod.ts";
import { classNamesOf, type Images, type TaskImages } from "../training/choose_images.ts";
import { inMemory } from "../training/recipe_images.ts";

interface Shared {
  /** What is learned from. */
  train: CaptionedDataset | CaptionedSource;
  /** A number for each of these images, equal where the captions say the same. */
  meanings: Int32Array;
  /** Images that nobody learns from. */
  test?: Images;
}

/** Captioned images, by what of a CLIP can be measured with them. */
export type CaptionedImages =
  & Shared
  & (
    /** Names in two drawings each. */
    | { kind: "emoji"; train: EmojiDataset; test?: EmojiDataset }
    /** Sentences of each class. */
    | { kind: "classes"; prompts: string[][] }
    | { kind: "captions" }
  );

// Of images in memory with classes alone: a tenth, as in the quickstart.
const captionedShare = 0.1;

function isEmoji(images: Images): images is EmojiDataset {
  return "conceptIds" in images;
}

function testOf(test: Images | undefined): { test?: Images } {
  return test === undefined ? {} : { test };
}

function captionedTenth(train: LabelledDataset, seed: number): CaptionedDataset {
  const count = Math.round(captionedShare * train.length);
  return captionedSubset(train, {
    count: Math.max(count, train.classNames.length),
    seed,
  });
}

/**
 * Finds or makes the captions of a task's images. Without captions of their own, those of class
 * folders come from all labels, those of a data set in memory from a tenth.
 *
 * @throws {Error} when there are neither captions nor classes, with the ways out.
 */
export function captionImages(
  { train, test }: TaskImages,
  seed: number,
): CaptionedImages {
  if (isEmoji(train)) {
    const { conceptIds: meanings } = train;
    const others = test !== undefined && isEmoji(test) ? { test } : {};
    return { kind: "emoji", train, meanings, ...others };
  }
  const captioned = inMemory(train)
    ? captionedTenth(train, seed)
    : captionedSource(train);
  if (captioned === undefined) {
    throw new Error(
      `A CLIP learns from captions, and ${train.name} has neither captions nor class folders to ` +
        "make them of: sort the pictures into a folder for each class, give .tar shards with " +
        "KEY.txt, or do without, as with mae-tiny or milan-tiny --teacher RUN",
    );
  }
  if (!inMemory(train) && train.captions !== undefined) {
    const meanings = equalCaptions(captioned.captions);
    return { kind: "captions", train: captioned, meanings, ...testOf(test) };
  }
  const prompts = classNamesOf(train)!.map(classCaptions);
  const meanings = inMemory(captioned)
    ? Int32Array.from(captioned.labels)
    : equalCaptions(captioned.captions);
  return { kind: "classes", train: captioned, meanings, prompts, ...testOf(test) };
}

/** What somebody should know of the captions before a training, as far as there is something. */
export function aboutCaptions({ kind, train, meanings }: CaptionedImages): string[] {
  const first = train.captions[0];
  const different = new Set(meanings).size;
  if (different === 1) {
    return [
      `All ${train.length} captions of ${train.name} say the same ("${first}"): such a CLIP learns ` +
      "nothing of its images, and looks at random places; give images of two classes or more",
    ];
  }
  return kind === "classes"
    ? [
      `${train.length} captions are made of the names of ${different} classes, such as "${first}": ` +
      "as much as labels",
    ]
    : [];
}
