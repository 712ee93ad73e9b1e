import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { classificationTally } from "../../lib/trainers/evaluate.ts";
import { describeReport, writeReportFiles } from "../../tasks/supervised/report.ts";
import { inTemporaryFolder } from "../data/support.ts";

/** Of each class two images; of every third class the second is taken for the class before. */
function reportOf(classes: number) {
  const tally = classificationTally(classes);
  for (let label = 0; label < classes; label++) {
    const logits = new Float32Array(2 * classes);
    logits[label] = 1;
    logits[classes + (label % 3 === 2 ? label - 1 : label)] = 1;
    tally.add(logits, [label, label]);
  }
  return tally.report();
}

const names = (classes: number) =>
  Array.from({ length: classes }, (_, k) => `class ${k}`);

Deno.test("describeReport() shows a few classes and their matrix whole", () => {
  const text = describeReport(reportOf(3), names(3));
  assertEquals(text.split("\n"), [
    "6 images: top-1 83.33 %, top-5 100.00 %",
    "Each class:",
    "  class 0 100.0 % of 2",
    "  class 1 100.0 % of 2",
    "  class 2  50.0 % of 2",
    "Right answers are rows, given ones columns:",
    "             0 1 2",
    "  0 class 0  2 0 0",
    "  1 class 1  0 2 0",
    "  2 class 2  0 1 1",
  ]);
});

Deno.test("describeReport() fits a screen with 1,000 classes of long names", () => {
  const long = names(1000).map((name) => `${name}, ${"also called ".repeat(9)}`);
  const lines = describeReport(reportOf(1000), long).split("\n");
  assert(lines.length < 40, `${lines.length}`);
  assert(lines.every((line) => line.length <= 90), "a line is too long");
  assertEquals(lines.filter((line) => !line.startsWith(" ")), [
    "2000 images: top-1 83.35 %, top-5 83.40 %",
    "The 10 worst of 1000 classes:",
    "The 10 best:",
    "The 10 most frequent confusions of 333:",
  ]);
  assertStringIncludes(lines[2]!, "50.0 % of 2");
  assertStringIncludes(lines[13]!, "100.0 % of 2");
  assertStringIncludes(lines.at(-1)!, "1 (50.0 %)");
});

Deno.test("writeReportFiles() leaves nothing out", async () => {
  await inTemporaryFolder(async (folder) => {
    const tally = classificationTally(3);
    tally.add(Float32Array.of(1, 0, 0, 1, 0, 0, 0, 1, 0), [0, 1, 1]);
    const said = await writeReportFiles(`${folder}/new`, tally.report(), [
      ...["one", "two, or a pair", "three"],
    ]);
    const [json, csv] = ["classification.json", "confusion.csv"].map((name) =>
      `${folder}/new/${name}`
    );
    assertStringIncludes(said, json!);
    assertStringIncludes(said, csv!);
    assertEquals(JSON.parse(await Deno.readTextFile(json!)), {
      ...{ count: 3, top1: 200 / 3, top5: 100 },
      classes: [
        { name: "one", count: 1, top1: 100 },
        { name: "two, or a pair", count: 2, top1: 50 },
        { name: "three", count: 0, top1: null },
      ],
      confusions: [{ right: "two, or a pair", given: "one", count: 1 }],
    });
    assertEquals(
      await Deno.readTextFile(csv!),
      'right,one,"two, or a pair",three\none,1,0,0\n"two, or a pair",1,1,0\nthree,0,0,0\n',
    );
  });
});
