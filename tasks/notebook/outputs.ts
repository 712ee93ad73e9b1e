/**
 * Turns the kernel's messages into the outputs that a notebook file holds: streams joined,
 * displays with an id replaced in place when they are updated (so that a progress bar leaves
 * its last picture only).
 */
import type { Metadata, MimeBundle, Output } from "./format.ts";
import { joined } from "./format.ts";
import type { KernelMessage } from "./messages.ts";

/** Collects the outputs of one notebook run, cell by cell. */
export interface OutputCollector {
  /** Takes one message that belongs to the cell with these outputs. */
  take(outputs: Output[], message: KernelMessage): void;
}

/** Makes a collector; displays keep their ids across the cells of a run. */
export function outputCollector(): OutputCollector {
  const displays = new Map<string, (Output & { output_type: "display_data" })[]>();
  const waitingToClear = new Set<Output[]>();

  const append = (outputs: Output[], output: Output): void => {
    if (waitingToClear.delete(outputs)) outputs.length = 0;
    outputs.push(output);
  };

  return {
    take(outputs, { type, content }) {
      const data = (content.data ?? {}) as MimeBundle;
      const metadata = (content.metadata ?? {}) as Metadata;
      const id = (content.transient as { display_id?: string } | undefined)?.display_id;
      switch (type) {
        case "stream": {
          const name = String(content.name);
          const text = String(content.text);
          const last = waitingToClear.has(outputs) ? undefined : outputs.at(-1);
          if (last?.output_type === "stream" && last.name === name) {
            last.text = joined(last.text) + text;
          } else append(outputs, { output_type: "stream", name, text });
          break;
        }
        case "display_data": {
          const output = { output_type: "display_data" as const, data, metadata };
          append(outputs, output);
          if (id !== undefined) displays.set(id, [...displays.get(id) ?? [], output]);
          break;
        }
        case "update_display_data":
          for (const output of displays.get(id ?? "") ?? []) {
            output.data = data;
            output.metadata = metadata;
          }
          break;
        case "execute_result": {
          const execution_count = content.execution_count as number | null;
          append(outputs, {
            output_type: "execute_result",
            execution_count,
            data,
            metadata,
          });
          break;
        }
        case "error":
          append(outputs, {
            output_type: "error",
            ename: String(content.ename),
            evalue: String(content.evalue),
            traceback: (content.traceback as string[] | undefined) ?? [],
          });
          break;
        case "clear_output":
          if (content.wait) waitingToClear.add(outputs);
          else outputs.length = 0;
          break;
      }
    },
  };
}
