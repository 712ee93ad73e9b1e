/**
 * Files that must be refused, and how.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { CheckpointError, readCheckpoint } from "../../lib/zoo/checkpoint_file.ts";
import type { Bytes } from "./made_files.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** A file and what is wrong with it. */
export type Hostile = [name: string, bytes: Bytes | Promise<Bytes>, message: RegExp];

/** Makes sure that each file is refused in a sentence that begins with its path. */
export async function refuseFiles(
  t: Deno.TestContext,
  files: readonly Hostile[],
): Promise<void> {
  using folder = temporaryFolder();
  const path = `${folder.path}/model.pth`;
  for (const [name, bytes, message] of files) {
    await t.step(name, async () => {
      await Deno.writeFile(path, await bytes);
      let refusal: unknown;
      await readCheckpoint(path, { verify: true }).catch((error) => refusal = error);
      assert(refusal instanceof CheckpointError, `${refusal}`);
      assertEquals(refusal.path, path);
      assert(refusal.message.startsWith(`${path}: `), refusal.message);
      assert(
        refusal.message.length < 700 && !/\n/.test(refusal.message),
        refusal.message,
      );
      assertMatch(refusal.message, message);
    });
  }
}
