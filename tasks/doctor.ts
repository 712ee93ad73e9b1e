/**
 * `deno task doctor`: prints what this machine has of all that mimkit needs, and for each thing
 * that is missing the one command that mends it. Exit status 1 if something needed is missing.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import mimkit from "../deno.json" with { type: "json" };
import {
  asSetupError,
  cacheFolder,
  checkDeno,
  checkNvidiaLibraries,
  findLibrary,
  instructionSets,
  openedVersion,
  processEnvironment,
  readNvidiaDriver,
  SetupError,
  type TensorFlowLibrary,
} from "../lib/engine/library/mod.ts";

/** One line of the report. */
interface Finding {
  readonly name: string;
  readonly state: "found" | "missing" | "missing but optional";
  readonly text: string;
  /** The command that mends it, where there is one. */
  readonly mend?: string;
}

const marks = { found: "✓", missing: "✗", "missing but optional": "–" } as const;

function found(name: string, text: string): Finding {
  return { name, state: "found", text };
}

function missing(name: string, text: string, mend?: string): Finding {
  return { name, state: "missing", text, ...(mend === undefined ? {} : { mend }) };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}

function deno(): Finding {
  const version = Deno.version.deno;
  try {
    checkDeno(version);
    return found("Deno", `${version} (${Deno.build.target})`);
  } catch (error) {
    return missing("Deno", message(error), "deno upgrade");
  }
}

/** How to get rid of an installation that is there but does not work. */
function reinstall(library: TensorFlowLibrary): string {
  return library.source === "MIMKIT_TENSORFLOW"
    ? "unset MIMKIT_TENSORFLOW && deno task setup"
    : `rm -r "${library.path.replace(/\/tensorflow\/[^/]+$/, "")}" && deno task setup`;
}

function tensorflow(): { library?: TensorFlowLibrary; findings: Finding[] } {
  let library: TensorFlowLibrary | undefined;
  try {
    library = findLibrary();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return { findings: [missing("TensorFlow", error.message)] };
  }
  if (library === undefined) {
    return { findings: [missing("TensorFlow", "not installed yet", "deno task setup")] };
  }
  try {
    const build = library.build === "gpu" ? "GPU build" : "CPU build";
    const text = `${
      openedVersion(library)
    }, ${build}, from ${library.source}: ${library.path}`;
    return { library, findings: [found("TensorFlow", text)] };
  } catch (error) {
    const findings = [missing("TensorFlow", message(error), reinstall(library))];
    return { library, findings };
  }
}

/** The processor, and NVIDIA's cards with the libraries that TensorFlow needs to use them. */
function devices(library: TensorFlowLibrary | undefined): Finding[] {
  const driver = readNvidiaDriver();
  const cards = driver?.cards ?? [];
  const findings = [
    found("Devices", ["CPU", ...cards.map((card) => card.name)].join(", ")),
    ...cards.map((card) =>
      found(
        "GPU",
        `${card.name}, ${gigabytes(card.memoryBytes)}, driver ${driver?.version}`,
      )
    ),
  ];
  if (library === undefined) return findings;
  if (cards.length > 0 && library.build === "cpu") {
    const idle = { name: "GPU", state: "missing but optional" } as const;
    findings.push(
      Deno.build.arch === "x86_64"
        ? {
          ...idle,
          text: "stays idle: this TensorFlow is built for the CPU alone",
          mend: "env -u MIMKIT_DEVICE -u MIMKIT_TENSORFLOW deno task setup",
        }
        : { ...idle, text: "stays idle: TensorFlow has CUDA only for x86_64" },
    );
  }
  const checks = checkNvidiaLibraries(library);
  for (const { name, failure } of checks.filter((check) => check.failure !== undefined)) {
    // The driver's own library is not in any wheel, and without a card nothing can bring it.
    const mend = name === "libcuda"
      ? "MIMKIT_DEVICE=cpu deno task setup"
      : reinstall(library);
    const hint = name === "libcuda" ? " (install NVIDIA's driver to use a GPU)" : "";
    findings.push(missing("NVIDIA", `${name} does not load: ${failure}${hint}`, mend));
  }
  if (checks.length > 0 && checks.every((check) => check.failure === undefined)) {
    findings.push(found("NVIDIA", `all ${checks.length} libraries load`));
  }
  return findings;
}

function processor(): Finding[] {
  const sets = instructionSets();
  const findings = [
    found("Cores", String(navigator.hardwareConcurrency)),
  ];
  // TensorFlow's wheels for x86_64 are compiled for AVX and die with "illegal instruction".
  if (Deno.build.arch === "x86_64" && !sets.includes("avx")) {
    const text = `${
      sets.join(" ") || "none known"
    }: TensorFlow's wheels need a processor with AVX`;
    return [...findings, missing("Instruction sets", text)];
  }
  return [...findings, found("Instruction sets", sets.join(" ") || "none known")];
}

function memory(): Finding {
  const { total, available } = Deno.systemMemoryInfo();
  return found("Memory", `${gigabytes(total)}, ${gigabytes(available)} available`);
}

/** The cache's disk: the nearest folder above that exists tells its free space. */
function disk(isInstalled: boolean): Finding {
  const cache = cacheFolder(processEnvironment);
  let folder = cache;
  while (!exists(folder)) folder = folder.replace(/\/[^/]*$/, "") || "/";
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${cache}, ${gigabytes(free)} free`;
  // A wheel of 0.3 GB and what is unpacked of it, 0.9 GB, are on the disk together.
  if (isInstalled || free > 1.2e9) return found("Cache", text);
  const mend = "MIMKIT_CACHE=/a/larger/disk deno task setup";
  return missing("Cache", `${text}: set-up needs 1.2 GB`, mend);
}

async function sharp(): Promise<Finding> {
  try {
    const { default: decoder } = await import("sharp");
    await decoder({ create: { width: 1, height: 1, channels: 3, background: "black" } })
      .png().toBuffer();
    return found("sharp", `${decoder.versions.sharp}, libvips ${decoder.versions.vips}`);
  } catch (error) {
    const reason = message(error).split("\n").find((line) => line !== "") ?? "";
    return missing("sharp", `images cannot be decoded: ${reason}`, "deno install");
  }
}

/** JupyterLab of the project's own environment or on the PATH, and Deno's kernel for it. */
function jupyter(): Finding {
  const project = new URL("../.venv", import.meta.url).pathname;
  const home = processEnvironment("HOME") ?? "";
  const folders = [`${project}/bin`, ...(processEnvironment("PATH") ?? "").split(":")];
  const command = folders.map((folder) => `${folder}/jupyter`).find(exists);
  const data = processEnvironment("JUPYTER_DATA_DIR") ??
    (Deno.build.os === "darwin"
      ? `${home}/Library/Jupyter`
      : `${home}/.local/share/jupyter`);
  const kernel = [`${project}/share/jupyter`, data, "/usr/local/share/jupyter"]
    .map((folder) => `${folder}/kernels/deno`).find(exists);
  if (command !== undefined && kernel !== undefined) {
    return found("Jupyter", `${command}, Deno's kernel in ${kernel}`);
  }
  const text = command === undefined
    ? "not installed"
    : `${command}, but not Deno's kernel`;
  return {
    name: "Jupyter",
    state: "missing but optional",
    text: `${text} (only notebooks need it)`,
    mend: "deno task notebook",
  };
}

function print(findings: readonly Finding[]): void {
  const width = Math.max(...findings.map((finding) => finding.name.length));
  for (const { name, state, text, mend } of findings) {
    console.log(`${marks[state]} ${name.padEnd(width)}  ${text}`);
    if (mend !== undefined) console.log(`  ${" ".repeat(width)}  mend it with: ${mend}`);
  }
}

async function examine(): Promise<Finding[]> {
  const { library, findings } = tensorflow();
  return [
    deno(),
    found("mimkit", mimkit.version),
    ...findings,
    ...devices(library),
    ...processor(),
    memory(),
    disk(library !== undefined),
    await sharp(),
    jupyter(),
  ];
}

try {
  const report = await examine();
  print(report);
  if (report.some((finding) => finding.state === "missing")) Deno.exit(1);
} catch (error) {
  console.error(asSetupError(error, "examining this machine").message);
  Deno.exit(1);
}
