import { assert, assertEquals } from "@std/assert";
import { instructionSets } from "../../../lib/engine/library/mod.ts";

Deno.test("instructionSets() names what every processor that runs TensorFlow has", () => {
  const sets = instructionSets();
  const needed = Deno.build.os === "darwin"
    ? "FEAT_DotProd"
    : Deno.build.arch === "x86_64"
    ? "avx"
    : "asimd";
  assert(sets.includes(needed), `${needed} is not among ${sets.join(" ")}`);
  assertEquals(new Set(sets).size, sets.length);
});
