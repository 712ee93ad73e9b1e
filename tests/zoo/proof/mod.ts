/**
 * The proof that checkpoints of other libraries mean here what they mean there, without any released
 * weights: random ones, written and computed with by the libraries themselves.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { manifestNames } from "../../manifests/manifest.ts";
import type { ProofCase } from "./case.ts";
import { fullCases } from "./full_cases.ts";
import { type Libraries, openLibraries } from "./library.ts";
import { manifestBytes, type ManifestRow, proveManifest } from "./manifest_files.ts";
import { type ProofRow, runCase } from "./run_case.ts";
import { smallCases } from "./small_cases.ts";

export { openLibraries };
export type { Libraries, ManifestRow, ProofRow };
export { faultsOf, renderManifests, renderProof } from "./report.ts";

/** Packages of Python that the proof needs, in pip's spelling. */
export const requirements = [
  "torch==2.13.0",
  "transformers==5.23.0",
  "safetensors",
  "numpy",
  "pillow",
  // It asks for torchvision, of which it needs nothing here; see python/torchvision_stand_in.py.
  { alone: "timm==1.0.31" },
] as const;

/** All cases. */
export const proofCases: readonly ProofCase[] = [...smallCases, ...fullCases];

/**
 * Layouts that only large files have; beside them every run takes what is below
 * {@linkcode quickBytes}.
 */
const largeLayouts = [
  "mae-official-pretrain-vit-base-p16",
  "milan-mmpretrain-linprobe-vit-base-p16",
  "milan-mmpretrain-pretrain-vit-base-p16",
  "mixmim-base-classifier",
  "mmpretrain-mixmim-base-pretrain",
];
const quickBytes = 130e6;

/** What to prove. */
export interface ProofOptions {
  /** Everything, at full size. */
  isFull: boolean;
  /** Only what has this in its name. */
  only: string;
  log: (line: string) => void;
}

/** Where large files go: beside the project's files, and not into memory. */
async function temporaryFolder(): Promise<string> {
  const dir = fileURLToPath(new URL("../../../.cache", import.meta.url));
  await Deno.mkdir(dir, { recursive: true });
  return await Deno.makeTempDir({ dir, prefix: "proof-" });
}

/** Goes through the cases with the reference libraries. */
export async function proveCases(
  libraries: Libraries,
  { isFull, only, log }: ProofOptions,
): Promise<ProofRow[]> {
  const rows: ProofRow[] = [];
  for (const model of proofCases) {
    if (!model.name.includes(only) || (model.isLong && !isFull)) continue;
    log(model.name);
    const folder = await temporaryFolder();
    try {
      rows.push(...await runCase(model, { cases: proofCases, libraries, folder }));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  return rows;
}

/** Goes through the lists of parameters. */
export async function proveManifests(
  { isFull, only, log }: ProofOptions,
): Promise<ManifestRow[]> {
  const rows: ManifestRow[] = [];
  const folder = await temporaryFolder();
  try {
    for (const name of await manifestNames()) {
      if (!name.includes(only)) continue;
      const isWanted = isFull || largeLayouts.includes(name) ||
        await manifestBytes(name) <= quickBytes;
      if (!isWanted) continue;
      log(name);
      rows.push(await proveManifest(name, folder));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return rows;
}
