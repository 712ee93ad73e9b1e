/**
 * The files of a run folder, as schemas.
 *
 * A run is evidence: everything that its report says is in these files, written by the
 * trainers while they run. A run folder holds
 *
 * - `run.json`: what was run, on what, with which recipe ({@linkcode runSchema})
 * - `metrics.jsonl`: one object a line, appended while training
 *   ({@linkcode metricSchema})
 * - `results.json`: tables of final numbers ({@linkcode resultsSchema}), once there are
 *   any
 * - `pictures/*.png` and `pictures.json`, their order and captions
 *   ({@linkcode picturesSchema})
 *
 * Unknown keys are kept and ignored, so that a newer run still gives a report.
 */

import { z } from "zod";

/** `run.json`. */
export interface Run {
  /** Headline of the report. */
  readonly name: string;
  /** The command that runs it again, with every setting that was not a default. */
  readonly command: string;
  /**
   * The resolved recipe: nested plain objects. A setting is its value, or
   * `{value, source}` with the paper section or project file that it comes from.
   */
  readonly recipe: Record<string, unknown>;
  /** Sources of settings by dotted path (`"masker.ratio"`), where not in the recipe. */
  readonly sources?: Record<string, string> | undefined;
  /** Every seed that the run uses. */
  readonly seeds: number[];
  /** Where it ran. */
  readonly machine: {
    /** The processor's name. */
    readonly cpu: string;
    /** Processor cores that were used. */
    readonly cores: number;
    /** Main memory in bytes. */
    readonly memoryBytes: number;
    /** Operating system, its version and architecture. */
    readonly os: string;
    /** The graphics card's name, if one was used. */
    readonly accelerator?: string | undefined;
  };
  /** Versions by name: mimkit, deno, tensorflow, … */
  readonly versions: Record<string, string>;
  /** What it read. */
  readonly dataset: {
    /** Name. */
    readonly name: string;
    /** A checksum over the data that was read. */
    readonly fingerprint: string;
    /** Images by use, such as `{train: 60000, test: 10000}`. */
    readonly counts: Record<string, number>;
  };
  /** Mean and deviation of its pixels by channel, 0 … 1, with which a model of it sees images. */
  readonly pixels?: { readonly mean: number[]; readonly std: number[] } | undefined;
  /** ISO 8601, such as `2026-05-01T12:00:00Z`. */
  readonly startedAt: string;
  /** Left out until the run has finished: its report then says that it has not. */
  readonly finishedAt?: string | undefined;
  /** Time spent so far, over all restarts. */
  readonly minutes?: number | undefined;
  /** What was changed when the run went on with other settings than before, "name: old → new". */
  readonly changes?: { readonly at: string; readonly settings: string[] }[] | undefined;
}

/** A line of `metrics.jsonl`; further numbers may stand beside these. */
export interface Metric {
  /** The part of the run: `clip`, `mae`, `milan`, … Each gets a curve. */
  readonly phase: string;
  /** Training step, counted within the phase. */
  readonly step: number;
  /** `null` (what JSON makes of NaN) is a loss that was not finite. */
  readonly loss: number | null;
  /** Which seed, in a run over several. */
  readonly seed?: number | undefined;
  /** Learning rate of the step. */
  readonly learningRate?: number | undefined;
  /** Speed since the last line. */
  readonly imagesPerSecond?: number | undefined;
  /** The share of the step that was spent waiting for data. */
  readonly dataWait?: number | undefined;
  /** How many processors were busy with the process; like the next three, now and then. */
  readonly processors?: number | undefined;
  /** Main memory that the process took. */
  readonly residentBytes?: number | undefined;
  /** The share of the time in which the graphics card computed. */
  readonly gpuUse?: number | undefined;
  /** Memory taken on the graphics card. */
  readonly gpuMemoryBytes?: number | undefined;
  /** When it was written: ISO 8601, or milliseconds since 1970. */
  readonly time?: string | number | undefined;
}

/** A column of a table of results. */
export interface ResultsColumn {
  /** The name that rows use for it. */
  readonly key: string;
  /** Heading of the column. */
  readonly label: string;
  /** Behind the label; with "%" the values are percent already (76.1, not 0.761). */
  readonly unit?: string | undefined;
  /** Which way is better: the best mean of the column is then set in bold. */
  readonly better?: "higher" | "lower" | undefined;
  /** Digits after the point; chosen by size when left out. */
  readonly digits?: number | undefined;
}

/** A table of `results.json`. */
export interface ResultsTable {
  /** Heading. */
  readonly title: string;
  /** What a reader must know to read the numbers. */
  readonly note?: string | undefined;
  /** Columns from left to right. */
  readonly columns: ResultsColumn[];
  /** Rows from top to bottom, such as one per method. */
  readonly rows: {
    /** Name. */
    readonly name: string;
    /** By column key: one value per seed. A missing value is left out or `null`. */
    readonly values: Record<string, (number | null)[]>;
  }[];
}

/** `results.json`. */
export interface Results {
  /** Tables in the order of the report. */
  readonly tables: ResultsTable[];
}

/** An entry of `pictures.json`; they stand in the order of the report. */
export interface PictureEntry {
  /** File name inside `pictures/`. */
  readonly file: string;
  /** Heading. */
  readonly title: string;
  readonly caption?: string | undefined;
}

const time = z.iso.datetime({ offset: true });
const name = z.string().min(1);

/** `run.json`. */
export const runSchema: z.ZodType<Run> = z.looseObject({
  name,
  command: z.string().min(1),
  recipe: z.record(z.string(), z.unknown()),
  sources: z.record(z.string(), z.string()).optional(),
  seeds: z.array(z.number().int()).min(1),
  machine: z.looseObject({
    cpu: z.string(),
    cores: z.number().int().positive(),
    memoryBytes: z.number().positive(),
    os: z.string(),
    accelerator: z.string().optional(),
  }),
  versions: z.record(z.string(), z.string()),
  dataset: z.looseObject({
    name,
    fingerprint: z.string(),
    counts: z.record(z.string(), z.number().int().nonnegative()),
  }),
  pixels: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }).optional(),
  startedAt: time,
  finishedAt: time.optional(),
  minutes: z.number().nonnegative().optional(),
  changes: z.array(z.object({ at: time, settings: z.array(z.string()) })).optional(),
});

/** A line of `metrics.jsonl`. */
export const metricSchema: z.ZodType<Metric> = z.looseObject({
  phase: name,
  step: z.number().nonnegative(),
  loss: z.number().nullable(),
  seed: z.number().int().optional(),
  learningRate: z.number().optional(),
  imagesPerSecond: z.number().optional(),
  dataWait: z.number().optional(),
  processors: z.number().optional(),
  residentBytes: z.number().optional(),
  gpuUse: z.number().optional(),
  gpuMemoryBytes: z.number().optional(),
  time: z.union([z.string(), z.number()]).optional(),
});

/** `results.json`. */
export const resultsSchema: z.ZodType<Results> = z.looseObject({
  tables: z.array(z.looseObject({
    title: name,
    note: z.string().optional(),
    columns: z.array(z.looseObject({
      key: name,
      label: name,
      unit: z.string().optional(),
      better: z.enum(["higher", "lower"]).optional(),
      digits: z.number().int().min(0).max(10).optional(),
    })),
    rows: z.array(z.looseObject({
      name,
      values: z.record(z.string(), z.array(z.number().nullable())),
    })),
  })),
});

/** `pictures.json`. */
export const picturesSchema: z.ZodType<PictureEntry[]> = z.array(z.looseObject({
  file: z.string().regex(/^[^/\\]+\.png$/i, "must be the name of a PNG in pictures/"),
  title: z.string(),
  caption: z.string().optional(),
}));
