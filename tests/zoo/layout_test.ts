import { assertEquals, assertThrows } from "@std/assert";
import { tf } from "../../lib/engine/mod.ts";
import { fromKit, kitAxes, referenceShape, toKit } from "../../lib/zoo/layout.ts";

Deno.test("toKit() turns [out, in] into [in, out]", () => {
  assertEquals(toKit(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3], "linear"), {
    values: new Float32Array([1, 4, 2, 5, 3, 6]),
    shape: [3, 2],
  });
});

Deno.test("toKit() turns OIHW into HWIO as tf.transpose does", () => {
  const values = Float32Array.from({ length: 2 * 3 * 4 * 5 }, (_, index) => index);
  const kit = toKit(values, [2, 3, 4, 5], "convolution");
  assertEquals(kit.shape, [4, 5, 3, 2]);
  const axes = kitAxes("convolution", 4)!;
  assertEquals(kit.values, tf.tensor(values, [2, 3, 4, 5]).transpose(axes).dataSync());
});

Deno.test("fromKit() undoes toKit()", () => {
  const values = Float32Array.from({ length: 24 }, (_, index) => index);
  for (
    const [layout, shape] of [
      ["plain", [24]],
      ["linear", [4, 6]],
      ["convolution", [1, 2, 3, 4]],
    ] as const
  ) {
    const kit = toKit(values, [...shape], layout);
    assertEquals(fromKit(kit.values, kit.shape, layout), { values, shape: [...shape] });
    assertEquals(referenceShape(kit.shape, layout), [...shape]);
  }
});

Deno.test("toKit() refuses a weight with another number of axes", () => {
  assertThrows(
    () => toKit(new Float32Array(2), [2], "linear"),
    Error,
    "A linear weight has 2 axes, not 1",
  );
});
