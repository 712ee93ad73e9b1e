import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const root = new URL("../../", import.meta.url);

/** Compiles a function in a process of its own. */
async function compileIn(folder: string): Promise<{ code: number; text: string }> {
  const script = `
    import { jit, tf } from "./lib/engine/mod.ts";
    const f = jit((x) => tf.matMul(x, x).sum(), { compiler: "xla" });
    try {
      console.log((await f(tf.ones([3, 3]))).dataSync()[0]);
    } catch (error) {
      console.log(error.message);
      Deno.exit(1);
    }`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--ext=ts", script],
    cwd: root,
    // This process has told its own XLA already, and children inherit that.
    env: { MIMKIT_COMPILE_CACHE: folder, TF_XLA_FLAGS: "", NO_COLOR: "1" },
  }).output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout) + decode(stderr) };
}

function programs(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".pb")
  );
}

Deno.test("the compile cache is filled by one process and used by the next", async () => {
  const folder = await Deno.makeTempDir();
  const first = await compileIn(folder);
  assertEquals(first.code, 0, first.text);
  assertStringIncludes(first.text, "27");
  const [program] = programs(folder);
  assert(program !== undefined, "nothing was written");
  const { mtime } = await Deno.stat(`${folder}/${program}`);
  const second = await compileIn(folder);
  assertStringIncludes(second.text, "27");
  assertEquals(
    (await Deno.stat(`${folder}/${program}`)).mtime,
    mtime,
    "it was written again",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a damaged program in the compile cache is one sentence with the way out", async () => {
  const folder = await Deno.makeTempDir();
  await compileIn(folder);
  for (const program of programs(folder)) {
    await Deno.truncate(`${folder}/${program}`, 100);
  }
  const { code, text } = await compileIn(folder);
  assertEquals(code, 1);
  assertStringIncludes(text, "MIMKIT_COMPILE_CACHE=off");
  assertStringIncludes(text, folder);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("MIMKIT_COMPILE_CACHE=off goes without", async () => {
  const { code, text } = await compileIn("off");
  assertEquals(code, 0, text);
});
