/**
 * The other libraries that mimkit is measured against. Each piece of their work is a Python module
 * below python/, whose functions are called over a pipe, one timed round at a time.
 *
 * @module
 */
import { PythonModule } from "./python_module.ts";
import { preparePython } from "./python_environment.ts";

const requirements = {
  torch: ["torch==2.13.0", "numpy", "safetensors", "pillow"],
} as const;

/** A library to measure against. */
export type PeerName = keyof typeof requirements;

/** All of them. */
export const peerNames = Object.keys(requirements) as PeerName[];

/** The peers that were asked for. */
export interface Peers {
  has(peer: PeerName): boolean;
  /** Starts a Python process with a module of python/; `using` ends it. */
  start(peer: PeerName, module: string): Promise<PythonModule>;
  /** Versions of what was started. */
  readonly versions: Record<string, string>;
}

/** The peers of a run; Python is touched when the first one starts. */
export function openPeers(
  asked: readonly PeerName[],
  log: (line: string) => void,
): Peers {
  const versions: Record<string, string> = {};
  return {
    versions,
    has: (peer) => asked.includes(peer),
    async start(peer, module) {
      const python = await preparePython(requirements[peer], { log });
      const started = new PythonModule(python, module);
      versions[peer] = await started.call<string>("version");
      return started;
    },
  };
}
