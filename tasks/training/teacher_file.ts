/**
 * Which file a run's teacher came from: what is learned from one is worth nothing with another.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** A teacher's file, as a run notes it. */
export interface TeacherFile {
  path: string;
  /** Of the whole file, as hexadecimal digits. */
  sha256: string;
}

/**
 * Looks at a teacher's file.
 *
 * @param called what a run notes in place of the path, where the teacher has a name.
 */
export async function teacherFile(path: string, called = path): Promise<TeacherFile> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const part of file.readable) hash.update(part);
  return { path: called, sha256: hash.digest("hex") };
}

// As much of a hash as a person compares.
const shown = 12;

/**
 * Throws when the run in a folder was begun with another teacher, whatever its file is called.
 *
 * @param now nothing where the run has no teacher.
 */
export async function requireTeacherOfRun(
  folder: string,
  now: TeacherFile | undefined,
): Promise<void> {
  const text = await Deno.readTextFile(`${folder}/run.json`).catch(() => undefined);
  if (text === undefined || now === undefined) return;
  const before = teacherIn(text);
  if (before === undefined || before.sha256 === now.sha256) return;
  const [old, own] = [before, now].map(({ path, sha256 }) =>
    `${path} (SHA-256 ${sha256.slice(0, shown)}…)`
  );
  throw new Error(
    before.path === now.path
      ? `"${folder}" learns from the teacher ${old}, and that file was changed: put the first ` +
        "back, or begin a new run with --out"
      : `"${folder}" learns from the teacher ${old}, and ${own} is another one: give the first ` +
        "with --teacher, or begin a new run with --out",
  );
}

/** What a run.json says of its teacher; nothing where it is older than that, or damaged. */
function teacherIn(text: string): TeacherFile | undefined {
  try {
    return (JSON.parse(text) as { teacher?: TeacherFile }).teacher;
  } catch {
    return undefined; // who opens the run says so
  }
}
