/**
 * `deno task models [NAME|WORDS]`: the models whose weights were released.
 *
 * @module
 */
import { type Flag, helpText, readArguments, runTask } from "./arguments.ts";

const flags = {
  json: { kind: "switch", help: "Everything that is known of them, as JSON" },
} satisfies Record<string, Flag>;

async function main(): Promise<number> {
  const { values, positionals, help } = readArguments(Deno.args, flags);
  if (help) {
    console.log(
      helpText(
        'deno task models [NAME, or words or a pattern such as "*mixmim*"]',
        flags,
      ),
    );
    return 0;
  }
  const { showModels } = await import("./zoo/models.ts");
  return await showModels({ words: positionals, ...values });
}

if (import.meta.main) await runTask(main);
