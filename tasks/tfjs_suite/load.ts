/**
 * Loads tfjs-core's own test suite out of its npm package. The package holds the specs as ES modules
 * without file extensions, which no run time reads as they are, so each is turned into a CommonJS
 * module on the way in.
 *
 * @module
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { statSync } from "node:fs";
import { transform } from "sucrase";

type Exports = Record<string, unknown>;

/** Where the packages lie whose data and specs the suite reads. */
export interface Packages {
  /** `dist` of tfjs-core, with the specs. */
  core: string;
  /** The script with which tfjs-node runs them, with its ignore list. */
  nodeRunner: string;
}

/** Finds the packages that the engine itself runs on. */
export function findPackages(): Packages {
  const here = createRequire(import.meta.url);
  const tfjs = createRequire(here.resolve("@tensorflow/tfjs"));
  const backend = here.resolve("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
  return {
    core: dirname(tfjs.resolve("@tensorflow/tfjs-core")),
    nodeRunner: join(dirname(backend), "run_tests.js"),
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function resolveRelative(importer: string, specifier: string): string {
  const base = join(dirname(importer), specifier);
  const found = [`${base}.js`, base, join(base, "index.js")].find(isFile);
  if (found === undefined) {
    throw new Error(`${importer} imports ${specifier}, which is missing`);
  }
  return found;
}

/** A loader of modules in `folder` that share one cache. */
function moduleLoader(folder: string, jasmine: unknown): (path: string) => Exports {
  const loaded = new Map<string, { exports: Exports }>();
  const outside = createRequire(join(folder, "index.js"));

  function load(path: string): Exports {
    const known = loaded.get(path);
    if (known !== undefined) return known.exports;
    const module = { exports: {} as Exports };
    loaded.set(path, module);
    const require = (specifier: string): unknown => {
      // The suite asks for a jasmine of its own only to set a time limit on it.
      if (specifier.startsWith("jasmine-core")) return { core: () => jasmine };
      return specifier.startsWith(".")
        ? load(resolveRelative(path, specifier))
        : outside(specifier);
    };
    require.resolve = outside.resolve;
    const source = Deno.readTextFileSync(path).replace(
      /\n\/\/# sourceMappingURL=.*$/m,
      "",
    );
    const { code } = transform(source, {
      transforms: ["imports"],
      disableESTransforms: true,
      preserveDynamicImport: true,
    });
    const body = new Function(
      "exports",
      "module",
      "require",
      `${code}\n//# sourceURL=${path}`,
    );
    body(module.exports, module, require);
    return module.exports;
  }
  return load;
}

/** The environment's name in the full name of every spec that needs a backend. */
export const environmentName = "test-tensorflow";

/** Declares every spec of tfjs-core to jasmine, whose functions must be global by now. */
export function loadSpecs(core: string, jasmine: unknown): void {
  const load = moduleLoader(core, jasmine);
  load(join(core, "public/chained_ops/register_all_chained_ops.js"));
  load(join(core, "register_all_gradients.js"));
  const { setTestEnvs } = load(join(core, "jasmine_util.js")) as {
    setTestEnvs(environments: unknown[]): void;
  };
  setTestEnvs([{
    name: environmentName,
    backendName: "tensorflow",
    flags: {},
    isDataSync: true,
  }]);
  load(join(core, "tests.js"));
}

/** The parts of spec names that tfjs-node's own runner leaves out. */
export function readIgnoreList(nodeRunner: string): string[] {
  const script = Deno.readTextFileSync(nodeRunner);
  const list = script.match(/IGNORE_LIST = \[\n([\s\S]*?)\n\];/)?.[1];
  if (list === undefined) throw new Error(`${nodeRunner} has no ignore list any more`);
  const lines = list.split("\n").filter((line) => !line.trim().startsWith("//"));
  return lines.flatMap((line) => line.match(/^\s*'(.*)',?$/)?.[1] ?? []);
}
