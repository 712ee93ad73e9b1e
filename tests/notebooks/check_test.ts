import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { checkNotebooks, parseDiagnostics } from "../../tasks/notebook/check.ts";
import { GOOD_SCRIPT, sampleFolder } from "./sample.ts";

Deno.test("checkNotebooks() accepts names and imports that are declared again", async () => {
  await using folder = await sampleFolder();
  const path = await folder.add("good.ipynb", GOOD_SCRIPT);
  assertEquals(await checkNotebooks([path]), []);
  const left = [...Deno.readDirSync(folder.directory)].map((entry) => entry.name).sort();
  assertEquals(left, ["deno.json", "good.ipynb", "helper.ts"]);
});

Deno.test("checkNotebooks() gives notebook, cell and line of each error", async () => {
  await using folder = await sampleFolder();
  const wrong = await folder.add(
    "wrong.ipynb",
    `// %% [markdown]
// # Wrong
// %%
import { answer } from "./helper.ts";
import { question } from "./helper.ts";
// %%
// a comment
const list = [answer];
const first: number = list[0];
// %%
const answer = "forty-two";
answer.toFixed(2);
// @ts-expect-error shown on purpose
answer.nope;
`,
  );
  const unparsed = await folder.add("unparsed.ipynb", "const a = 1;\n\nlet b = ;\n");
  const found = await checkNotebooks([wrong, unparsed]);
  const places = found.map(({ path, place }) => path + place).sort();
  assertEquals(places, [
    `${unparsed} cell 1 line 3`,
    `${wrong} cell 2 line 2`,
    `${wrong} cell 2 line 2`,
    `${wrong} cell 3 line 3`,
    `${wrong} cell 4 line 2`,
  ]);
  const at = (place: string) =>
    found.find((problem) => problem.place === place)?.message ?? "";
  assertStringIncludes(
    at(" cell 3 line 3"),
    "'undefined' is not assignable to type 'number'",
  );
  assertStringIncludes(at(" cell 4 line 2"), "'toFixed' does not exist on type");
});

Deno.test("checkNotebooks() refuses one name imported from two places", async () => {
  await using folder = await sampleFolder();
  const path = await folder.add(
    "twice.ipynb",
    `import { join } from "node:path";
join("a");
// %%
import { join } from "node:path/posix";
`,
  );
  const [problem, ...others] = await checkNotebooks([path]);
  assertEquals(others, []);
  assertEquals(problem?.place, " cell 2 line 1");
  assertStringIncludes(
    problem?.message ?? "",
    "already imported from elsewhere in cell 1",
  );
});

Deno.test("checkNotebooks() passes --config on, and an unreadable one is an error", async () => {
  await using folder = await sampleFolder();
  const path = await folder.add(
    "index.ipynb",
    "const [one]: number[] = [1];\none.toFixed();\n",
  );
  const loose = `${folder.directory}/loose.json`;
  await Deno.writeTextFile(
    loose,
    '{"compilerOptions":{"noUncheckedIndexedAccess":false}}',
  );
  assertEquals((await checkNotebooks([path])).length, 1);
  assertEquals(await checkNotebooks([path], loose), []);
  const [problem] = await checkNotebooks([path], `${folder.directory}/missing.json`);
  assertStringIncludes(problem?.message ?? "", "missing.json");
});

Deno.test("checkNotebooks() names the module when the error is not in a cell", async () => {
  await using folder = await sampleFolder();
  await Deno.writeTextFile(
    `${folder.directory}/bad.ts`,
    '\nexport const n: number = "1";\n',
  );
  const path = await folder.add("uses.ipynb", 'import { n } from "./bad.ts";\nn;\n');
  const found = await checkNotebooks([path]);
  assertEquals(found.map(({ path, place }) => path + place), [
    `${folder.directory}/bad.ts line 2`,
  ]);
});

Deno.test("parseDiagnostics() takes the first place of an error, without the quoted code", () => {
  const [only, ...others] = parseDiagnostics(`TS2345 [ERROR]: Argument is wrong.
  Type 'A' is not 'B'.
f(a);
  ^
    at file:///n.ts:7:3

    'f' is declared here.
    function f(b: B) {}
             ^
        at file:///m.ts:1:10

error: Type checking failed.
`);
  assertEquals(others, []);
  assertEquals(only, {
    code: "TS2345",
    message: "Argument is wrong.\n  Type 'A' is not 'B'.",
    url: "file:///n.ts",
    line: 7,
  });
  assert(only);
});
