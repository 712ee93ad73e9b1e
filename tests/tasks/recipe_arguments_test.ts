import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { recipe } from "../../lib/recipes/catalogue.ts";
import { type Flag, UsageError } from "../../tasks/arguments.ts";
import {
  commandOf,
  readRecipeArguments,
  resolveArguments,
} from "../../tasks/recipe_arguments.ts";

const flags = {
  data: { kind: "text", default: "here", help: "" },
  seed: { kind: "number", default: 0, whole: true, minimum: 0, help: "" },
  dry: { kind: "switch", help: "" },
} satisfies Record<string, Flag>;

Deno.test("readRecipeArguments() parts a task's flags from a recipe's fields", () => {
  const args = [
    "mae-tiny",
    "--epochs",
    "5",
    "--dry",
    "--masker.ratio=0.6",
    "--seed",
    "3",
  ];
  const { values, positionals, overrides } = readRecipeArguments(args, flags);
  assertEquals(values, { data: "here", seed: 3, dry: true });
  assertEquals(positionals, ["mae-tiny"]);
  assertEquals(overrides, { epochs: "5", "masker.ratio": "0.6" });
  assertThrows(
    () => readRecipeArguments(["--epochs"], flags),
    UsageError,
    "takes a value",
  );
  assertThrows(
    () => readRecipeArguments(["--epochs", "--dry"], flags),
    UsageError,
    "--epochs takes a value",
  );
});

Deno.test("resolveArguments() names the nearest flag, of the task or of the recipe", () => {
  const resolve = (overrides: Record<string, string>) =>
    resolveArguments(recipe("mae-tiny"), overrides, flags);
  assertEquals(resolve({ epochs: "5" }).epochs, 5);
  assertThrows(() => resolve({ dat: "x" }), UsageError, "did you mean --data?");
  assertThrows(() => resolve({ epoch: "5" }), UsageError, "did you mean --epochs?");
  assertThrows(() => resolve({ "masker.rato": "1" }), UsageError, "--masker.ratio?");
  assertThrows(() => resolve({ "masker.ratio": "x" }), UsageError, 'a number, got "x"');
});

Deno.test("commandOf() can be typed again", () => {
  const command = commandOf("pretrain", ["mae-tiny", "--data", "my 'pictures'"]);
  assertStringIncludes(command, "deno task pretrain mae-tiny --data ");
  assertStringIncludes(command, `'my '\\''pictures'\\'''`);
});
