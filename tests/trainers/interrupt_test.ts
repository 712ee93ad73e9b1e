import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Interrupted, unlessStopped, waitToEnd } from "../../lib/trainers/interrupt.ts";

/** Sends signals when the child is ready, and says how it ended. */
async function interrupt(
  rest: number,
  send: (child: Deno.ChildProcess, said: (part: string) => Promise<void>) => unknown,
): Promise<{ code: number; stderr: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-read", "--allow-env", "--allow-ffi"]
      .concat("--allow-sys", "interrupt_child.ts", `${rest}`),
    cwd: new URL(".", import.meta.url),
    stderr: "piped",
  }).spawn();
  let stderr = "";
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const said = async (part: string): Promise<void> => {
    while (!stderr.includes(part)) {
      const { value, done } = await reader.read();
      if (done) return;
      stderr += value;
    }
  };
  await said("ready");
  await send(child, said);
  await said("the end of the stream");
  return { code: (await child.status).code, stderr };
}

Deno.test("whileInterruptible() takes a press that comes twice at once for one", async () => {
  // npx passes on what the terminal has sent to every process already.
  const { code, stderr } = await interrupt(50, (child) => {
    child.kill("SIGINT");
    child.kill("SIGINT");
  });
  assertEquals(code, 130, stderr);
  assertStringIncludes(stderr, "reading stopped, requested: true");
});

Deno.test("whileInterruptible() ends at once at the second request, with its status", async () => {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const { code, stderr } = await interrupt(600_000, async (child, said) => {
      child.kill("SIGTERM");
      await said("reading stopped");
      await new Promise((resolve) => setTimeout(resolve, 600));
      child.kill(signal);
    });
    assertEquals(code, status, stderr);
  }
});

Deno.test("unlessStopped() gives the result, or the request to stop", async () => {
  const controller = new AbortController();
  const interruption = { requested: false, abort: controller.signal };
  assertEquals(await unlessStopped(Promise.resolve(7), interruption, "x"), 7);
  assertEquals(await unlessStopped(Promise.resolve(7), { requested: false }, "x"), 7);
  const failing = Promise.reject(new Error("it failed"));
  await assertRejects(
    () => unlessStopped(failing, interruption, "x"),
    Error,
    "it failed",
  );
  const never = new Promise<never>(() => {});
  const waiting = unlessStopped(never, interruption, "reading");
  controller.abort();
  await assertRejects(() => waiting, Interrupted, "reading stopped");
  await assertRejects(() => unlessStopped(never, interruption, "x"), Interrupted);
  await waitToEnd(never, { requested: true });
});
