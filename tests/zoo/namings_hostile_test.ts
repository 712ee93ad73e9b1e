import { assert, assertThrows } from "@std/assert";
import { kitReader, namings, projectReader } from "../../lib/zoo/namings.ts";
import { manifest, manifestNames } from "../manifests/manifest.ts";

const projects = [...new Set(namings.map(({ project }) => project))];

/** Numbers of a simple generator, the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor(state / 2 ** 31 * below);
  };
}

const hugeNumbers = ["7", "123456", "4294967296", "99999999999999999999"];
const strangeShapes = [[], [0], [10 ** 8, 0], [99999999, 0], [5, 7, 11], [2 ** 53]];
const strangeNames = [
  ...["__proto__", "constructor", "", ".", "a".repeat(10_000)],
  `blocks.${"0.".repeat(3000)}weight`,
];

type SpoiledEntries = Map<string, { shape: number[]; dtype: "F32" }>;

/** A few changes to what a checkpoint says that it holds. */
function spoil(entries: SpoiledEntries, below: (most: number) => number): void {
  const names = [...entries.keys()];
  for (let edit = 0; edit <= below(3); edit++) {
    const name = names[below(names.length)]!;
    const entry = entries.get(name);
    if (entry === undefined) continue;
    switch (below(5)) {
      case 0:
        entries.delete(name);
        break;
      case 1:
        entries.delete(name);
        entries.set(
          name.replace(/\d+/, hugeNumbers[below(hugeNumbers.length)]!),
          entry,
        );
        break;
      case 2:
        entries.set(name, {
          ...entry,
          shape: strangeShapes[below(strangeShapes.length)]!,
        });
        break;
      case 3:
        entries.set(`module.${name}`, entry);
        break;
      case 4:
        entries.set(strangeNames[below(strangeNames.length)]!, entry);
        break;
    }
  }
}

Deno.test("spoiled names and shapes are mapped or refused in a sentence, and quickly", async () => {
  const below = generator(6);
  const names = (await manifestNames()).filter((name) =>
    !/large|huge|101|152|200/.test(name)
  );
  const manifests = await Promise.all(
    names.map(async (name) => [name, [...await manifest(name)]] as const),
  );
  let [mapped, refused] = [0, 0];
  for (let round = 0; round < 300; round++) {
    const [name, shapes] = manifests[below(manifests.length)]!;
    const entries: SpoiledEntries = new Map(
      shapes.map(([key, shape]) => [key, { shape: [...shape], dtype: "F32" }]),
    );
    spoil(entries, below);
    const file = { entries, read: () => Promise.reject(new Error("not read")) };
    const started = performance.now();
    for (const project of [undefined, ...projects]) {
      try {
        const { reader } = kitReader(file);
        if (project !== undefined) projectReader(reader, project);
        mapped++;
      } catch (error) {
        refused++;
        const { message, constructor } = error as Error;
        assert(constructor === Error, `${name}: ${constructor.name} ${message}`);
        assert(!/undefined|NaN|Cannot read|not a function/.test(message), message);
        assert(message.length < 800, message);
      }
    }
    assert(performance.now() - started < 2000, `${name} took too long`);
  }
  assert(mapped > 300 && refused > 300, `${mapped} mapped, ${refused} refused`);
});

Deno.test("a name with a huge number does not make a network huge", async () => {
  const shapes = await manifest("a2mim-convnext-tiny-classifier");
  const entries = new Map(
    [...shapes].map((
      [key, shape],
    ) => [key, { shape: [...shape], dtype: "F32" as const }]),
  );
  const entry = entries.get("backbone.stages.1.0.norm.weight")!;
  entries.set("backbone.stages.123456.0.norm.weight", entry);
  const file = { entries, read: () => Promise.reject(new Error("not read")) };
  assertThrows(
    () => projectReader(kitReader(file).reader, "timm"),
    Error,
    "Its names count from 0 to 123456",
  );
});
