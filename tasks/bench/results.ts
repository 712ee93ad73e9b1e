/**
 * What a benchmark leaves behind: every sample, the targets, and the machine it ran on. The schema
 * is that of the JSON file.
 *
 * @module
 */
import { z } from "zod";

const unit = z.enum(["s", "ms", "µs", "MB"]);

const measurementSchema = z.object({
  /** Who was measured, such as "mimkit jit xla". */
  contender: z.string(),
  unit,
  /** One time, or size, per round. */
  samples: z.array(z.number().positive()).min(1),
  /** Where it came from, or what it leaves out. */
  note: z.string().optional(),
});

const targetSchema = z.object({
  /** What is to be reached, in words. */
  text: z.string(),
  /** Whether more or less is better. */
  better: z.enum(["at least", "below"]),
  limit: z.number(),
  /** What came out; null when the other side was not measured. */
  value: z.number().nullable(),
  unit: z.union([unit, z.literal("×"), z.literal("%")]),
  /** For a ratio: its least and greatest value over the rounds. */
  range: z.tuple([z.number(), z.number()]).optional(),
});

const groupResultSchema = z.object({
  group: z.string(),
  /** What was measured, in one line. */
  title: z.string(),
  settings: z.record(z.string(), z.union([z.number(), z.string()])),
  measurements: z.array(measurementSchema),
  targets: z.array(targetSchema),
  /** What a reader should know besides the numbers. */
  notes: z.array(z.string()),
});

const machineSchema = z.object({
  processor: z.string(),
  cores: z.number(),
  instructionSets: z.array(z.string()),
  memoryBytes: z.number(),
  platform: z.string(),
  /** Versions by name: mimkit, deno, tensorflow, torch … */
  versions: z.record(z.string(), z.string()),
});

/** The JSON file. */
export const benchmarkSchema = z.object({
  format: z.literal(1),
  started: z.iso.datetime(),
  machine: machineSchema,
  /** Threads that every side had. */
  threads: z.number(),
  repeats: z.number(),
  /** Of the last minute, before and after: on a busy machine times mean little. */
  loadAverage: z.object({ before: z.number(), after: z.number() }),
  groups: z.array(groupResultSchema),
});

/** The times of one contender. */
export type Measurement = z.infer<typeof measurementSchema>;
/** A number to reach, and what came out. */
export type Target = z.infer<typeof targetSchema>;
/** What one group measured. */
export type GroupResult = z.infer<typeof groupResultSchema>;
/** The machine that was measured. */
export type Machine = z.infer<typeof machineSchema>;
/** A whole run. */
export type Benchmark = z.infer<typeof benchmarkSchema>;

/** Whether a target is reached; undefined when it was not measured. */
export function isReached({ better, limit, value }: Target): boolean | undefined {
  if (value === null) return undefined;
  return better === "below" ? value < limit : value >= limit;
}
