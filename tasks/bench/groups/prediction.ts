/**
 * The group `prediction`: from the start of `deno task predict` to its end, with a picture and a
 * ViT-B/16 whose weights are on the disk, as somebody waits for it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { GroupContext } from "../group.ts";
import { photographFile } from "../photographs.ts";
import type { GroupResult, Measurement } from "../results.ts";
import { spreadOf } from "../statistics.ts";
import { runLoadChild } from "./load.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const model = "vit-base-p16_milan-pre_8xb128-coslr-100e_in1k";
const limitSeconds = 4;

async function predictOnce(weights: string, picture: string): Promise<number> {
  const started = performance.now();
  // By its name: the permission to run is given for that.
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["task", "predict", model, picture, "--weights", weights, "--json"],
    cwd: root,
    stdin: "null",
  }).output();
  const seconds = (performance.now() - started) / 1000;
  const lastLine = (bytes: Uint8Array): string =>
    new TextDecoder().decode(bytes).trim().split("\n").at(-1)!;
  if (!success) throw new Error(`deno task predict failed: ${lastLine(stderr)}`);
  const said = lastLine(stdout);
  if (!said.startsWith("{")) throw new Error(`deno task predict said "${said}", no JSON`);
  return seconds;
}

/** Seconds from the start of a process to its prediction. */
export async function measurePrediction(
  { flags, log }: GroupContext,
): Promise<GroupResult> {
  const folder = await Deno.makeTempDir({ prefix: "mimkit-bench-" });
  try {
    const weights = `${folder}/weights.pth`;
    log("writing the weights");
    await runLoadChild(weights, "write");
    const picture = `${folder}/photograph.jpg`;
    await Deno.writeFile(picture, await photographFile(0));
    await predictOnce(weights, picture); // the disk's cache, and Deno's own of transpiled files
    const total: Measurement = { contender: "deno task predict", unit: "s", samples: [] };
    for (let repeat = 0; repeat < flags.repeats; repeat++) {
      total.samples.push(await predictOnce(weights, picture));
      log(`round ${repeat + 1} of ${flags.repeats}`);
    }
    return {
      group: "prediction",
      title: "a new process that classifies one photograph with a ViT-B/16, .pth",
      settings: { model },
      measurements: [total],
      targets: [{
        text: "process start to the first prediction, warm cache",
        better: "below",
        limit: limitSeconds,
        value: spreadOf(total.samples).median,
        unit: "s",
      }],
      notes: ["the whole of deno task predict, its look for TensorFlow included"],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
