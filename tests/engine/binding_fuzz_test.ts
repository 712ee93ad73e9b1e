import { assert, assertMatch } from "@std/assert";

for (const seed of [1, 2, 3]) {
  Deno.test(`the binding survives 4,000 damaged calls, seed ${seed}`, async () => {
    const script = new URL("./binding_fuzz.ts", import.meta.url);
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-lock", "--allow-read", "--allow-env", "--allow-ffi"],
        ...[script.href, String(seed), "4000"],
      ],
    });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    const last = decoder.decode(stdout).trimEnd().split("\n").at(-1) ?? "";
    const errors = decoder.decode(stderr).split("\n").slice(0, 5).join("\n");
    assert(code === 0, `The process ended with ${code} in: ${last}\n${errors}`);
    assertMatch(last, /^survived 4000 calls, \d{3,} of which succeeded$/);
  });
}
