/** Small notebooks for the tests, written as scripts, in a folder of their own. */
import { join } from "node:path";
import { writeNotebook } from "../../tasks/notebook/format.ts";
import { notebookFromScript } from "../../tasks/notebook/script.ts";

/** A folder with notebooks in it; gone after `using` ends. */
export interface SampleFolder extends AsyncDisposable {
  readonly directory: string;
  /** Writes `name` as a notebook made of a percent script, returns its path. */
  add(name: string, script: string): Promise<string>;
}

/** Makes the folder, with `helper.ts` (`export const answer = 42`) and strict types. */
export async function sampleFolder(): Promise<SampleFolder> {
  const directory = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "mimkit-notebooks-" }),
  );
  await Deno.writeTextFile(join(directory, "helper.ts"), "export const answer = 42;\n");
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
  };
  await Deno.writeTextFile(
    join(directory, "deno.json"),
    JSON.stringify({ compilerOptions }),
  );
  return {
    directory,
    async add(name, script) {
      const path = join(directory, name);
      await writeNotebook(path, notebookFromScript(script));
      return path;
    },
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

/** Prose, an import, text, a picture that is updated, an assertion. */
export const GOOD_SCRIPT = `// %% [markdown]
// # A sample
// %%
import { answer } from "./helper.ts";
import assert from "node:assert/strict";
const scale = Deno.env.get("MIMKIT_NOTEBOOK_SCALE");
console.log("scale", scale);
answer
// %%
import { answer } from "./helper.ts";
const scale = answer / 2;
// 1 × 1 pixel
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
for (let step = 1; step <= 5; step++) {
  await Deno.jupyter.display(
    { "image/png": png, "text/plain": "step " + step },
    { raw: true, display_id: "progress", update: step > 1 },
  );
}
// %%
interface Pair { left: number; right: number }
const pair: Pair = { left: scale, right: 21 };
assert.equal(pair.left, pair.right);
`;
