import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { liveProgress } from "../../lib/trainers/mod.ts";

/** A live display that is slow, as a browser is. */
function slowDisplay() {
  const lines: string[] = [];
  const update = async ({ line }: { readonly line?: string }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    lines.push(line ?? "");
  };
  return { lines, update };
}

Deno.test("liveProgress() shows the start at once and the end always", async () => {
  const live = slowDisplay();
  const progress = liveProgress(live)("MAE", 40, 0);
  for (let step = 1; step <= 40; step++) {
    progress.update({ step, loss: 1 / step, imagesPerSecond: 100 });
  }
  await progress.stop();
  assertEquals(live.lines, [
    `MAE ${"░".repeat(24)} 0/40, compiling …`,
    `MAE ${"█".repeat(24)} 40/40, loss 0.0250, 100 img/s, done in 0 s`,
  ]);
});

Deno.test("liveProgress() says where a stopped phase stands", async () => {
  const live = slowDisplay();
  const progress = liveProgress(live)("MAE", 40, 10);
  progress.update({ step: 20 });
  await progress.stop();
  assertMatch(live.lines[0]!, /^MAE █{6}░{18} 10\/40/);
  assertMatch(live.lines.at(-1)!, /^MAE █{12}░{12} 20\/40, stopped after 0 s$/);
});

Deno.test("liveProgress() reports a display that fails at the end", async () => {
  const update = () => Promise.reject(new Error("no viewer"));
  const progress = liveProgress({ update })("MAE", 1, 0);
  await assertRejects(async () => await progress.stop(), Error, "no viewer");
});
