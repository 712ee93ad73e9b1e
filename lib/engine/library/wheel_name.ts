/**
 * Which wheels fit a machine, told from their file names (PEP 427, PEP 600): mimkit takes only C
 * libraries out of a wheel, so the version of Python in the name does not matter.
 *
 * @module
 */
import { isAtLeast, type Target } from "./machine.ts";

/** The parts of a wheel's file name that matter here. */
export interface WheelName {
  /** Normalized: lower case, `-` between words. */
  readonly project: string;
  readonly version: string;
  /** Platform tags such as "manylinux_2_27_x86_64". */
  readonly platforms: readonly string[];
}

/** A project's name as indexes spell it in addresses (PEP 503). */
export function normalizedProject(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** Reads a wheel's file name; undefined if it is not one. */
export function parseWheelName(file: string): WheelName | undefined {
  if (!file.endsWith(".whl")) return undefined;
  const parts = file.slice(0, -".whl".length).split("-");
  const [project, version] = parts;
  const platforms = parts.at(-1);
  if (parts.length < 5 || parts.length > 6) return undefined;
  if (project === undefined || version === undefined || platforms === undefined) {
    return undefined;
  }
  return {
    project: normalizedProject(project),
    version,
    platforms: platforms.split("."),
  };
}

// glibc that the tags from before PEP 600 stand for.
const olderTags: Readonly<Record<string, [number, number]>> = {
  manylinux1: [2, 5],
  manylinux2010: [2, 12],
  manylinux2014: [2, 17],
};

function oldestGlibc(platform: string): [number, number] | undefined {
  const tag = platform.match(/^manylinux_(\d+)_(\d+)_/);
  if (tag) return [Number(tag[1]), Number(tag[2])];
  return olderTags[platform.split("_")[0] ?? ""];
}

/** Whether a wheel with these platform tags runs on the target. */
export function fits(platforms: readonly string[], target: Target): boolean {
  if (target.os === "darwin") {
    return platforms.some((tag) => /^macosx_.*_(arm64|universal2)$/.test(tag));
  }
  return platforms.some((tag) => {
    const glibc = oldestGlibc(tag);
    return glibc !== undefined && tag.endsWith(`_${target.arch}`) &&
      isAtLeast(target.glibc, glibc);
  });
}
