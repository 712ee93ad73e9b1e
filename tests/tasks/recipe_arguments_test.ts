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
  const negative = readRecipeArguments(["--optimizer.lr", "-1", "--seed=1"], flags);
  assertEquals(negative.overrides, { "optimizer.lr": "-1" });
});

Deno.test("readRecipeArguments() refuses a flag that is given twice", () => {
  const twice = (...args: string[]) => () => readRecipeArguments(args, flags);
  assertThrows(
    twice("--epochs", "5", "--epochs=6"),
    UsageError,
    "--epochs is given twice: 5 and 6",
  );
  assertThrows(twice("--seed", "1", "--seed", "2"), UsageError, "1 and 2");
  twice("--dry", "--dry")();
});

Deno.test("resolveArguments() asks for a value, of what there is", () => {
  const resolve = (...args: string[]) => () => {
    const { overrides } = readRecipeArguments(args, flags);
    return resolveArguments(recipe("mae-tiny"), overrides, flags);
  };
  const message = "--epochs takes a value: --epochs VALUE";
  assertThrows(resolve("--epochs"), UsageError, message);
  assertThrows(resolve("--epochs", "--dry"), UsageError, message);
  assertThrows(resolve("--no-flip"), UsageError, "mean --data.transform.flip?");
  assertThrows(resolve("--lr", "1"), UsageError, "mean --optimizer.lr?");
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
