/**
 * A trained CLIP in a file, to be a teacher.
 *
 * @module
 */
import { explainWriting, writeAtomically } from "../../lib/runs/mod.ts";
import type { SpeakingClip } from "../../lib/trainers/zero_shot.ts";
import { saveClip } from "../../lib/zoo/clip.ts";

/** Saves the CLIP for `loadClip`, and its words beside it. */
export async function saveTeacher(
  folder: string,
  clip: SpeakingClip,
  data: string,
): Promise<void> {
  const path = `${folder}/clip.safetensors`;
  const { configuration: { vision, text }, parameters, tokenizer } = clip;
  try {
    await saveClip(path, { vision, text, parameters }, { "mimkit.dataset": data });
  } catch (error) {
    throw explainWriting(error, path);
  }
  await writeAtomically(`${folder}/tokenizer.json`, JSON.stringify(tokenizer) + "\n");
}
