import { assertEquals, assertThrows } from "@std/assert";
import { byScale } from "../../lib/plots/mod.ts";

const name = "MIMKIT_NOTEBOOK_SCALE";

function atScale<Result>(scale: string | undefined, body: () => Result): Result {
  const before = Deno.env.get(name);
  const set = (value: string | undefined) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  set(scale);
  try {
    return body();
  } finally {
    set(before);
  }
}

Deno.test("byScale() follows MIMKIT_NOTEBOOK_SCALE", () => {
  const steps = () => byScale({ smoke: 1, default: 2, full: 3 });
  assertEquals(["smoke", "default", "full"].map((scale) => atScale(scale, steps)), [
    1,
    2,
    3,
  ]);
  assertEquals([undefined, ""].map((scale) => atScale(scale, steps)), [2, 2]);
  const wrong = () => atScale("huge", steps);
  assertThrows(wrong, Error, '"huge": use smoke, default or full');
});
