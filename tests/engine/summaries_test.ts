import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { openSummaries } from "../../lib/engine/mod.ts";
import { readEvent, recordsOf } from "./event_file.ts";

Deno.test("openSummaries() writes scalars, pictures and text as TensorBoard reads them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const summaries = openSummaries(`${folder}/deep/run`);
    summaries.scalar("loss", 0.75, 3);
    const values = new Uint8Array(2 * 3 * 3).fill(128);
    summaries.images("pictures", { values, shape: [1, 2, 3, 3] }, 4);
    summaries.text("recipe", "| a | b |", 5);
    summaries.close();
    summaries.close(); // twice is once
    const files = await Array.fromAsync(Deno.readDir(`${folder}/deep/run`));
    assertEquals(files.length, 1);
    assert(files[0]!.name.startsWith("events.out.tfevents."), files[0]!.name);
    const bytes = await Deno.readFile(`${folder}/deep/run/${files[0]!.name}`);
    const [head, loss, picture, recipe, ...others] = recordsOf(bytes).map(readEvent);
    assertEquals(others, []);
    assertEquals(head!.version, "brain.Event:2");
    assertEquals([loss!.step, loss!.tag], [3, "loss"]);
    assertAlmostEquals(loss!.scalar!, 0.75, 1e-7);
    const { height, width, png } = picture!.image!;
    assertEquals([picture!.step, height, width], [4, 2, 3]);
    assertEquals([...png.subarray(1, 4)], [...new TextEncoder().encode("PNG")]);
    assertEquals(
      [recipe!.step, recipe!.tag, recipe!.text, recipe!.plugin],
      [5, "recipe", "| a | b |", "text"],
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openSummaries() refuses a folder that cannot be made", async () => {
  const file = await Deno.makeTempFile();
  try {
    assertThrows(() => openSummaries(`${file}/run`), Error);
  } finally {
    await Deno.remove(file);
  }
});
