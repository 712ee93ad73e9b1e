import { assertEquals, assertMatch } from "@std/assert";
import { recipeNames } from "../../lib/recipes/catalogue.ts";
import { runTaskProcess } from "./child.ts";

Deno.test("deno task recipes needs no permission and no TensorFlow", async () => {
  const run = (...args: string[]) =>
    runTaskProcess({ file: "tasks/recipes.ts", args, permissions: [] });
  const listed = await run();
  assertEquals([listed.code, listed.stdout.trim().split("\n").length], [
    0,
    recipeNames.length,
  ]);
  const json = await run("mae-tiny", "--json");
  assertEquals(JSON.parse(json.stdout).masker, { kind: "random", ratio: 0.75 });
  const unknown = await run("mae-tyny");
  assertEquals(unknown.code, 1);
  assertMatch(unknown.stderr, /did you mean "mae-tiny"/);
  const two = await run("a", "b");
  assertEquals(two.code, 2);
  assertMatch(two.stderr, /One NAME at a time/);
});
