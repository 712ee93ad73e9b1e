/**
 * How much memory a run may take here.
 *
 * @module
 */
import { hasGpu } from "../../lib/engine/mod.ts";

/** Bytes that are free for a run, and of what. */
export interface AvailableMemory {
  bytes: number;
  /** Whose memory it is: "this machine". */
  of: string;
}

/**
 * The main memory that is free, as far as a task has the permission to ask. A card has its own, of
 * which nobody tells here.
 */
export function availableMemory(): AvailableMemory | undefined {
  if (hasGpu()) return undefined;
  const permission = { name: "sys", kind: "systemMemoryInfo" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return undefined;
  return { bytes: Deno.systemMemoryInfo().available, of: "this machine" };
}
