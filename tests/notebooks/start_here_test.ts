import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { checkNotebooks } from "../../tasks/notebook/check.ts";
import { executeNotebook } from "../../tasks/notebook/execute.ts";
import {
  joined,
  type Notebook,
  readNotebook,
  sourceText,
} from "../../tasks/notebook/format.ts";

const path = fileURLToPath(
  new URL("../../notebooks/00-start-here.ipynb", import.meta.url),
);

/** What the cells print and show, in order: text, and "picture" or "figure" for displays. */
function outputsOf({ cells }: Notebook): string[] {
  return cells.flatMap(({ outputs = [] }) =>
    outputs.flatMap((output) => {
      if (output.output_type === "stream") return [joined(output.text)];
      if (output.output_type !== "display_data") return [output.output_type];
      const text = joined(output.data["text/plain"] as string | string[]);
      const isPicture = "image/png" in output.data;
      return [isPicture ? text.split(/[ ,]/)[0]! : text];
    })
  );
}

Deno.test("00-start-here runs at smoke scale, and its assertions hold", async () => {
  const { notebook, failure } = await executeNotebook(await readNotebook(path), {
    directory: dirname(path),
    scale: "smoke",
    cellTimeout: 240,
  });
  assertEquals(failure, null);
  const outputs = outputsOf(notebook);
  assertEquals(outputs.filter((output) => output === "picture").length, 3);
  assertEquals(outputs.filter((output) => output === "figure").length, 2);
  const text = outputs.join("\n");
  assertMatch(text, /TensorFlow 2\.\d+/);
  assertMatch(text, /jit is \d+\.\d × as fast/);
  assertStringIncludes(text, "was read inside a traced function");
  assertMatch(text, /MAE █{24} 8\/8, loss \d\.\d+, .*done in/);
});

Deno.test("00-start-here is type clean, and its cells are short", async () => {
  const { cells } = await readNotebook(path);
  const long = cells.filter((cell) =>
    cell.cell_type === "code" && sourceText(cell).split("\n").length > 20
  );
  assertEquals(long.map(sourceText), []);
  assertEquals(await checkNotebooks([path]), []);
});

Deno.test("00-start-here is saved whole, with its outputs at default scale", async () => {
  const saved = await readNotebook(path);
  const counts = saved.cells.filter(({ cell_type }) => cell_type === "code")
    .map(({ execution_count }) => execution_count);
  assertEquals(counts, counts.map((_, index) => index + 1));
  const outputs = outputsOf(saved);
  assertEquals(outputs.filter((output) => output === "figure").length, 2);
  assertMatch(outputs.join("\n"), /MAE █{24} 400\/400, loss 0\.\d+, .*done in/);
  assert((await Deno.stat(path)).size < 500_000, "keep the pictures small");
});
