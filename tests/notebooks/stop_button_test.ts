import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { executeNotebook } from "../../tasks/notebook/execute.ts";
import { joined, type Output } from "../../tasks/notebook/format.ts";
import { notebookFromScript } from "../../tasks/notebook/script.ts";

// Jupyter's stop button sends SIGINT to the kernel; here the cell sends it to itself, twice, as
// somebody does who is in a hurry.
const SCRIPT = `
// %%
import { describeParameters, gradientJob, linear, tf } from "@mimkit/mimkit";
import { liveDisplay, liveProgress, train, whileInterruptible } from "@mimkit/mimkit";
const job = gradientJob({
  phase: "line",
  seed: 0,
  specifications: describeParameters((scope, input) =>
    linear(scope, input({ shape: [2, 1] }), 1)),
  optimization: { learningRate: 0.1, steps: 1_000_000, batchSize: 2, groups: new Map() },
  batch: () => ({ x: tf.tensor2d([[0], [1]]), y: tf.tensor2d([[1], [3]]) }),
  loss: (scope, { x, y }) => linear(scope, x!, 1).sub(y!).square().mean(),
});
let steps = 0;
const state = await whileInterruptible((interruption) =>
  train(job, {
    interruption,
    whenInterrupted: "return",
    progress: liveProgress(liveDisplay()),
    afterStep: async (step) => {
      steps = step;
      if (step !== 5) return;
      Deno.kill(Deno.pid, "SIGINT");
      Deno.kill(Deno.pid, "SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 100));
      Deno.kill(Deno.pid, "SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
  })
);
// %%
console.log("still here after", steps, "steps:", Object.keys(state.parameters).join());
`;

function textOf(outputs: readonly Output[] = []): string {
  return outputs.map((output) =>
    output.output_type === "stream"
      ? joined(output.text)
      : output.output_type === "display_data"
      ? joined(output.data["text/plain"] as string)
      : output.output_type
  ).join("\n");
}

Deno.test("the stop button ends training after its step and keeps the variables", async () => {
  const { notebook, failure } = await executeNotebook(notebookFromScript(SCRIPT), {
    directory: fileURLToPath(new URL("../../notebooks", import.meta.url)),
    scale: "smoke",
    cellTimeout: 120,
  });
  assertEquals(failure, null);
  const [training, after] = notebook.cells.map(({ outputs }) => textOf(outputs));
  assertStringIncludes(training!, "Stopping after this step …");
  assertStringIncludes(training!, "5/1000000, loss");
  assertStringIncludes(training!, "stopped after");
  assertEquals(after, "still here after 5 steps: weight,bias\n");
});
