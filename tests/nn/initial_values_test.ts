import { assertEquals } from "@std/assert";
import { randomKey, tf } from "../../lib/engine/mod.ts";
import { withInitialValues } from "../../lib/nn/initial_values.ts";
import { constant } from "../../lib/nn/initializers.ts";
import { linear } from "../../lib/nn/linear.ts";
import { describeParameters, initializeParameters } from "../../lib/nn/scope.ts";

Deno.test("withInitialValues() replaces what it names and nothing else", () => {
  const names: string[] = [];
  const specifications = describeParameters((scope, input) => {
    const chosen = withInitialValues(scope.at("tower"), (name) => {
      names.push(name);
      return name === "head.weight" ? constant(0.25) : undefined;
    });
    linear(chosen.at("head"), input({ shape: [1, 2] }), 1);
  });
  const parameters = initializeParameters(specifications, randomKey(0));
  assertEquals(names, ["head.weight", "head.bias"]);
  assertEquals([...parameters["tower.head.weight"]!.dataSync()], [0.25, 0.25]);
  assertEquals([...parameters["tower.head.bias"]!.dataSync()], [0]);
  assertEquals(specifications.get("tower.head.weight")!.layout, "linear");
  tf.dispose(parameters);
});
