// Pixels that Pillow and OpenCV computed: see README.md.
import { assertEquals } from "@std/assert";
import type { Pixels } from "../../../lib/data/transform.ts";
import { readSafetensors } from "../../../lib/zoo/safetensors.ts";

const file = new URL("golden.safetensors", import.meta.url);
const { tensors } = await readSafetensors(decodeURIComponent(file.pathname));

function pixelsOf(name: string): Pixels {
  const tensor = tensors.get(name)!;
  const [height, width] = tensor.shape;
  return { height: height!, width: width!, values: tensor.data as Uint8Array };
}

/** The picture that all goldens are made of. */
export const picture: Pixels = pixelsOf("picture");

/** One golden result. */
export interface Golden {
  readonly name: string;
  readonly operation: string;
  readonly argument: number;
  readonly interpolation: "bilinear" | "bicubic";
  readonly expected: Pixels;
}

/** All goldens of a library. */
export function goldens(library: "pillow" | "mmpretrain" | "openmixup"): Golden[] {
  return [...tensors.keys()].filter((name) => name.startsWith(`${library}/`)).map(
    (name) => {
      const [, operation, argument, interpolation] = name.split("/");
      return {
        name,
        operation: operation!,
        argument: Number(argument),
        interpolation: interpolation === "bilinear" ? "bilinear" : "bicubic",
        expected: pixelsOf(name),
      };
    },
  );
}

/** Asserts that pixels are those of a golden, every byte. */
export function assertGolden(actual: Pixels, { name, expected }: Golden): void {
  const different = actual.values.reduce(
    (count, value, k) => count + (value === expected.values[k] ? 0 : 1),
    0,
  );
  assertEquals(
    [actual.height, actual.width, different],
    [expected.height, expected.width, 0],
    `${name}: ${different} bytes differ`,
  );
}
