// The word tokenizer: CLIP's convention of ids, what is kept of a caption, and saving it.
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  captionWords,
  wordTokenizer,
  wordTokenizerFrom,
  type WordVocabulary,
} from "../../lib/data/mod.ts";

const captions = ["a photo of a bag", "a t-shirt or top", "keycap: *"];

Deno.test("captionWords() keeps hyphens and signs, and drops commas and capitals", () => {
  assertEquals(captionWords("A T-shirt, grey."), ["a", "t-shirt", "grey"]);
  assertEquals(captionWords("KEYCAP: *"), ["keycap", "*"]);
  assertEquals(captionWords("Côte d’Ivoire Flag"), ["côte", "d’ivoire", "flag"]);
  assertEquals(captionWords(" \n "), []);
});

Deno.test("encode() writes start, words, end as the highest id, then zeros", () => {
  const tokenizer = wordTokenizer(captions, { contextLength: 6 });
  const { vocabularySize, startId, endId } = tokenizer;
  assertEquals([startId, endId], [vocabularySize - 2, vocabularySize - 1]);
  const ids = tokenizer.encode("a bag");
  assertEquals(ids.length, 6);
  assertEquals([ids[0], ids[3], ids[4], ids[5]], [startId, endId, 0, 0]);
  assertEquals(ids.indexOf(Math.max(...ids)), 3);
  for (const caption of captions) {
    for (const id of tokenizer.encode(caption)) assert(id >= 0 && id < vocabularySize);
  }
});

Deno.test("encode() cuts a long caption and keeps its end", () => {
  const tokenizer = wordTokenizer(captions, { contextLength: 4 });
  const ids = tokenizer.encode("a photo of a bag");
  assertEquals(ids[3], tokenizer.endId);
  assertEquals(tokenizer.decode(ids), "a photo");
});

Deno.test("decode() gives the words back, and <unknown> for a new one", () => {
  const tokenizer = wordTokenizer(captions);
  assertEquals(tokenizer.contextLength, 7);
  for (const caption of captions) {
    assertEquals(
      tokenizer.decode(tokenizer.encode(caption)),
      captionWords(caption).join(" "),
    );
  }
  assertEquals(tokenizer.decode(tokenizer.encode("a zebra")), "a <unknown>");
  assertThrows(() => tokenizer.decode([999]), RangeError, "999");
});

Deno.test("encodeAll() lays captions one after the other", () => {
  const tokenizer = wordTokenizer(captions);
  const all = tokenizer.encodeAll(captions);
  assertEquals(all.length, 3 * tokenizer.contextLength);
  assertEquals(all.slice(7, 14), tokenizer.encode(captions[1]!));
});

Deno.test("wordTokenizerFrom() reads what JSON.stringify() wrote", () => {
  const tokenizer = wordTokenizer(captions, { contextLength: 9 });
  const again = wordTokenizerFrom(
    JSON.parse(JSON.stringify(tokenizer)) as WordVocabulary,
  );
  assertEquals(again.words, tokenizer.words);
  assertEquals(again.encodeAll(captions), tokenizer.encodeAll(captions));
  // The order of the captions makes no difference to the ids.
  assertEquals(wordTokenizer([...captions].reverse()).words, tokenizer.words);
});

Deno.test("wordTokenizer() refuses an empty or doubled vocabulary and a short context", () => {
  assertThrows(() => wordTokenizer([]), RangeError, "empty");
  assertThrows(
    () => wordTokenizer(["a"], { contextLength: 2 }),
    RangeError,
    "contextLength is 2",
  );
  const doubled = { words: ["a", "b", "a"], contextLength: 4 };
  assertThrows(() => wordTokenizerFrom(doubled), RangeError, '"a" twice');
});
