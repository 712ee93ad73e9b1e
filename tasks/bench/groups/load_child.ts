/**
 * The process that the group `load` starts: writes a checkpoint, or loads it once and says in a line
 * of JSON how long that took and how much memory.
 *
 * @module
 */
import process from "node:process";
import { tf } from "../../../lib/engine/mod.ts";
import { openCheckpoint, readCheckpoint } from "../../../lib/zoo/checkpoint_file.ts";
import { loadCheckpointInto } from "../../../lib/zoo/load_checkpoint.ts";
import { kitReader } from "../../../lib/zoo/namings.ts";
import { streamTorch } from "../../../lib/zoo/torch/torch_writer.ts";
import { vitSpecifications, vitTensors } from "./vit_weights.ts";

/** `memory`: as in the file. `tensors`: TensorFlow's, in the kit's layout. */
export type LoadWay = "memory" | "tensors";

/** What a process is for. */
export type LoadTask = LoadWay | "write";

/** What came of one load. */
export interface LoadedOnce {
  seconds: number;
  /** What the process took at most, less what it had before. */
  peakBytes: number;
  tensors: number;
  /** Of the first element of each tensor, the same in all layouts. */
  sum: number;
}

async function toMemory(path: string): Promise<() => number[]> {
  const { tensors } = await readCheckpoint(path);
  return () => [...tensors.values()].map(({ data }) => Number(data[0]));
}

async function toTensors(
  path: string,
  specifications: ReturnType<typeof vitSpecifications>,
): Promise<() => number[]> {
  using file = await openCheckpoint(path);
  const { reader } = kitReader(file);
  const { parameters } = await loadCheckpointInto(specifications, reader);
  return () =>
    Object.values(parameters).map((tensor) =>
      tf.tidy(() => tensor.flatten().slice([0], [1]).dataSync()[0]!)
    );
}

async function load(path: string, way: LoadWay): Promise<LoadedOnce> {
  tf.scalar(1).dataSync(); // TensorFlow is open
  const specifications = vitSpecifications(); // as PyTorch's model is there before
  const before = Deno.memoryUsage().rss;
  const started = performance.now();
  const firstElements = way === "memory"
    ? await toMemory(path)
    : await toTensors(path, specifications);
  const seconds = (performance.now() - started) / 1000;
  const peakBytes = process.resourceUsage().maxRSS * 1024 - before;
  const elements = firstElements();
  return {
    ...{ seconds, peakBytes, tensors: elements.length },
    sum: elements.toSorted((one, other) => one - other).reduce((a, b) => a + b, 0),
  };
}

if (import.meta.main) {
  const [path, task] = Deno.args as [string, LoadTask];
  if (task === "write") {
    await streamTorch(path, vitTensors(), { level: "model", metadata: { epoch: 99 } });
  } else console.log(JSON.stringify(await load(path, task)));
}
