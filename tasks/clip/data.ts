/**
 * The captioned images of `deno task clip`, and what of them belongs together.
 *
 * @module
 */
import {
  captionedSubset,
  classCaptions,
  emoji,
  type EmojiDataset,
  fashionMnist,
  type LabelledDataset,
} from "../../lib/data/mod.ts";
import type { CaptionedDataset } from "../../lib/data/mod.ts";
import type { ClipRecipe } from "../../lib/recipes/clip.ts";

/** Images to learn from and to be tested on. */
export type ClipData =
  | { kind: "emoji"; train: EmojiDataset; test: EmojiDataset }
  | {
    kind: "fashion-mnist";
    train: CaptionedDataset;
    test: LabelledDataset;
    /** Sentences of each class. */
    prompts: string[][];
  };

/** Reads the images of a recipe. */
export async function loadClipData(recipe: ClipRecipe, seed: number): Promise<ClipData> {
  switch (recipe.dataset) {
    case "emoji":
      return {
        kind: "emoji",
        train: await emoji({ split: "train" }),
        test: await emoji({ split: "test" }),
      };
    case "fashion-mnist": {
      const train = await fashionMnist({ split: "train" });
      const test = await fashionMnist({ split: "test" });
      const count = recipe.captionedImages ?? train.length;
      return {
        ...{ kind: "fashion-mnist", test },
        train: captionedSubset(train, { count, seed }),
        prompts: train.classNames.map(classCaptions),
      };
    }
  }
}

/**
 * A number for each training image, equal where the captions say the same: the two drawings of an
 * emoji, the sentences around one class name.
 */
export function meaningsOf(data: ClipData): Int32Array {
  switch (data.kind) {
    case "emoji":
      return data.train.conceptIds;
    case "fashion-mnist":
      return Int32Array.from(data.train.labels);
  }
}
