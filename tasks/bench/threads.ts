/**
 * The number of threads that TensorFlow may use: it reads it once, before its first tensor.
 *
 * @module
 */
import { configure } from "../../lib/engine/mod.ts";

// TensorFlow takes all cores by itself.
let configured = navigator.hardwareConcurrency;

/** Gives TensorFlow this many threads; every group of a run asks for the same. */
export function useThreads(threads: number): void {
  if (configured === threads) return;
  configure({ threads, parallelOperations: threads });
  configured = threads;
}
