/**
 * One case of the proof: a library's files are loaded here and computed with, written again under
 * the library's names and under the other library's, and loaded and computed with there.
 *
 * @module
 */
import { openCheckpoint } from "../../../lib/zoo/checkpoint_file.ts";
import { convertCheckpoint } from "../../../lib/zoo/convert.ts";
import type { Project } from "../../../lib/zoo/namings.ts";
import { projects, type ProofCase } from "./case.ts";
import { faultOf, spreadFault } from "./differences.ts";
import { differencesHere } from "./kit_outputs.ts";
import type { Libraries, MadeFile } from "./library.ts";

/** What was found of a file, or of one that was made of it. */
export interface ProofRow {
  model: string;
  file: string;
  megabytes: number;
  /** What was done with it. */
  way: string;
  /** The greatest difference of each output; empty where nothing was computed. */
  differences: Record<string, number>;
  /** Why it is not as it must be. */
  fault?: string | undefined;
}

interface Step {
  way: string;
  run(): Promise<Record<string, number>>;
}

async function writeAgain(
  file: MadeFile,
  project: Project,
  format: "pth" | "safetensors",
): Promise<string> {
  // A folder for each: what a library loads lies beside its configuration.
  const folder = await Deno.makeTempDir({ dir: file.path.replace(/\/[^/]*$/, "") });
  const path = `${folder}/model.${format}`;
  await convertCheckpoint(file.path, path, { to: project });
  return path;
}

/** @throws {Error} with the first tensors that came back as others. */
async function requireSame(
  libraries: Libraries,
  model: ProofCase,
  path: string,
  other: string,
): Promise<void> {
  if (model.isSavedOtherwise) return;
  const different = await libraries.different(model, path, other);
  if (different.length === 0) return;
  const first = different.slice(0, 3).join(", ");
  throw new Error(`${different.length} tensors came back as others: ${first}`);
}

function stepsOf(
  model: ProofCase,
  twin: ProofCase | undefined,
  file: MadeFile,
  libraries: Libraries,
): Step[] {
  const project = projects[model.library];
  const formats = model.size === "small" ? ["pth", "safetensors"] as const : [
    file.name.endsWith(".pth") ? "pth" : "safetensors",
  ] as const;
  const back = formats.map((format): Step => ({
    way: `back to ${model.library}, .${format}`,
    async run() {
      const path = await writeAgain(file, project, format);
      await requireSame(libraries, model, file.path, path);
      return await libraries.check(model, path, file.expected);
    },
  }));
  const over = twin === undefined ? [] : [{
    way: `over to ${twin.library}`,
    async run() {
      const path = await writeAgain(file, projects[twin.library], "safetensors");
      return await libraries.check(twin, path, file.expected);
    },
  }];
  const again: Step = {
    way: "here, by our own names",
    async run() {
      const path = await writeAgain(file, model.own, "safetensors");
      return await differencesHere(model, path, file.expected, [model.own]);
    },
  };
  return [
    {
      way: "here",
      // timm's names of a ViT are the kit's.
      run: () => differencesHere(model, file.path, file.expected, [project, model.own]),
    },
    ...(model.size === "small" ? [again] : []),
    ...back,
    ...over,
  ];
}

async function rowOf(
  step: Step,
  model: ProofCase,
  file: MadeFile,
): Promise<ProofRow> {
  const { way, run } = step;
  const row = {
    ...{ model: model.name, file: file.name, megabytes: file.bytes / 1e6, way },
  };
  try {
    const differences = await run();
    return { ...row, differences, fault: faultOf(differences) };
  } catch (error) {
    return { ...row, differences: {}, fault: (error as Error).message };
  }
}

/** Makes a case's files in a folder, and goes all ways with each of them. */
export async function runCase(
  model: ProofCase,
  { cases, libraries, folder, seed = 1 }: {
    cases: readonly ProofCase[];
    libraries: Libraries;
    folder: string;
    seed?: number;
  },
): Promise<ProofRow[]> {
  const twin = cases.find(({ name }) => name === model.twin);
  if (model.twin !== undefined && twin === undefined) {
    throw new Error(`There is no case "${model.twin}", the twin of ${model.name}`);
  }
  const rows: ProofRow[] = [];
  for (const file of await libraries.make(model, folder, seed)) {
    using checkpoint = await openCheckpoint(file.path);
    if (checkpoint.entries.size !== file.tensors) {
      throw new Error(
        `${file.path} has ${file.tensors} tensors, ${checkpoint.entries.size} were seen here`,
      );
    }
    const alike = spreadFault(file.spread);
    if (alike !== undefined) throw new Error(`${file.path} shows nothing: ${alike}`);
    for (const step of stepsOf(model, twin, file, libraries)) {
      rows.push(await rowOf(step, model, file));
    }
  }
  return rows;
}
