/**
 * `deno task finetune [RECIPE] --from RUN`: trains a classifier out of a pretrained network, or from
 * scratch, measures it, and writes a report. The same command goes on where it was stopped.
 *
 * @module
 */
import { runTask } from "./arguments.ts";
import { superviseCommand } from "./supervised/command.ts";

if (import.meta.main) {
  const command = { name: "finetune", task: "finetune", usual: "finetune-tiny" } as const;
  await runTask(() => superviseCommand(command, Deno.args));
}
