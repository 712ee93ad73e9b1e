/**
 * The machine as far as it decides which TensorFlow runs on it: system, processor, C library and
 * NVIDIA card, and what to say where there is none.
 *
 * @module
 */
import type { Environment } from "./environment.ts";
import { countNvidiaCards } from "./nvidia_cards.ts";
import { SetupError } from "./setup_error.ts";
import { type TensorFlowBuild, tensorflowVersion } from "./tensorflow_library.ts";

/** The C library of a Linux system. */
export type CLibrary =
  | { readonly kind: "glibc"; readonly version: string }
  | { readonly kind: "other" };

/** What decides which wheel fits. */
export interface Machine {
  /** Deno's own names: "linux", "darwin", "windows" … */
  readonly os: string;
  /** Deno's own names: "x86_64", "aarch64". */
  readonly arch: string;
  /** Deno's version, such as "2.9.6". */
  readonly deno: string;
  /** Asked only on Linux. */
  readonly cLibrary: () => CLibrary;
  /** How many NVIDIA cards there are; asked only where a GPU build exists. */
  readonly nvidiaCards: () => number;
}

/** A wheel's platform: the system, the processor, and the build that was chosen. */
export interface Target {
  readonly os: "linux" | "darwin";
  readonly arch: "x86_64" | "aarch64";
  readonly build: TensorFlowBuild;
  /** The system's glibc, "" on macOS. */
  readonly glibc: string;
}

// The kernels of Deno 2.9's FFI and file locks are what the engine was written for.
const oldestDeno = [2, 9] as const;
// The tag of TensorFlow's wheels, manylinux_2_27.
const oldestGlibc = [2, 27] as const;

const ownLibrary = "set MIMKIT_TENSORFLOW to a libtensorflow_cc of your own";

function numbers(version: string): [number, number] {
  const [major, minor] = version.split(".").map((part) => Number.parseInt(part, 10));
  return [major ?? 0, minor ?? 0];
}

/** Whether `version` ("2.36") is at least `oldest`, by its first two numbers. */
export function isAtLeast(version: string, oldest: readonly [number, number]): boolean {
  const [major, minor] = numbers(version);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

function cLibrary(): CLibrary {
  try {
    const libc = Deno.dlopen("libc.so.6", {
      gnu_get_libc_version: { parameters: [], result: "pointer" },
    });
    const version = libc.symbols.gnu_get_libc_version();
    if (version === null) return { kind: "other" };
    return { kind: "glibc", version: Deno.UnsafePointerView.getCString(version) };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return { kind: "other" };
  }
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    os: Deno.build.os,
    arch: Deno.build.arch,
    deno: Deno.version.deno,
    cLibrary,
    nvidiaCards: countNvidiaCards,
  };
}

/** A one-sentence error unless this Deno is new enough for mimkit. */
export function checkDeno(version: string): void {
  if (isAtLeast(version, oldestDeno)) return;
  throw new SetupError(
    `mimkit needs Deno ${oldestDeno.join(".")} or newer, and this is Deno ${version}: ` +
      "run `deno upgrade`, or put `npx -y deno@2.9.6` in place of `deno`.",
  );
}

function chooseBuild(machine: Machine, environment: Environment): TensorFlowBuild {
  const wish = environment("MIMKIT_DEVICE");
  if (wish === "cpu" || wish === "gpu") return wish;
  if (wish !== undefined) {
    throw new SetupError(
      `MIMKIT_DEVICE is "${wish}": set it to "cpu" or "gpu", or unset it.`,
    );
  }
  // Only the x86_64 wheel for Linux holds CUDA kernels (those for aarch64 and macOS have none).
  const canHaveCard = machine.os === "linux" && machine.arch === "x86_64";
  return canHaveCard && machine.nvidiaCards() > 0 ? "gpu" : "cpu";
}

/**
 * Which TensorFlow fits this machine. `MIMKIT_DEVICE` ("cpu" or "gpu") overrides the search for
 * an NVIDIA card. A machine for which there is no wheel is an error that says what is supported.
 */
export function chooseTarget(machine: Machine, environment: Environment): Target {
  const { os, arch } = machine;
  const supported = (os === "linux" && (arch === "x86_64" || arch === "aarch64")) ||
    (os === "darwin" && arch === "aarch64");
  if (!supported || (os !== "linux" && os !== "darwin")) {
    throw new SetupError(
      `There is no TensorFlow ${tensorflowVersion} for ${os} on ${arch}: mimkit runs on Linux ` +
        `(x86_64, aarch64; on Windows inside WSL 2) and on macOS (arm64); elsewhere, ${ownLibrary}.`,
    );
  }
  const build = chooseBuild(machine, environment);
  if (build === "gpu" && (os !== "linux" || arch !== "x86_64")) {
    throw new SetupError(
      `MIMKIT_DEVICE is "gpu", but TensorFlow ${tensorflowVersion} has CUDA only for Linux on ` +
        `x86_64, not for ${os} on ${arch}: unset MIMKIT_DEVICE, or ${ownLibrary}.`,
    );
  }
  return { os, arch: arch as Target["arch"], build, glibc: glibcOf(machine) };
}

function glibcOf(machine: Machine): string {
  if (machine.os !== "linux") return "";
  const found = machine.cLibrary();
  if (found.kind === "other") {
    throw new SetupError(
      "TensorFlow's wheels need the GNU C library, and this Linux has another one (musl, as on " +
        `Alpine): use a Debian, Ubuntu or Fedora system or image, or ${ownLibrary}.`,
    );
  }
  if (!isAtLeast(found.version, oldestGlibc)) {
    throw new SetupError(
      `TensorFlow ${tensorflowVersion} needs glibc ${
        oldestGlibc.join(".")
      } or newer, and this ` +
        `system has ${found.version}: use a newer system or image, or ${ownLibrary}.`,
    );
  }
  return found.version;
}
