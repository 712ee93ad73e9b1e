import { assertEquals } from "@std/assert";
import { progressLines } from "../../../lib/engine/library/progress.ts";

Deno.test("progressLines() writes a line every ten percent", () => {
  const lines: string[] = [];
  const tell = progressLines((line) => lines.push(line));
  const file = "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl";
  for (let bytes = 0; bytes <= 200e6; bytes += 1e6) {
    tell({ step: "downloading", file, bytes, totalBytes: 200e6 });
  }
  tell({ step: "unpacking", file, bytes: 0, totalBytes: 5e6 });
  assertEquals(lines.length, 12);
  assertEquals(lines[1], "downloading tensorflow_cpu 2.21.0: 20 MB of 200 MB, 10 %");
  assertEquals(lines[11], "unpacking tensorflow_cpu 2.21.0: 0 MB of 5 MB, 0 %");
});

Deno.test("progressLines() does without a total, and says what it waits for", () => {
  const lines: string[] = [];
  const tell = progressLines((line) => lines.push(line));
  const file = "a-1.whl";
  for (const bytes of [0, 1e6, 2e6]) {
    tell({ step: "downloading", file, bytes, totalBytes: 0 });
  }
  tell({ step: "waiting" });
  assertEquals(lines, [
    "downloading a 1.whl: 0 MB",
    "Another mimkit set-up is at work on this cache; waiting for it.",
  ]);
});
