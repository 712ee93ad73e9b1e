import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { WeightsError } from "../../lib/zoo/download/mod.ts";
import { weightsFile } from "../../lib/zoo/download/weights_file.ts";
import { asWeightsError } from "../../lib/zoo/download/weights_error.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import {
  checksumOf,
  filesIn,
  into,
  modelAt,
  serveWeights,
  someBytes,
} from "./weights_server.ts";

const bytes = someBytes(100_000);
const sha256 = checksumOf(bytes);

/** The message of a failed fetch, which has to be one sentence with address and path. */
async function failure(url: string, cache: string, checksum = sha256): Promise<string> {
  const error = await assertRejects(
    () => weightsFile(modelAt(url, checksum), into(cache)),
    WeightsError,
  );
  assertStringIncludes(error.message, `${cache}/weights/tiny.pth`);
  assertEquals(error.message.includes("\n"), false);
  return error.message;
}

Deno.test("weightsFile() goes on where a broken transfer stopped", async () => {
  using folder = temporaryFolder();
  await using server = serveWeights(bytes, { cutAfter: [40_000, 10_000] });
  const path = await weightsFile(modelAt(server.url, sha256), into(folder.path));
  assertEquals(Deno.readFileSync(path), bytes);
  assertEquals(server.requests, ["whole", "from 40000", "from 50000"]);
  assertEquals(filesIn(folder.path), ["tiny.pth", "tiny.pth.checked"]);
});

Deno.test("weightsFile() keeps a broken download for the next run", async () => {
  using folder = temporaryFolder();
  {
    await using server = serveWeights(bytes, { cutAfter: [70_000, 0, 0, 0, 0, 0] });
    const message = await failure(server.url, folder.path);
    assertStringIncludes(message, server.url);
    assertStringIncludes(message, "broke off after 0.1 MB");
  }
  assertEquals(filesIn(folder.path), ["tiny.pth.partial"]);
  await using server = serveWeights(bytes);
  const path = await weightsFile(modelAt(server.url, sha256), into(folder.path));
  assertEquals(Deno.readFileSync(path), bytes);
  assertEquals(server.requests, ["from 70000"]);
});

Deno.test("weightsFile() starts over where the server knows no ranges", async () => {
  using folder = temporaryFolder();
  await using server = serveWeights(bytes, { cutAfter: [40_000], ignoresRange: true });
  const path = await weightsFile(modelAt(server.url, sha256), into(folder.path));
  assertEquals(Deno.readFileSync(path), bytes);
  assertEquals(server.requests, ["whole", "from 40000"]);
});

Deno.test("weightsFile() never joins two editions of a file without a checksum", async () => {
  using folder = temporaryFolder();
  const cutAfter = [70_000, 0, 0, 0, 0, 0];
  {
    await using server = serveWeights(someBytes(100_000, 7), { cutAfter, etag: '"old"' });
    await assertRejects(() => weightsFile(modelAt(server.url), into(folder.path)));
  }
  {
    await using server = serveWeights(bytes, { cutAfter, etag: '"new"' });
    await assertRejects(() => weightsFile(modelAt(server.url), into(folder.path)));
  }
  await using server = serveWeights(bytes, { etag: '"new"' });
  const path = await weightsFile(modelAt(server.url), into(folder.path));
  assertEquals(Deno.readFileSync(path), bytes);
  assertEquals(server.requests, ["from 70000"]); // the same edition goes on
  assertEquals(filesIn(folder.path), ["tiny.pth"]);
});

Deno.test("weightsFile() starts over where nothing tells a file's editions apart", async () => {
  using folder = temporaryFolder();
  {
    await using server = serveWeights(bytes, { cutAfter: [70_000, 0, 0, 0, 0, 0] });
    await assertRejects(() => weightsFile(modelAt(server.url), into(folder.path)));
  }
  await using server = serveWeights(bytes);
  const path = await weightsFile(modelAt(server.url), into(folder.path));
  assertEquals(Deno.readFileSync(path), bytes);
  assertEquals(server.requests, ["whole"]);
});

Deno.test("weightsFile() takes the first digits of a sha256 or an md5", async () => {
  for (const [algorithm, digits] of [["sha256", 8], ["md5", 6]] as const) {
    using folder = temporaryFolder();
    const checksum = checksumOf(bytes, algorithm, digits);
    await using server = serveWeights(bytes);
    const path = await weightsFile(modelAt(server.url, checksum), into(folder.path));
    assertEquals(Deno.readFileSync(path), bytes);
    await using other = serveWeights(someBytes(100_000, 7));
    using empty = temporaryFolder();
    const message = await failure(other.url, empty.path, checksum);
    assertStringIncludes(message, checksum.hex);
    assertStringIncludes(message, algorithm);
  }
});

Deno.test("weightsFile() keeps nothing of a file with a wrong checksum", async () => {
  using folder = temporaryFolder();
  await using server = serveWeights(someBytes(100_000, 7));
  const message = await failure(server.url, folder.path);
  assertStringIncludes(message, "damaged or not the original");
  assertStringIncludes(message, server.url);
  assertEquals(filesIn(folder.path), []);
  assertEquals(server.requests, ["whole"]);
});

Deno.test("weightsFile() fetches again what an earlier run left damaged", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/weights`);
  const partial = `${folder.path}/weights/tiny.pth.partial`;
  await using server = serveWeights(bytes);
  for (const length of [10, 100_000, 100_001]) {
    Deno.writeFileSync(partial, someBytes(length, 7).fill(9));
    const path = await weightsFile(modelAt(server.url, sha256), into(folder.path));
    assertEquals(Deno.readFileSync(path), bytes);
    Deno.removeSync(path);
  }
});

Deno.test("weightsFile() finishes a download that was whole but not yet named", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/weights`);
  Deno.writeFileSync(`${folder.path}/weights/tiny.pth.partial`, bytes);
  await using server = serveWeights(bytes);
  const path = await weightsFile(modelAt(server.url, sha256), into(folder.path));
  assertEquals(Deno.readFileSync(path), bytes);
  assertEquals(server.requests, ["from 100000"]);
});

Deno.test("weightsFile() says what a server refuses", async () => {
  for (
    const [status, words] of [[404, "no longer there"], [403, "answered 403"]] as const
  ) {
    using folder = temporaryFolder();
    await using server = serveWeights(bytes, { status });
    const message = await failure(server.url, folder.path);
    assertStringIncludes(message, words);
    assertStringIncludes(message, server.url);
    assertEquals(filesIn(folder.path), []);
  }
});

Deno.test("weightsFile() takes no web page for weights", async () => {
  using folder = temporaryFolder();
  const contentType = "text/html; charset=utf-8";
  await using server = serveWeights(bytes, { contentType });
  const error = await assertRejects(
    () => weightsFile(modelAt(server.url), into(folder.path)),
    WeightsError,
    "answered with a web page",
  );
  assertStringIncludes(error.message, `${folder.path}/weights/tiny.pth`);
  assertEquals(filesIn(folder.path), []);
});

Deno.test("weightsFile() says that there is no network, with address and path", async () => {
  using folder = temporaryFolder();
  const url = "https://weights.invalid/tiny.pth"; // RFC 2606: never a host
  const message = await failure(url, folder.path);
  assertStringIncludes(message, "No answer from weights.invalid");
  assertStringIncludes(message, url);
  assertStringIncludes(message, "HTTPS_PROXY");
});

Deno.test("weightsFile() goes through pip's proxy", async () => {
  using folder = temporaryFolder();
  await using proxy = serveWeights(bytes);
  const variables = {
    PIP_PROXY: new URL(proxy.url).origin,
    PIP_TRUSTED_HOST: "weights.invalid",
  };
  const path = await weightsFile(
    modelAt("http://weights.invalid/tiny.pth", sha256),
    into(folder.path, variables),
  );
  assertEquals(Deno.readFileSync(path), bytes);
  assertEquals(proxy.requests, ["whole"]);
});

Deno.test("asWeightsError() says that the disk is full", () => {
  const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  const place = { url: "https://weights.invalid/a.pth", path: "/cache/weights/a.pth" };
  const { message } = asWeightsError(full, place);
  for (const part of ["disk is full", "MIMKIT_CACHE", place.url, place.path]) {
    assertStringIncludes(message, part);
  }
  assert(asWeightsError(full, place) instanceof WeightsError);
});

Deno.test("weightsFile() says that the cache is no folder", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/weights`, "a file where a folder should be");
  await using server = serveWeights(bytes);
  const message = await failure(server.url, folder.path);
  assertStringIncludes(message, "set MIMKIT_CACHE to a folder");
});
