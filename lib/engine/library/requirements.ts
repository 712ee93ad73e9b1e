/**
 * Reads from a wheel's METADATA which other projects one of its extras asks for: TensorFlow names
 * NVIDIA's wheels, and the releases that it works with, in the extra `and-cuda`.
 *
 * @module
 */
import { normalizedProject } from "./wheel_name.ts";

/** A project and the releases of it that will do. */
export interface Requirement {
  readonly project: string;
  /** A PEP 440 range such as "<13.0,>=12.5.82"; "" for any release. */
  readonly range: string;
}

/**
 * The requirements of `extra` in the text of a METADATA file (PEP 345, PEP 508).
 *
 * @example
 * ```ts
 * import { readExtra } from "./requirements.ts";
 *
 * const line = 'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3; extra == "and-cuda"';
 * console.log(readExtra(line, "and-cuda")); // [{ project: "nvidia-cudnn-cu12", range: "<10.0,>=9.3" }]
 * ```
 */
export function readExtra(metadata: string, extra: string): Requirement[] {
  const found: Requirement[] = [];
  for (const line of metadata.split(/\r?\n/)) {
    if (line === "") break; // what follows the first empty line is the description
    const requirement = line.match(
      /^Requires-Dist:\s*([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*\(?([^;)]*)\)?\s*;(.*)$/,
    );
    const marker = requirement?.[3]?.match(/extra\s*==\s*['"]([^'"]+)['"]/)?.[1];
    if (requirement === null || marker !== extra) continue;
    found.push({
      project: normalizedProject(requirement[1] ?? ""),
      range: (requirement[2] ?? "").trim(),
    });
  }
  return found;
}
