/**
 * `deno task bench [GROUP…] [--against torch] [--repeats N] [--json FILE]`: measures this kit, and
 * its peers beside it, on this machine. Exit status 0 whatever the numbers are.
 *
 * @module
 */
import { runTask } from "./arguments.ts";
import { benchHelp, readBenchRequest } from "./bench/flags.ts";
import { runBenchmark } from "./bench/run.ts";

async function main(): Promise<number> {
  const request = readBenchRequest(Deno.args);
  if (request.help) {
    console.log(benchHelp());
    return 0;
  }
  const { json } = request.flags;
  // Before minutes of measuring, not after.
  if (json !== "") await Deno.writeTextFile(json, "", { append: true });
  const benchmark = await runBenchmark(request, {
    print: (text) => console.log(text),
    log: (line) => console.error(`  ${line}`),
  });
  if (json !== "") {
    await Deno.writeTextFile(json, JSON.stringify(benchmark, null, 2) + "\n");
    console.log(`All samples: ${json}`);
  }
  return 0;
}

await runTask(main);
