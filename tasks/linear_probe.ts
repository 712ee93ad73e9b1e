/**
 * `deno task linear-probe [RECIPE] --from RUN`: trains a linear classifier on the frozen features of
 * a pretrained network, measures it, and writes a report. The same command goes on where it was
 * stopped.
 *
 * @module
 */
import { runTask } from "./arguments.ts";
import { superviseCommand } from "./supervised/command.ts";

if (import.meta.main) {
  const command = { name: "linear-probe", task: "linear", usual: "linear-tiny" } as const;
  await runTask(() => superviseCommand(command, Deno.args));
}
