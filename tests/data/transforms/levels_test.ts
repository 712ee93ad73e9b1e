import { assertEquals } from "@std/assert";
import {
  operationsOf,
  type RandAugmentVariant,
} from "../../../lib/data/transforms/mod.ts";
import { picture } from "./golden.ts";

const file = new URL("golden_levels.json", import.meta.url);
const golden: Record<RandAugmentVariant, Record<string, string>> = JSON.parse(
  await Deno.readTextFile(file),
);

async function digestOf(values: Uint8Array): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new Uint8Array(values));
  return new Uint8Array(bytes).toHex().slice(0, 16);
}

for (const variant of ["timm", "mmpretrain", "openmixup"] as const) {
  Deno.test(`each operation of ${variant}'s RandAugment gives its bytes at every level`, async () => {
    const fill = variant === "openmixup"
      ? [104, 116, 124] as const
      : [124, 116, 104] as const;
    const warp = { interpolation: "bicubic", fill } as const;
    const operations = new Map(operationsOf(variant).map((each) => [each.name, each]));
    const names = new Set<string>();
    for (const [key, digest] of Object.entries(golden[variant])) {
      const [name, magnitude, sign] = key.split(" ");
      const operation = operations.get(name as never)!;
      const strength = {
        level: Number(magnitude) / 10,
        sign: sign === "-1" ? -1 : 1,
        warp,
      } as const;
      const { values } = operation.apply(picture, strength);
      assertEquals(await digestOf(values), digest, key);
      names.add(name!);
    }
    assertEquals(names.size, 15);
  });
}

Deno.test("timm's posterize rounds bits up, as mmpretrain's; openmixup's down", () => {
  const bitsOf = (variant: RandAugmentVariant): number => {
    const operation = operationsOf(variant).find(({ name }) => name === "posterize")!;
    const white = { height: 1, width: 1, values: Uint8Array.of(255, 255, 255) };
    const warp = { interpolation: "bicubic", fill: [0, 0, 0] } as const;
    const [value] = operation.apply(white, { level: 0.7, sign: 1, warp }).values;
    return value!.toString(2).replaceAll("0", "").length;
  };
  assertEquals([bitsOf("timm"), bitsOf("mmpretrain"), bitsOf("openmixup")], [2, 2, 1]);
});
