/**
 * The group `data`: photographs per second of the prefetching loader, beside a PyTorch DataLoader on
 * the same files, after a check that both make the same pixels of a crop.
 *
 * @module
 */
import { imageFolder } from "../../../lib/data/mod.ts";
import type { GroupContext } from "../group.ts";
import { findPhotographs } from "../photographs.ts";
import type { PythonModule } from "../python_module.ts";
import type { GroupResult, Measurement, Target } from "../results.ts";
import { alternate, samplesOf } from "../rounds.ts";
import { ratioOf, spreadOf } from "../statistics.ts";
import { formatTime } from "../table.ts";
import { useThreads } from "../threads.ts";
import { compareCrops } from "./data_agreement.ts";
import {
  batchesOfRound,
  batchSize,
  type DataContender,
  dataContender,
  type DataRound,
  imageSize,
  ourContenders,
  readers,
  workers,
} from "./data_contenders.ts";

/** How many photographs are drawn, when nobody gives any. */
export const drawnPhotographs = 384;

const names = {
  ours: "mimkit, normalised on the device",
  oursBytes: "mimkit, bytes",
  theirs: "DataLoader, normalised NCHW floats",
  theirsBytes: "DataLoader, bytes",
} as const;

/** Ours against theirs, of floats ready for a model and of bytes alone. */
export function dataTargets(measurements: readonly Measurement[]): Target[] {
  const against = (ours: string, theirs: string): Target => {
    const text = `${ours} against ${theirs}`;
    const base = { text, better: "at least", limit: 1.3, unit: "×" } as const;
    const other = samplesOf(measurements, theirs);
    if (other === undefined) return { ...base, value: null };
    const { value, least, most } = ratioOf(samplesOf(measurements, ours)!, other);
    return { ...base, value, range: [least, most] };
  };
  return [
    against(names.ours, names.theirs),
    against(names.oursBytes, names.theirsBytes),
  ];
}

/** How many photographs a second that is, and what one takes of the processors. */
export function speedNote(
  { contender, samples }: Measurement,
  processor: readonly number[],
): string {
  const speed = `${contender}: ${(1000 / spreadOf(samples).median).toFixed(0)} images/s`;
  if (processor.length === 0) return speed;
  return `${speed}, ${formatTime(spreadOf(processor).median)} ms of processor time each`;
}

async function theirContenders(
  torch: PythonModule,
  paths: readonly string[],
  threads: number,
): Promise<DataContender[]> {
  await torch.call("prepare", {
    paths,
    size: imageSize,
    batch: batchSize,
    workers,
    batches: batchesOfRound,
    threads,
  });
  const contender = (name: string, kind: string) =>
    dataContender(name, () => torch.call<DataRound>("time_round", { name: kind }));
  return [contender(names.theirs, "float"), contender(names.theirsBytes, "bytes")];
}

/** Milliseconds per photograph. */
export async function measureData(
  { flags, threads, peers, log }: GroupContext,
): Promise<GroupResult> {
  useThreads(threads);
  const photographs = await findPhotographs(flags.jpegs, drawnPhotographs, log);
  const source = await imageFolder({ directory: photographs.folder, classes: "none" });
  const notes = [`on ${photographs.note}`];
  const ours = ourContenders(source, [names.ours, names.oursBytes]);
  try {
    await using torch = peers.has("torch")
      ? await peers.start("torch", "torch_data")
      : null;
    const contenders = [...ours.contenders];
    if (torch !== null) {
      notes.push(`Pillow ${await torch.call<string>("pillow_version")}`);
      notes.push(await compareCrops(source, torch));
      const paths = Array.from({ length: source.length }, (_, k) => source.describe(k));
      const theirs = await theirContenders(torch, paths, threads);
      // Alternating by pairs: ours, theirs, ours, theirs.
      theirs.forEach((one, index) => contenders.splice(2 * index + 1, 0, one));
    }
    const { repeats } = flags;
    const measurements = await alternate(contenders, { repeats, unit: "ms", log });
    return {
      group: "data",
      title: `one photograph: read, decoded, RandomResizedCrop(${imageSize}, bicubic), ` +
        `flipped, in batches of ${batchSize}; ${readers} at a time, or by ${workers} workers`,
      settings: {
        ...{ imageSize, batchSize, readers, workers, photographs: source.length },
        ...{ batchesPerRound: batchesOfRound.timed },
      },
      measurements,
      targets: dataTargets(measurements),
      notes: [
        ...measurements.map((one, index) => speedNote(one, contenders[index]!.processor)),
        `${names.ours}: a float32 tensor (B, H, W, 3), uploaded as bytes and normalised there; ` +
        `${names.theirs}: what torchvision's ToTensor, Normalize and the default collation do`,
        ...notes,
      ],
    };
  } finally {
    await ours.close();
  }
}
