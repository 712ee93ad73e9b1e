/**
 * `deno task complexity [MODEL…]`: counts parameters and FLOPs of the models of full size, and sets
 * them beside the published ones.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask } from "./arguments.ts";

const flags = {
  json: { kind: "switch", help: "Prints JSON, with the FLOPs of each operator" },
} satisfies Record<string, Flag>;

const usage = `deno task complexity [MODEL…] [flags]

Without a MODEL, all of them.`;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(helpText(usage, flags));
    return 0;
  }
  // TensorFlow is loaded only now, so that --help and wrong flags are answered at once.
  const { measure } = await import("./complexity/measure.ts");
  const { renderComplexity } = await import("./complexity/table.ts");
  const measured = measure(positionals);
  console.log(
    values.json ? JSON.stringify(measured, null, 2) : renderComplexity(measured),
  );
  return 0;
}

if (import.meta.main) await runTask(main);
