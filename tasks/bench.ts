/**
 * `deno task bench [GROUP…] [--against torch] [--repeats N] [--json FILE]`: measures this kit, and
 * its peers beside it, on this machine. Exit status 0 whatever the numbers are.
 *
 * @module
 */
import { runTask, UsageError } from "./arguments.ts";
import { benchHelp, readBenchRequest } from "./bench/flags.ts";
import { runBenchmark } from "./bench/run.ts";

/** Before minutes of measuring, not after; what is in the file stays until there is better. */
async function requireWritable(path: string): Promise<void> {
  const isThere = await Deno.stat(path).then(() => true).catch(() => false);
  try {
    await Deno.writeTextFile(path, "", { append: true });
    if (!isThere) await Deno.remove(path);
  } catch (error) {
    const reason = (error as Error).message.split(":")[0];
    throw new UsageError(
      `--json ${path} cannot be written (${reason}): name another file`,
    );
  }
}

async function main(): Promise<number> {
  const request = readBenchRequest(Deno.args);
  if (request.help) {
    console.log(benchHelp());
    return 0;
  }
  const { json } = request.flags;
  if (json !== "") await requireWritable(json);
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
