// Archives of several programs, in whole, in part, damaged, and one within another.
import { assertEquals, assertThrows } from "@std/assert";
import { openTar, type TarMember, tarMembers, tarOf } from "../../lib/data/tar.ts";
import { gzip, pythonTars, tarArchive } from "./archives.ts";
import { inTemporaryFolder } from "./support.ts";

const longName = "train/" + "very_long_name_".repeat(12) + "é.jpg";

function brief({ name, kind, size }: TarMember): unknown[] {
  return [name, kind, size];
}

for (const [format, bytes] of Object.entries(pythonTars)) {
  Deno.test(`tarMembers() reads long names in the ${format} format`, async () => {
    const archive = tarOf(await bytes(), "archive.tar");
    const members = [...tarMembers(archive)];
    assertEquals(members.map(brief), [
      ["a/", "folder", 0],
      ["a/b.jpg", "file", 700],
      [longName, "file", 5],
      ["c.txt", "file", 0],
    ]);
    const { offset, size } = members[2]!;
    assertEquals(new TextDecoder().decode(archive.readAt(offset, size)), "hello");
  });
}

Deno.test("an archive within an archive is a range of it", () => {
  const inner = tarArchive([["one.txt", "1"], ["two.txt", "22"]]);
  const outer = tarOf(tarArchive([["first", "abc"], ["inner.tar", inner]]), "outer.tar");
  const { offset, size } = [...tarMembers(outer)][1]!;
  const range = { start: offset, end: offset + size, title: "inner.tar" };
  const members = [...tarMembers(outer, range)];
  assertEquals(members.map(brief), [["one.txt", "file", 1], ["two.txt", "file", 2]]);
  const { offset: at } = members[1]!;
  assertEquals([...outer.readAt(at, 2)], [50, 50]);
});

Deno.test("openTar() reads members of a file in any order", async () => {
  await inTemporaryFolder(async (folder) => {
    const large = Uint8Array.from({ length: 30_000 }, (_, k) => k % 251);
    const path = `${folder}/a.tar`;
    await Deno.writeFile(
      path,
      tarArchive([["large", large], ["small", "x"], ["empty", ""]]),
    );
    using archive = openTar(path);
    const members = [...tarMembers(archive)].reverse();
    const contents = members.map(({ offset, size }) => archive.readAt(offset, size));
    assertEquals(contents, [new Uint8Array(0), Uint8Array.of(120), large]);
    assertThrows(() => archive.readAt(archive.size - 1, 2), Error, "ends at byte");
  });
});

Deno.test("openTar() says what is wrong with a file", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/a.tar`;
    assertThrows(() => openTar(path), Error, `There is no archive ${path}`);
    await Deno.writeFile(path, await gzip(tarArchive([["a", "b"]])));
    assertThrows(() => openTar(path), Error, "gunzip");
    await Deno.writeFile(path, new Uint8Array(0));
    using empty = openTar(path);
    assertThrows(() => [...tarMembers(empty)], Error, "cut off");
  });
});

Deno.test("tarMembers() refuses what is damaged or cut off, with the place", () => {
  const whole = tarArchive([["a.jpg", "a".repeat(600)], ["b.jpg", "b"]]);
  const members = (bytes: Uint8Array) => [...tarMembers(tarOf(bytes, "s.tar"))];
  assertThrows(
    () => members(new Uint8Array(2048).fill(7)),
    Error,
    "s.tar is no tar archive",
  );
  const damaged = whole.slice();
  damaged[512 + 1024 + 3] = 65;
  assertThrows(() => members(damaged), Error, "no whole header at byte 1536");
  assertThrows(() => members(whole.subarray(0, 1000)), Error, "cut off within a.jpg");
  const endless = tarArchive([["a.jpg", "a"]], { ended: false });
  assertThrows(() => members(endless), Error, "without the mark");
});
