/**
 * Holds a run folder until it is ended from outside.
 *
 * @module
 */
import { holdRun } from "../../lib/runs/run_lock.ts";

await holdRun(Deno.args[0]!, async () => {
  console.log("held");
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
