import { assertEquals, assertGreater } from "@std/assert";
import { fuzzCheckpoints } from "./checkpoint_fuzz.ts";

const folder = new URL("checkpoints", import.meta.url).pathname;
// More of them: MIMKIT_FUZZ=10000 deno task test tests/zoo/checkpoint_fuzz_test.ts
const count = Number(Deno.env.get("MIMKIT_FUZZ") ?? 400);

Deno.test(`readCheckpoint() reads or refuses ${count} damaged files`, async () => {
  const { read, refused, messages } = await fuzzCheckpoints(folder, { count, seed: 1 });
  assertEquals(read + refused, count);
  assertGreater(read, count / 50); // the damage is small enough to get past the first checks
  assertGreater(messages, 30);
});
