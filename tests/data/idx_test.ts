// The idx reader: a good file, and each way in which a file can be none.
import { assertEquals, assertThrows } from "@std/assert";
import { parseIdx } from "../../lib/data/idx.ts";

Deno.test("parseIdx() reads shape and numbers, from the middle of a buffer too", () => {
  const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
  const expected = { shape: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  assertEquals(parseIdx(file, "numbers"), expected);
  const shifted = new Uint8Array([9, 9, 9, ...file]).subarray(3);
  assertEquals(parseIdx(shifted, "numbers"), expected);
});

Deno.test("parseIdx() refuses another type, a short header and a wrong length", () => {
  const floats = Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0);
  assertThrows(() => parseIdx(floats, "floats"), Error, "floats is not an idx file");
  assertThrows(
    () => parseIdx(new Uint8Array(0), "nothing"),
    Error,
    "nothing is not an idx",
  );
  const headless = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2);
  assertThrows(() => parseIdx(headless, "headless"), Error, "headless has 8 bytes");
  const short = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 5, 1, 2);
  assertThrows(
    () => parseIdx(short, "short"),
    Error,
    "10 bytes where its header (5) asks for 13",
  );
});
