import { assert, assertEquals, assertRejects } from "@std/assert";
import { medianSeconds } from "../../lib/engine/mod.ts";

const wait = (milliseconds: number) => () =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("medianSeconds() waits for each body and tells which is slower", async () => {
  const { short, long } = await medianSeconds({ short: wait(1), long: wait(60) }, {
    rounds: 3,
  });
  assert(long > short);
  assert(long >= 0.059, `${long}`);
});

Deno.test("medianSeconds() takes turns and leaves the warm-up out", async () => {
  const calls: string[] = [];
  let first = true;
  const { a } = await medianSeconds({
    a: async () => {
      calls.push("a");
      if (first) await wait(200)();
      first = false;
    },
    b: () => calls.push("b"),
  }, { rounds: 2, warmUp: 1 });
  assertEquals(calls.join(""), "ababab");
  assert(a < 0.15, `${a}`);
});

Deno.test("medianSeconds() refuses to measure nothing", async () => {
  await assertRejects(() => medianSeconds({}, { rounds: 0 }), Error, "rounds is 0");
});
