/**
 * The list of files that makes an installation complete: it is written last, so a folder without
 * it, or with a file of another size, is known to be unfinished or damaged.
 *
 * @module
 */
import { z } from "zod";
import { isNotFound } from "./setup_error.ts";

const manifestSchema = z.object({
  tensorflow: z.string(),
  build: z.enum(["cpu", "gpu"]),
  wheels: z.array(z.object({
    file: z.string(),
    sha256: z.string(),
    url: z.string(),
    /** Bytes of each unpacked file, by its path in the installation. */
    files: z.record(z.string(), z.number()),
  })),
});

/** A wheel that was unpacked: where it came from and what was taken out of it. */
export type UnpackedWheel = Manifest["wheels"][number];

/** A complete installation. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The manifest's file name in an installation. */
export const manifestName = "mimkit-manifest.json";

/** Whether every file of `wheel` is in `folder` with its size. */
export function isIntact(folder: string, wheel: UnpackedWheel): boolean {
  return Object.entries(wheel.files).every(([name, size]) => {
    try {
      return Deno.statSync(`${folder}/${name}`).size === size;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  });
}

/** The manifest in `folder`, or undefined where it is missing, unreadable or not met. */
export function readManifest(folder: string): Manifest | undefined {
  let json: string;
  try {
    json = Deno.readTextFileSync(`${folder}/${manifestName}`);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = manifestSchema.safeParse(content);
  if (!parsed.success) return undefined;
  return parsed.data.wheels.every((wheel) => isIntact(folder, wheel))
    ? parsed.data
    : undefined;
}
