import { assertEquals } from "@std/assert";
import type { RecipeCost } from "../../lib/recipes/measure.ts";
import { costOf } from "../../lib/recipes/measure.ts";
import { recipe } from "../../lib/recipes/catalogue.ts";
import {
  fittingImages,
  memoryOf,
  patientImages,
} from "../../tasks/training/timed_batch.ts";

const cost: RecipeCost = {
  parameters: { total: 1, trainable: 1 },
  flops: 1e9,
  memory: { state: 100, activations: 6400 },
};
const batch = { total: 256, micro: 64 };

Deno.test("memoryOf() is the state and the images' share of the activations", () => {
  assertEquals(memoryOf(cost, 64, 64), 6500);
  assertEquals(memoryOf(cost, 64, 16), 1700);
});

Deno.test("fittingImages() halves the images until they fit into four fifths", () => {
  assertEquals(fittingImages(cost, batch, 10_000), 64);
  assertEquals(fittingImages(cost, batch, 8000), 32);
  assertEquals(fittingImages(cost, batch, 400), 2);
  assertEquals(fittingImages(cost, batch, 300), undefined);
  // Always pairs, as mixing needs them.
  assertEquals(fittingImages(cost, { total: 50, micro: 50 }, 4100), 24);
  assertEquals(fittingImages(cost, { total: 1, micro: 1 }, 10_000), 1);
});

Deno.test("patientImages() keeps the first step short, with two images at least", () => {
  assertEquals(patientImages(cost, 64), 64);
  assertEquals(patientImages({ ...cost, flops: 1e10 }, 64), 8);
  assertEquals(patientImages({ ...cost, flops: 1e12 }, 64), 2);
  assertEquals(patientImages({ ...cost, flops: 1e12 }, 1), 1);
  const teacher = { parameters: 1, flops: 1e10 };
  assertEquals(patientImages({ ...cost, teacher }, 64), 16);
});

Deno.test("ViT-B with batches of 4096 does not fit into a small machine, parts of it do", () => {
  const chosen = recipe("milan_official_vit-b_pretrain_400e");
  const cost = costOf(chosen);
  assertEquals(fittingImages(cost, chosen.batch, 24e9) !== chosen.batch.micro, true);
  assertEquals(fittingImages(cost, chosen.batch, 24e9)! >= 16, true);
});
