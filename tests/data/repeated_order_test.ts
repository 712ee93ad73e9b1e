import { assertEquals, assertThrows } from "@std/assert";
import { repeatedOrder } from "../../lib/data/repeated_order.ts";

Deno.test("repeatedOrder() repeats a part of the images and keeps the epoch's length", () => {
  const order = Int32Array.from({ length: 600 }, (_, k) => 599 - k);
  const repeated = repeatedOrder(order, 3);
  assertEquals(repeated.length, 512);
  assertEquals([...repeated.subarray(0, 7)], [599, 599, 599, 598, 598, 598, 597]);
  assertEquals(new Set(repeated).size, Math.ceil(512 / 3));
});

Deno.test("repeatedOrder() leaves an order without repetitions, and refuses none", () => {
  const order = Int32Array.from({ length: 300 }, (_, k) => k);
  assertEquals(repeatedOrder(order, 1), order);
  assertThrows(() => repeatedOrder(order, 0), RangeError, "repeats is 0");
});
