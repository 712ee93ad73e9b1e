/**
 * `deno task test:torch [--full] [--only NAME] [--prepare]`: the proof that checkpoints of PyTorch's libraries
 * mean here what they mean there, and back, with those libraries in an environment of its own.
 * Exits with 1 when anything differs.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Flag, helpText, readArguments, refuseRest, runTask } from "./arguments.ts";
import { preparePython } from "./bench/python_environment.ts";
import { testConfiguration } from "./offline.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const folder = `${root}.cache/torch-python`;

const flags = {
  full: { kind: "switch", help: "Every model at full size: some fifteen minutes." },
  prepare: { kind: "switch", help: "Makes the environment, and proves nothing." },
  only: { kind: "text", default: "", help: "Only what has this in its name." },
} as const satisfies Record<string, Flag>;

const usage = "Usage: deno task test:torch [--full] [--only NAME] [--prepare]";

const permissions = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-ffi",
  "--allow-sys",
  "--allow-run",
];

/** The files of every kind that tests/zoo/torch_roundtrip.py makes, in a process of their own. */
async function testFiles(python: string): Promise<boolean> {
  const file = "tests/zoo/torch_roundtrip_test.ts";
  const configuration = await testConfiguration();
  // By its name: the permission to run is given for that.
  const child = new Deno.Command("deno", {
    args: ["test", "--quiet", "--config", configuration, ...permissions, file],
    cwd: root,
    env: { MIMKIT_TORCH_PYTHON: python },
  }).spawn();
  return (await child.status).success;
}

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText(usage, flags));
    return 0;
  }
  refuseRest(positionals);
  // Loaded here, so that --help and a wrong flag need not wait for TensorFlow.
  const proof = await import("../tests/zoo/proof/mod.ts");
  const log = (line: string) => console.error(`  ${line}`);
  const python = await preparePython(proof.requirements, {
    ...{ log, folder, purpose: { who: "deno task test:torch" } },
  });
  if (values.prepare) return 0;
  const { full: isFull, only } = values;
  const options = { isFull, only, log };
  const filesPass = only !== "" || await testFiles(python);

  await using libraries = await proof.openLibraries(python);
  const versions = Object.entries(libraries.versions).map((pair) => pair.join(" "));
  console.log(`With ${versions.join(", ")}`);
  const rows = await proof.proveCases(libraries, options);
  if (rows.length > 0) console.log(`\n${proof.renderProof(rows)}\n`);
  const manifests = await proof.proveManifests(options);
  if (manifests.length > 0) console.log(`\n${proof.renderManifests(manifests)}\n`);

  const faults = proof.faultsOf(rows, manifests);
  if (!filesPass) faults.unshift("tests/zoo/torch_roundtrip_test.ts failed: see above");
  const total = rows.length + manifests.length;
  if (total === 0) throw new Error(`Nothing has "${only}" in its name`);
  for (const fault of faults) console.log(fault);
  console.log(
    faults.length === 0
      ? `${total} checks, all passed`
      : `${total} checks, ${faults.length} failed`,
  );
  return faults.length === 0 ? 0 : 1;
}

await runTask(main);
