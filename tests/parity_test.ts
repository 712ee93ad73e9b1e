import { assert, assertEquals } from "@std/assert";
import { kinds } from "./parity/kinds/mod.ts";
import { readCase } from "./parity/golden_case.ts";
import { describeCase } from "./parity/report.ts";
import { findCases, runCase } from "./parity/runner.ts";

const fixtures = new URL("fixtures", import.meta.url).pathname;

Deno.test("mimkit agrees with the original implementations", async (t) => {
  let ran = 0;
  for (const folder of await findCases(fixtures)) {
    const golden = await readCase(folder);
    if (!Object.hasOwn(kinds, golden.kind)) continue;
    ran++;
    await t.step(golden.name, async () => {
      const result = await runCase(golden, kinds);
      assertEquals(result.outcome, "passed", describeCase(result));
    });
  }
  assert(
    ran >= Object.keys(kinds).length,
    `${ran} cases for ${Object.keys(kinds).length} kinds`,
  );
});

async function parity(
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--cached-only"],
      ...["--allow-read", "--allow-env", "--allow-ffi"],
      ...["tasks/parity.ts", ...args],
    ],
    cwd: new URL("..", import.meta.url),
  });
  const { code, stdout, stderr } = await command.output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trim();
  return { code, out: decode(stdout), err: decode(stderr) };
}

Deno.test("deno task parity runs one case and counts", async () => {
  const { code, out } = await parity("--case", "cosine-schedule");
  assertEquals(out.split("\n").at(-1), "1 passed, 0 failed, 0 skipped");
  assertEquals(code, 0);
});

Deno.test("deno task parity fails with one sentence", async (t) => {
  const wrong: [string[], string][] = [
    [
      ["--fixtures", "nowhere"],
      "nowhere does not exist: --fixtures takes a folder of golden cases, such as " +
      "tests/fixtures",
    ],
    [
      ["--cases", "x"],
      "Unknown option '--cases'; usage: deno task parity [--fixtures DIR] [--case NAME]",
    ],
  ];
  for (const [args, message] of wrong) {
    await t.step(args.join(" "), async () => {
      const { code, err } = await parity(...args);
      assertEquals([code, err], [1, message]);
    });
  }
});

Deno.test("deno task parity exits with 1 when a case fails", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/wrong`);
  const json = await Deno.readTextFile(`${fixtures}/cosine-schedule/case.json`);
  const changed = json.replace('"warmup_epochs": 40', '"warmup_epochs": 41');
  await Deno.writeTextFile(`${root}/wrong/case.json`, changed);
  const { code, out } = await parity("--fixtures", root);
  assert(out.includes("first to diverge: 1.lr "), out);
  assertEquals(out.split("\n").at(-1), "0 passed, 1 failed, 0 skipped");
  assertEquals(code, 1);
});
