import { assertEquals, assertMatch } from "@std/assert";
import { recipeNames } from "../../lib/recipes/catalogue.ts";
import { runTaskProcess } from "./child.ts";

Deno.test("deno task recipes needs no permission and no TensorFlow", async () => {
  const run = (...args: string[]) =>
    runTaskProcess({ file: "tasks/recipes.ts", args, permissions: [] });
  const listed = await run();
  assertEquals(listed.code, 0);
  const words = new Set(listed.stdout.split(/\s+/));
  assertEquals(recipeNames.filter((name) => !words.has(name)), []);
  assertMatch(listed.stdout, /moganet.*cannot be run: the kit has no MogaNet/);
  const json = await run("mae-tiny", "--json");
  assertEquals(JSON.parse(json.stdout).masker, { kind: "random", ratio: 0.75 });
  const found = JSON.parse((await run("official", "milan", "linear", "--json")).stdout);
  assertEquals(found.map(({ name }: { name: string }) => name), [
    "milan_official_vit-b_linear_100e",
    "milan_official_vit-l_linear_100e",
  ]);
  const unknown = await run("mae-tyny");
  assertEquals(unknown.code, 1);
  assertMatch(unknown.stderr, /did you mean "mae-tiny"/);
  const none = await run("milan", "segmentation");
  assertEquals(none.code, 2);
  assertMatch(none.stderr, /No recipe speaks of all of milan, segmentation/);
});
