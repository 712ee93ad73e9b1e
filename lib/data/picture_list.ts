/**
 * Lists of pictures: one path a line, with a class number after it or without. The splits of papers
 * come like this (ImageNet's `train.txt`, the 1 % and 10 % of SimCLR).
 *
 * @module
 */

/** The lines of a list, in order. */
export interface PictureList {
  /** Relative to the pictures' folder. */
  readonly paths: readonly string[];
  /** Of every line, or of none. */
  readonly labels?: Int32Array;
}

/**
 * Reads the text of a list. Empty lines and those that start with `#` are skipped; a whole number
 * after the last space, tab or comma is the class.
 *
 * @param title What to call the list in messages.
 * @throws {Error} if it is empty, some lines have a class and some have none, or a path is
 * absolute, in one sentence with the line's number.
 *
 * @example
 * ```ts
 * import { parsePictureList } from "./picture_list.ts";
 * const { paths, labels } = parsePictureList("cat/1.jpg 0\ndog/my dog.jpg 1\n", "train.txt");
 * console.log(paths[1], labels![1]); // "dog/my dog.jpg" 1
 * ```
 */
export function parsePictureList(text: string, title: string): PictureList {
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [k, line] of text.replace(/^\uFEFF/, "").split("\n").entries()) {
    const entry = line.trim();
    if (entry === "" || entry.startsWith("#")) continue;
    const [, before, number] = /^(.*\S)[\s,]\s*(\d+)$/.exec(entry) ?? [];
    const path = (before ?? entry).replace(/,$/, "").replaceAll("\\", "/")
      .replace(/^\.\//, "");
    if (path.startsWith("/") || path.split("/").includes("..")) {
      throw new Error(
        `${title}, line ${
          k + 1
        }: "${path}" leads out of the data set's folder; use paths ` +
          "relative to it",
      );
    }
    paths.push(path);
    if (number !== undefined) labels.push(Number(number));
    if (labels.length !== 0 && labels.length !== paths.length) {
      throw new Error(
        `${title}, line ${k + 1}: "${entry}" has ${
          number ? "a" : "no"
        } class number, unlike ` +
          "the lines before; give one on every line or on none",
      );
    }
  }
  if (paths.length === 0) {
    throw new Error(`${title} names no pictures: write one path a line into it`);
  }
  return { paths, ...(labels.length > 0 ? { labels: Int32Array.from(labels) } : {}) };
}
