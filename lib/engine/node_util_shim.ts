/**
 * tfjs-node 4.22 calls `util.isNullOrUndefined` and `util.isArray`, which newer Node APIs, and so
 * Deno's, no longer have. Imported before its kernels.
 *
 * @module
 */
import util from "node:util";

const removed = util as unknown as Record<string, unknown>;
removed.isNullOrUndefined ??= (value: unknown): boolean => value == null;
removed.isArray ??= Array.isArray;
