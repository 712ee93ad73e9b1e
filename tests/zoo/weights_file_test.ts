import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { releasedModel } from "../../lib/zoo/registry/mod.ts";
import { WeightsError, weightsFile, weightsPath } from "../../lib/zoo/download/mod.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import {
  checksumOf,
  filesIn,
  into,
  modelAt,
  serveWeights,
  someBytes,
} from "./weights_server.ts";

const bytes = someBytes(50_000);
const sha256 = checksumOf(bytes);
const project = new URL("../../", import.meta.url).pathname;
const child = `${project}tests/zoo/weights_child.ts`;

Deno.test("weightsFile() fetches a file once", async () => {
  using folder = temporaryFolder();
  await using server = serveWeights(bytes);
  const model = modelAt(server.url, sha256);
  const path = await weightsFile(model, into(folder.path));
  assertEquals(path, weightsPath(model.weights, folder.path));
  assertEquals(await weightsFile(model, into(folder.path)), path);
  assertEquals(await weightsFile(model, { ...into(folder.path), offline: true }), path);
  assertEquals(server.requests, ["whole"]);
});

Deno.test("weightsFile() tells how far it is", async () => {
  using folder = temporaryFolder();
  await using server = serveWeights(bytes);
  const told: [number, number][] = [];
  await weightsFile(modelAt(server.url, sha256), {
    ...into(folder.path),
    progress: (step) => {
      if (step.step === "downloading") told.push([step.bytes, step.totalBytes]);
    },
  });
  assertEquals(told[0], [0, 50_000]);
  assertEquals(told.at(-1), [50_000, 50_000]);
});

Deno.test("weightsFile() checks a file that somebody has put there", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/weights`);
  const model = modelAt("https://weights.invalid/tiny.pth", sha256);
  const path = weightsPath(model.weights, folder.path);
  Deno.writeFileSync(path, bytes);
  assertEquals(await weightsFile(model, into(folder.path)), path);
  assertEquals(filesIn(folder.path), ["tiny.pth", "tiny.pth.checked"]);

  Deno.writeFileSync(path, someBytes(50_000, 7));
  Deno.utimeSync(path, 1, 1);
  const error = await assertRejects(
    () => weightsFile(model, into(folder.path)),
    WeightsError,
    "is not what the authors",
  );
  assertStringIncludes(error.message, path);
  assertStringIncludes(error.message, model.weights.url);
  assertEquals(Deno.readFileSync(path).length, 50_000); // it is not mimkit's to remove
});

Deno.test("weightsFile() fetches nothing offline, and says what to save where", async () => {
  using folder = temporaryFolder();
  await using server = serveWeights(bytes);
  const error = await assertRejects(
    () => weightsFile(modelAt(server.url), { ...into(folder.path), offline: true }),
    WeightsError,
    server.url,
  );
  assertStringIncludes(error.message, `${folder.path}/weights/tiny.pth`);
  assertEquals(server.requests, []);
});

Deno.test("weightsFile() leaves Google Drive to a browser", async () => {
  using folder = temporaryFolder();
  const model = releasedModel("milan_official_vit-l_pretrain_400e");
  const error = await assertRejects(
    () => weightsFile(model, into(folder.path)),
    WeightsError,
    "save https://drive.google.com/file/d/1bODIriEMq6RgnTUyy4i4tfOr0DgzfVW3/view",
  );
  const path = weightsPath(model.weights, folder.path);
  assertStringIncludes(error.message, `as ${path}`);
  Deno.mkdirSync(`${folder.path}/weights`);
  Deno.writeTextFileSync(path, "saved by hand");
  assertEquals(await weightsFile(model, into(folder.path)), path);
});

async function startChild(url: string, cache: string, hex: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--no-lock", "--config"],
      ...["deno.offline.json", "--allow-net", "--allow-read", "--allow-write"],
      ...["--allow-env", child, url, cache, hex],
    ],
    cwd: project,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("two processes that want the same file fetch it once", async () => {
  using folder = temporaryFolder();
  await using server = serveWeights(bytes, { delayMilliseconds: 1500 });
  const outputs = await Promise.all([
    startChild(server.url, folder.path, sha256.hex),
    startChild(server.url, folder.path, sha256.hex),
  ]);
  const path = `${folder.path}/weights/tiny.pth`;
  assertEquals(outputs.map((output) => output.trim().split("\n").at(-1)), [path, path]);
  assertEquals(outputs.filter((output) => output.includes("waiting")).length, 1);
  assertEquals(Deno.readFileSync(path), bytes);
  assertEquals(server.requests, ["whole"]);
  assertEquals(filesIn(folder.path), ["tiny.pth", "tiny.pth.checked"]);
});
