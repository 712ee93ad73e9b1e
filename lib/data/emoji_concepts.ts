/**
 * Which emoji are variants of one thing (a man, a woman and a person running; the twenty-four clock
 * faces; the flags of Norway and of Bouvet Island). A split that put them on both sides would test
 * on pictures that training has all but seen, so variants form a group, and groups are split.
 *
 * @module
 */

/** What the rules look at. */
export interface EmojiIdentity {
  /** Unicode name, such as `"WOMAN RUNNING"`. */
  readonly name: string;
  /** Code points in hexadecimal, joined by hyphens, such as `"1F3C3-200D-2640-FE0F"`. */
  readonly codepoints: string;
  readonly subcategory: string;
}

/** Code points that make a variant: joiner, emoji presentation, gender signs, facing right. */
const VARIANT_CODEPOINTS = new Set(["200D", "FE0F", "2640", "2642", "27A1"]);
/** Joined behind another emoji they only colour it: a bird and a black bird, lemon and lime. */
const COLOUR_CODEPOINTS = new Set(
  ["1F7E5", "1F7E6", "1F7E7", "1F7E8", "1F7E9", "1F7EA", "1F7EB", "2B1B", "2B1C"],
);
const PERSON_CODEPOINTS = new Set(["1F468", "1F469", "1F9D1"]);

/** Words of a name that tell variants apart and nothing else. */
const VARIANT_WORDS = new Set(
  ("man men mans mens woman women womans womens person people male female boy girl child adult lady " +
    "prince princess father mother mrs mx older bride " +
    "black white red orange yellow green blue light purple brown grey pink " +
    "small large medium heavy very " +
    "up down left right upwards downwards leftwards rightwards up-pointing down-pointing " +
    "north south east west pointing facing").split(" "),
);

/** Kinds that the words cannot find; the first that fits counts. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^clock face/i, "clock face"],
  [/^(keycap|hash key)/i, "keycap"],
  [/moon( symbol)?$/i, "moon phase"],
  [/moon with face$/i, "moon face"],
  [/^earth globe/i, "earth globe"],
  [/^speaker/i, "speaker"],
  [/(^| )(santa|christmas)$|claus$/i, "father christmas"],
  [/^(pregnant |breast-feeding|.* feeding baby)/i, "expecting and feeding"],
  [/^(dancer|man dancing)$/i, "dancing"],
  [/^(man|woman|adult|person|boy|girl|child|baby)$/i, "one person"],
  [/^older /i, "older person"],
  [/^(prince|princess|person with crown)$/i, "crowned person"],
  [/^snowman/i, "snowman"],
  [/mailbox with /i, "mailbox"],
];

/**
 * The keys of an emoji: two emoji with a key in common are variants of one thing. The keys are
 * the code points without joiners, gender, direction, colour, and with one person for man and
 * woman; the name without words for those; the kind, where the name is of one; and for the
 * subcategory "family" (families, couples, pairs) the subcategory.
 *
 * @example
 * ```ts
 * import { conceptKeys } from "./emoji_concepts.ts";
 * const runner = { name: "WOMAN RUNNING", codepoints: "1F3C3-200D-2640-FE0F", subcategory: "" };
 * console.log(conceptKeys(runner)); // ["codepoints 1F3C3", "name running"]
 * ```
 */
export function conceptKeys({ name, codepoints, subcategory }: EmojiIdentity): string[] {
  const [first = "", ...rest] = codepoints.split("-").filter((point) =>
    !VARIANT_CODEPOINTS.has(point)
  );
  const tail = rest.filter((point) => !COLOUR_CODEPOINTS.has(point));
  const head = PERSON_CODEPOINTS.has(first) && tail.length > 0 ? "person" : first;
  const keys = [`codepoints ${[head, ...tail].join("-")}`];

  const words = name.toLowerCase().split(/[^\p{L}\p{N}&'-]+/u);
  const kept = words.filter((word) => word !== "" && !VARIANT_WORDS.has(word));
  // A flag's name is a country's; "South Korea" and "North Korea" are no variants.
  const isFlag = words.includes("flag");
  if (kept.length > 0 && !isFlag) keys.push(`name ${kept.join(" ")}`);

  const kind = KINDS.find(([pattern]) => pattern.test(name));
  if (kind !== undefined) keys.push(`kind ${kind[1]}`);
  if (subcategory === "family" || name === "FAMILY") keys.push("subcategory family");
  return keys;
}

/**
 * Groups of emoji that share a key or are linked.
 *
 * @param keys Of every emoji, as {@linkcode conceptKeys} gives them.
 * @param links Pairs of emoji that belong together for another reason, such as equal pictures.
 * @returns `(N)` for every emoji the lowest index in its group.
 *
 * @example
 * ```ts
 * import { groupByKeys } from "./emoji_concepts.ts";
 * console.log(groupByKeys([["a"], ["b"], ["a", "c"], ["d"]], [[1, 3]])); // [0, 1, 0, 1]
 * ```
 */
export function groupByKeys(
  keys: readonly (readonly string[])[],
  links: readonly (readonly [number, number])[] = [],
): number[] {
  const parent = keys.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root]!;
    return root;
  };
  const join = (a: number, b: number): void => {
    const [low, high] = [rootOf(a), rootOf(b)].sort((x, y) => x - y);
    parent[high!] = low!;
  };
  const firstWith = new Map<string, number>();
  keys.forEach((own, index) => {
    for (const key of own) {
      const first = firstWith.get(key);
      if (first === undefined) firstWith.set(key, index);
      else join(first, index);
    }
  });
  for (const [a, b] of links) join(a, b);
  return keys.map((_, index) => rootOf(index));
}
