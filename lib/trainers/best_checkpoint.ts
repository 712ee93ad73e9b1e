/**
 * Which checkpoint of a phase is the best, by a number that an evaluation gives.
 *
 * @module
 */

/** The best checkpoint so far. */
export interface BestCheckpoint {
  step: number;
  metric: string;
  value: number;
}

/** The metric by which a checkpoint is the best. */
export interface BestChoice {
  /** A name among what the job's evaluation gives. */
  metric: string;
  better: "higher" | "lower";
}

/** The best as JSON, if it is that. */
export function parseBest(text: string): BestCheckpoint | undefined {
  try {
    const { step, metric, value } = JSON.parse(text);
    const isBest = Number.isInteger(step) && typeof metric === "string" &&
      typeof value === "number";
    return isBest ? { step, metric, value } : undefined;
  } catch {
    return undefined; // it is in the checkpoints too
  }
}

/** The best that a file names. */
export async function readBest(path: string): Promise<BestCheckpoint | undefined> {
  try {
    return parseBest(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
}

/** The best checkpoint so far, with a step that may be it. */
export function bestOf(
  choice: BestChoice | undefined,
  measured: Record<string, number>,
  step: number,
  before: BestCheckpoint | undefined,
): BestCheckpoint | undefined {
  if (choice === undefined) return before;
  const { metric, better } = choice;
  const value = measured[metric];
  if (value === undefined) {
    throw new Error(
      `The best checkpoint is to be the one with the ${better} ${metric}, but the evaluation ` +
        `gives ${Object.keys(measured).join(", ") || "nothing"}`,
    );
  }
  const isBetter = before?.metric !== metric ||
    (better === "higher" ? value > before.value : value < before.value);
  return isBetter ? { step, metric, value } : before;
}
