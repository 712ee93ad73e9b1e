/** The proof itself, as far as it needs no Python: `deno task test:torch` runs the rest. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { temporaryFolder } from "../temporary_folder.ts";
import { faultOf, greatestDifference, spreadFault } from "./differences.ts";
import { pairNumbers, proveManifest } from "./manifest_files.ts";
import { proofCases } from "./mod.ts";
import { faultsOf, renderProof } from "./report.ts";
import type { ProofRow } from "./run_case.ts";

Deno.test("greatestDifference() misses no number that is none", () => {
  assertEquals(greatestDifference([1, 2, 3], [1, 2.5, 2.75]), 0.5);
  assertEquals(greatestDifference([1, NaN, 9], [1, 2, 3]), NaN);
  assertThrows(() => greatestDifference([1], [1, 2]), Error, "1 numbers cannot be");
});

Deno.test("faultOf() passes only what was compared and is near", () => {
  assertEquals(faultOf({ features: 1e-6, logits: 9e-5 }), undefined);
  assertMatch(faultOf({ features: 1e-6, logits: 2e-4 })!, /^logits differ by 0.000200/);
  assertMatch(faultOf({ logits: NaN })!, /^logits differ by NaN/);
  assertEquals(faultOf({}), "nothing was compared");
});

Deno.test("spreadFault() refuses outputs that are all alike", () => {
  assertEquals(spreadFault({ features: 1, logits: 2 }), undefined);
  assertMatch(spreadFault({ features: 1, logits: 1e-3 })!, /^logits spread by 0.001/);
});

Deno.test("pairNumbers() numbers the pairs of a window, and those with a class token", () => {
  const window = [4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4];
  assertEquals([...pairNumbers(4)].map(Number), window);
  const withToken = [...pairNumbers(5)].map(Number);
  assertEquals(withToken.slice(0, 6), [11, 9, 9, 9, 9, 10]);
  assertEquals(withToken.slice(6, 10), window.slice(0, 4));
});

Deno.test("every case has a name of its own, and a twin that is its twin", () => {
  const names = proofCases.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { name, library, twin } of proofCases) {
    if (twin === undefined) continue;
    const other = proofCases.find((one) => one.name === twin);
    assertEquals(other?.twin, name);
    assertEquals(other?.library === library, false);
  }
});

Deno.test("renderProof() calls a model wrong when any of its files is", () => {
  const row: ProofRow = {
    ...{
      model: "ViT",
      file: "a.pth",
      megabytes: 3,
      way: "here",
      differences: { x: 1e-6 },
    },
  };
  const wrong = {
    ...row,
    file: "b.pth",
    way: "back to timm",
    fault: "missing: norm.bias",
  };
  const line = renderProof([row, wrong]).split("\n").at(-1)!;
  assertMatch(line, /^ViT\s+2\s+3\.0 MB\s+1\.0e-6\s+WRONG\s+–$/);
  assertEquals(faultsOf([row, wrong], []), [
    "ViT, b.pth, back to timm: missing: norm.bias",
  ]);
});

Deno.test("openmixup's ResNet-18 goes into the kit and comes back bit by bit", async () => {
  using folder = temporaryFolder();
  const { bytes, ...row } = await proveManifest("resnet18-classifier", folder.path);
  assertEquals(row, { name: "resnet18-classifier", project: "openmixup", tensors: 122 });
  assertEquals(bytes > 46e6, true);
});
