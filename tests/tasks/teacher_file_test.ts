import { assertEquals, assertRejects } from "@std/assert";
import { requireTeacherOfRun, teacherFile } from "../../tasks/training/teacher_file.ts";
import { inTemporaryFolder } from "../data/support.ts";

Deno.test("requireTeacherOfRun() refuses another teacher, and not the same elsewhere", async () => {
  await inTemporaryFolder(async (folder) => {
    const write = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return await teacherFile(`${folder}/${name}`);
    };
    const first = await write("first.safetensors", "abc");
    assertEquals(first, {
      path: `${folder}/first.safetensors`,
      // FIPS 180-2, appendix B.1.
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    });
    const moved = await write("moved.safetensors", "abc");
    const other = await write("other.safetensors", "abcd");
    await requireTeacherOfRun(folder, other); // no run is there yet
    await Deno.writeTextFile(`${folder}/run.json`, JSON.stringify({ teacher: first }));
    await requireTeacherOfRun(folder, first);
    await requireTeacherOfRun(folder, moved);
    const error = await assertRejects(() => requireTeacherOfRun(folder, other), Error);
    assertEquals(
      error.message,
      `"${folder}" learns from the teacher ${first.path} (SHA-256 ba7816bf8f01…), and ` +
        `${other.path} (SHA-256 ${
          other.sha256.slice(0, 12)
        }…) is another one: give the first ` +
        "with --teacher, or begin a new run with --out",
    );
    const changed = await write("first.safetensors", "abcd");
    await assertRejects(
      () => requireTeacherOfRun(folder, changed),
      Error,
      "and that file was changed: put the first back",
    );
    await Deno.writeTextFile(`${folder}/run.json`, "{}"); // of an older version
    await requireTeacherOfRun(folder, other);
  });
});
