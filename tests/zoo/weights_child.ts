/**
 * Fetches a file of weights in a process of its own: address, cache and sha256 are its arguments.
 *
 * @module
 */
import { weightsFile } from "../../lib/zoo/download/weights_file.ts";
import { into, modelAt } from "./weights_server.ts";

const [url = "", cache = "", hex = ""] = Deno.args;
const path = await weightsFile(modelAt(url, { algorithm: "sha256", hex }), {
  ...into(cache),
  progress: ({ step }) => console.log(step),
});
console.log(path);
