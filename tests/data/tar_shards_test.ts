// WebDataset shards: samples across shards, labels, captions, patterns, the kept index.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { expandBraces, filesMatching } from "../../lib/data/path_pattern.ts";
import { imageFolder } from "../../lib/data/image_folder.ts";
import { loadBatches } from "../../lib/data/load_batches.ts";
import type { ImageSource } from "../../lib/data/source.ts";
import { tarShards } from "../../lib/data/tar_shards.ts";
import { type Member, tarArchive } from "./archives.ts";
import { jpegOf, randomPart, wholePicture } from "./pictures.ts";
import { assertOneSentence, inTemporaryFolder } from "./support.ts";

const size = { height: 16, width: 16 };
const pictures = await Promise.all([10, 60, 110, 160].map((kind) => jpegOf(size, kind)));

async function write(path: string, members: readonly Member[]): Promise<void> {
  await Deno.writeFile(path, tarArchive(members));
}

async function writeTwo(folder: string): Promise<void> {
  await write(`${folder}/s-00.tar`, [
    ["a/0.jpg", pictures[0]!],
    ["a/0.cls", "7\n"],
    ["a/0.txt", " a red bag \n"],
    ["a/1.cls", "0"],
    ["a/1.json", '{"caption": "a shoe", "label": 5}'],
    ["a/1.JPG", pictures[1]!],
    ["README.md", "about"],
  ]);
  await write(`${folder}/s-01.tar`, [
    ["2.png", pictures[2]!],
    ["2.json", '{"caption": "a hat", "label": 2}'],
    ["3.jpg", pictures[3]!],
    ["3.json", '{"caption": "a coat", "label": 3}'],
  ]);
}

Deno.test("expandBraces() expands lists, ranges and both", () => {
  assertEquals(expandBraces("s-{08..10}.tar"), ["s-08.tar", "s-09.tar", "s-10.tar"]);
  assertEquals(expandBraces("{a,b}-{1..2}"), ["a-1", "a-2", "b-1", "b-2"]);
  assertEquals(expandBraces("{a,{1..2}}"), ["a", "1", "2"]);
  assertEquals(expandBraces("plain.tar"), ["plain.tar"]);
});

Deno.test("filesMatching() takes braces by name and stars by what is there", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const name of ["s-01.tar", "s-00.tar", "s-00.tar.index.json", ".s-02.tar"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    const both = [`${folder}/s-00.tar`, `${folder}/s-01.tar`];
    assertEquals(await filesMatching(`${folder}/s-{00..01}.tar`), both);
    assertEquals(await filesMatching(`${folder}/*.tar`), both);
    assertEquals(await filesMatching(`${folder}/s-0?.tar`), both);
    const missing = `${folder}/s-{00..02}.tar`;
    await assertOneSentence(() => filesMatching(missing), "no file", "s-02.tar", missing);
    await assertOneSentence(() => filesMatching(`${folder}/t*.tar`), "No file matches");
    await assertOneSentence(
      () => filesMatching(`${folder}/{5..1}`),
      "no range of numbers",
    );
  });
});

Deno.test("tarShards() finds the samples, labels and captions of all shards", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeTwo(folder);
    const source = await tarShards({ shards: `${folder}/s-{00..01}.tar` });
    assertEquals(source.length, 4);
    assertEquals([...source.labels!], [7, 0, 2, 3]);
    assertEquals(source.captions, ["a red bag", "a shoe", "a hat", "a coat"]);
    assertEquals(source.classNames!.length, 8);
    assertEquals(source.describe(2), `${folder}/s-01.tar, member 2.png`);
    for (const [index, picture] of pictures.entries()) {
      assertEquals(await source.read(index), { encoded: picture });
    }
    await assertOneSentence(() => source.read(4), "no picture 4", "from 0 to 3");

    const options = { batchSize: 4, seed: 0, transform: wholePicture(size) };
    for await (const batch of loadBatches(source, options)) {
      const labels = [...batch.indices].map((index) => source.labels![index]);
      assertEquals([...batch.labels!], labels);
      const blue = (row: number) => batch.images[row * 768 + 2 + 300]!;
      for (const [row, index] of batch.indices.entries()) {
        assert(Math.abs(blue(row) - [10, 60, 110, 160][index]!) < 12, `row ${row}`);
      }
      break;
    }
  });
});

Deno.test("tarShards() keeps an index beside each shard, and knows when it is old", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeTwo(folder);
    const shards = `${folder}/s-0?.tar`;
    const first = await tarShards({ shards });
    const index = `${folder}/s-00.tar.index.json`;
    const kept = await Deno.readTextFile(index);
    assertEquals((await tarShards({ shards })).fingerprint, first.fingerprint);
    // What is in the index is believed: names come from there.
    await Deno.writeTextFile(index, kept.replace('"a/0.jpg"', '"a/renamed.jpg"'));
    assertStringIncludes((await tarShards({ shards })).describe(0), "renamed.jpg");
    // A damaged one, or one of another file, is made anew.
    await Deno.writeTextFile(index, kept.slice(0, 40));
    assertEquals((await tarShards({ shards })).fingerprint, first.fingerprint);
    assertEquals(await Deno.readTextFile(index), kept);
    await write(`${folder}/s-00.tar`, [["x.jpg", pictures[3]!], ["x.cls", "1"]]);
    const changed = await tarShards({ shards });
    assertEquals([...changed.labels!], [1, 2, 3]);
    assert(changed.fingerprint !== first.fingerprint);
    await Deno.remove(index);
    await tarShards({ shards, keepIndex: false });
    assert(!await Deno.stat(index).then(() => true, () => false));
  });
});

Deno.test("tarShards() works where nobody may write", async () => {
  await inTemporaryFolder(async (folder) => {
    await writeTwo(folder);
    const code = `import { tarShards } from ${
      JSON.stringify(new URL("../../lib/data/tar_shards.ts", import.meta.url).href)
    };
    console.log((await tarShards({ shards: ${
      JSON.stringify(`${folder}/s-00.tar`)
    } })).length);`;
    const script = `${folder}/script.ts`;
    await Deno.writeTextFile(script, code);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        "--no-lock",
        `--allow-read=${folder}`,
        ...configuration,
        script,
      ],
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout),
      "2\n",
      new TextDecoder().decode(stderr),
    );
    assert(
      !await Deno.stat(`${folder}/s-00.tar.index.json`).then(() => true, () => false),
    );
  });
});

const configuration = [
  "--config",
  decodeURIComponent(new URL("../../deno.json", import.meta.url).pathname),
];

Deno.test("tarShards() says what is wrong with shards", async () => {
  await inTemporaryFolder(async (folder) => {
    const shards = `${folder}/a.tar`;
    const refused = async (members: Member[], ...parts: string[]) => {
      await write(shards, members);
      await assertOneSentence(() => tarShards({ shards, keepIndex: false }), ...parts);
    };
    await refused([["a.txt", "no picture"]], "holds no pictures", "KEY.jpg");
    await refused(
      [["a.jpg", pictures[0]!], ["a.cls", "1"], ["b.jpg", pictures[1]!]],
      "member b.jpg has no class",
      "complete",
    );
    await refused([["a.jpg", pictures[0]!], ["a.cls", "cat"]], 'a.cls holds "cat"');
    await refused([["a.jpg", pictures[0]!], ["a.json", "{"]], "a.json is no JSON");
    await write(shards, [["a.jpg", pictures[0]!], ["a.cls", "3"]]);
    const classNames = ["one", "two"];
    await assertOneSentence(() => tarShards({ shards, classNames }), "class 3", "only 2");
    const unlabelled = `${folder}/b.tar`;
    await write(unlabelled, [["a.jpg", pictures[0]!], ["b.jpg", pictures[1]!]]);
    const source = await tarShards({ shards: unlabelled });
    assertEquals(["labels" in source, "captions" in source], [false, false]);
  });
});

Deno.test("tarShards() takes all pictures of a key, unless one of them is plainly its picture", async () => {
  await inTemporaryFolder(async (folder) => {
    const [first, second, third, fourth] = pictures as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    await write(`${folder}/s.tar`, [
      ...[["a.left.jpg", first], ["a.right.jpg", second], ["a.cls", "1"]] as Member[],
      ...[["b.mask.png", third], ["b.jpg", fourth], ["b.cls", "2"]] as Member[],
      // The same key again is another sample.
      ...[["b.jpg", first], ["b.cls", "0"]] as Member[],
    ]);
    const source = await tarShards({ shards: `${folder}/s.tar` });
    const names = Array.from(
      { length: source.length },
      (_, k) => source.describe(k).split(" ").at(-1),
    );
    assertEquals(names, ["a.left.jpg", "a.right.jpg", "b.jpg", "b.jpg"]);
    assertEquals([...source.labels!], [1, 1, 2, 0]);
    assertEquals(await source.read(2), { encoded: fourth });
  });
});

Deno.test("a folder and shards of it give the same batches with any readers and from any step", async () => {
  await inTemporaryFolder(async (folder) => {
    const members: Member[] = [];
    await Deno.mkdir(`${folder}/all`);
    for (let k = 0; k < 11; k++) {
      const picture = await jpegOf({ height: 20 + k, width: 30 - k }, 20 * k);
      const name = `${String(k).padStart(2, "0")}.jpg`;
      // One that cannot be read is replaced alike.
      const bytes = k === 4 ? picture.subarray(0, 99) : picture;
      members.push([name, bytes]);
      await Deno.writeFile(`${folder}/all/${name}`, bytes);
    }
    await write(`${folder}/s-0.tar`, members.slice(0, 6));
    await write(`${folder}/s-1.tar`, members.slice(6));
    const sources = [
      await imageFolder({ directory: `${folder}/all` }),
      await tarShards({ shards: `${folder}/s-{0..1}.tar` }),
    ];
    const take = async (
      source: ImageSource,
      readers: number,
      startStep: number,
    ): Promise<unknown[]> => {
      const options = { batchSize: 4, seed: 5, transform: randomPart(size), maxBad: 0.2 };
      const taken: unknown[] = [];
      for await (
        const batch of loadBatches(source, { ...options, readers, startStep })
      ) {
        taken.push([batch.step, batch.epoch, [...batch.indices], batch.images]);
        if (batch.step === 7) return taken;
      }
      return taken;
    };
    const expected = await take(sources[0]!, 1, 0);
    for (const source of sources) {
      assertEquals(await take(source, 8, 0), expected);
      assertEquals(await take(source, 3, 5), expected.slice(5));
    }
  });
});
