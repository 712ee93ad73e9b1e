/**
 * Words to numbers, for a text tower trained from nothing. A caption becomes
 * `[start, word, …, word, end, 0, …, 0]`; end is the highest id of all, as in OpenAI's CLIP, whose
 * text tower takes the feature at the position of the highest id (`text.argmax(dim=-1)`).
 *
 * @module
 */

/** Everything a tokenizer needs, as it goes into a checkpoint. */
export interface WordVocabulary {
  /** In the order of their ids; the first has id {@linkcode firstWordId}. */
  readonly words: readonly string[];
  /** Ids per caption, start, end and padding included. */
  readonly contextLength: number;
}

/** Turns captions into ids and back. */
export interface WordTokenizer extends WordVocabulary {
  /** Rows of the token embedding: padding, unknown, the words, start, end. */
  readonly vocabularySize: number;
  readonly startId: number;
  /** The highest id. */
  readonly endId: number;
  /** `(contextLength)` ids; a caption too long loses its last words, never the end id. */
  readonly encode: (caption: string) => Int32Array;
  /** `(captions.length, contextLength)` ids, row-major. */
  readonly encodeAll: (captions: readonly string[]) => Int32Array;
  /** The words between start and end, joined by spaces; an unknown word reads `<unknown>`. */
  readonly decode: (ids: ArrayLike<number>) => string;
  /** The vocabulary, for {@linkcode wordTokenizerFrom}. */
  readonly toJSON: () => WordVocabulary;
}

/** Fills a caption after its end, as in OpenAI's CLIP. */
export const paddingId = 0;
/** Any word that is not in the vocabulary. */
export const unknownId = 1;
/** Of the vocabulary's first word. */
export const firstWordId = 2;

/** Settings of {@linkcode wordTokenizer}. */
export interface WordTokenizerOptions {
  /** Start and end included; as long as the longest of the captions needs by default. */
  readonly contextLength?: number;
}

/**
 * The words of a caption: in lower case, letters and digits with inner hyphens and apostrophes
 * together (`t-shirt`), any other sign but commas, colons, full stops and quotes a word of its own.
 *
 * @example
 * ```ts
 * import { captionWords } from "./tokens.ts";
 * console.log(captionWords("Keycap: *")); // ["keycap", "*"]
 * ```
 */
export function captionWords(caption: string): string[] {
  const found = caption.normalize("NFKC").toLowerCase().match(
    /[\p{L}\p{M}\p{N}]+(?:[-'’][\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]/gu,
  );
  return (found ?? []).filter((word) => !/^[,.:;"“”]$/.test(word));
}

/**
 * A tokenizer whose vocabulary is the words of the given captions, in code-point order.
 *
 * @param captions The training captions; words seen only elsewhere become `<unknown>`.
 * @throws {RangeError} if there is no word in the captions or the context length is below 3.
 *
 * @example
 * ```ts
 * import { wordTokenizer } from "./tokens.ts";
 * const tokenizer = wordTokenizer(["a photo of a bag", "a bag"]);
 * console.log(tokenizer.encode("a bag")); // [6, 2, 3, 7, 0, 0, 0]
 * console.log(tokenizer.decode(tokenizer.encode("a photo"))); // "a photo"
 * ```
 */
export function wordTokenizer(
  captions: readonly string[],
  { contextLength }: WordTokenizerOptions = {},
): WordTokenizer {
  const sentences = captions.map(captionWords);
  const words = [...new Set(sentences.flat())].sort();
  const longest = sentences.reduce((most, { length }) => Math.max(most, length), 0);
  return wordTokenizerFrom({ words, contextLength: contextLength ?? longest + 2 });
}

/**
 * A tokenizer from a saved vocabulary.
 *
 * @throws {RangeError} if the vocabulary is empty, holds a word twice, or the context length
 * leaves no room for a word between start and end.
 *
 * @example
 * ```ts
 * import { wordTokenizer, wordTokenizerFrom, type WordVocabulary } from "./tokens.ts";
 * const saved = JSON.stringify(wordTokenizer(["a bag"]));
 * console.log(wordTokenizerFrom(JSON.parse(saved) as WordVocabulary).vocabularySize); // 6
 * ```
 */
export function wordTokenizerFrom(vocabulary: WordVocabulary): WordTokenizer {
  const { contextLength } = vocabulary;
  const words = [...vocabulary.words];
  if (words.length === 0) {
    throw new RangeError(
      "the vocabulary is empty: give at least one caption with a word",
    );
  }
  if (!Number.isInteger(contextLength) || contextLength < 3) {
    throw new RangeError(
      `contextLength is ${contextLength}: use a whole number, 3 or more (start, a word, end)`,
    );
  }
  const idOf = new Map(words.map((word, k) => [word, firstWordId + k]));
  if (idOf.size !== words.length) {
    const twice = words.find((word, k) => words.indexOf(word) !== k);
    throw new RangeError(`the vocabulary holds "${twice}" twice: keep one of the two`);
  }
  const startId = firstWordId + words.length;
  const endId = startId + 1;

  function encode(caption: string): Int32Array {
    const ids = new Int32Array(contextLength).fill(paddingId);
    const kept = captionWords(caption).slice(0, contextLength - 2);
    ids[0] = startId;
    kept.forEach((word, k) => ids[k + 1] = idOf.get(word) ?? unknownId);
    ids[kept.length + 1] = endId;
    return ids;
  }

  function encodeAll(captions: readonly string[]): Int32Array {
    const ids = new Int32Array(captions.length * contextLength);
    captions.forEach((caption, k) => ids.set(encode(caption), k * contextLength));
    return ids;
  }

  function decode(ids: ArrayLike<number>): string {
    const said: string[] = [];
    for (const id of Array.from(ids)) {
      if (id === endId) break;
      if (id === startId || id === paddingId) continue;
      const word = id === unknownId ? "<unknown>" : words[id - firstWordId];
      if (word === undefined) {
        throw new RangeError(`there is no word with the id ${id}: ids end at ${endId}`);
      }
      said.push(word);
    }
    return said.join(" ");
  }

  return {
    words,
    contextLength,
    vocabularySize: endId + 1,
    startId,
    endId,
    encode,
    encodeAll,
    decode,
    toJSON: () => ({ words, contextLength }),
  };
}
