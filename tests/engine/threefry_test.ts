/** The generator against the vectors published with the paper (Random123, kat_vectors). */
import { assertEquals } from "@std/assert";
import { binding } from "../../lib/engine/binding.ts";
import { handleCount } from "../../lib/engine/handles.ts";
import { drop, rawConstant } from "../../lib/engine/raw_operations.ts";
import { threefry, type Words } from "../../lib/engine/threefry.ts";

type Pair = [number, number];

function scalars([first, second]: Pair): Words {
  return [rawConstant("uint32", [], [first]), rawConstant("uint32", [], [second])];
}

function encrypted(key: Pair, counter: Pair): string[] {
  const inputs = [scalars(key), scalars(counter)] as const;
  const words = threefry(...inputs);
  const values = words.map((word) =>
    Number(binding.tensorDataSync(word)[0]).toString(16)
  );
  drop(...words, ...inputs.flat());
  return values;
}

Deno.test("threefry() gives the published vectors", () => {
  const before = handleCount();
  assertEquals(encrypted([0, 0], [0, 0]), ["6b200159", "99ba4efe"]);
  const ones = 0xffffffff;
  assertEquals(encrypted([ones, ones], [ones, ones]), ["1cb996fc", "bb002be7"]);
  const digitsOfPi = encrypted([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]);
  assertEquals(digitsOfPi, ["c4923a9c", "483df7a0"]);
  assertEquals(handleCount(), before);
});
