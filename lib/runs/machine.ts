/**
 * What a run was made on.
 *
 * @module
 */
import { cpus, totalmem } from "node:os";
import type { Run } from "./run_schema.ts";

/** The machine as it goes into a run folder. */
export function describeMachine(): Run["machine"] {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() || Deno.build.arch,
    cores: processors.length || 1,
    memoryBytes: totalmem(),
    os: `${Deno.build.os} ${Deno.build.arch}`,
  };
}
