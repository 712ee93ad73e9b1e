/**
 * A trained CLIP in a file, to be a teacher.
 *
 * @module
 */
import { explainWriting, writeAtomically } from "../../lib/runs/mod.ts";
import type { PixelStatistics } from "../../lib/methods/teacher.ts";
import type { SpeakingClip } from "../../lib/trainers/zero_shot.ts";
import { saveClip } from "../../lib/zoo/clip.ts";

/** What a CLIP was trained on. */
export interface TeacherData extends PixelStatistics {
  fingerprint: string;
}

/** Where a run folder has its CLIP. */
export function clipPath(folder: string): string {
  return `${folder}/clip.safetensors`;
}

/** Saves the CLIP for `loadClip`, and its words beside it. */
export async function saveTeacher(
  folder: string,
  clip: SpeakingClip,
  { fingerprint, mean, std }: TeacherData,
): Promise<void> {
  const path = clipPath(folder);
  const { configuration: { vision, text }, parameters, tokenizer } = clip;
  // The words first: where the CLIP is, all of it is.
  await writeAtomically(`${folder}/tokenizer.json`, JSON.stringify(tokenizer) + "\n");
  try {
    await saveClip(path, { vision, text, parameters }, {
      "mimkit.dataset": fingerprint,
      "mimkit.mean": mean.join(),
      "mimkit.std": std.join(),
    });
  } catch (error) {
    throw explainWriting(error, path);
  }
}

/** How the images of a CLIP of ours were normalised; of others nothing is known. */
export function statisticsIn(
  metadata: Readonly<Record<string, unknown>>,
): PixelStatistics | undefined {
  const [mean, std] = ["mimkit.mean", "mimkit.std"].map((name) => {
    const text = metadata[name];
    return typeof text === "string" ? text.split(",").map(Number) : undefined;
  });
  return mean === undefined || std === undefined ? undefined : { mean, std };
}
