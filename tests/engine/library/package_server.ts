/**
 * A package index on this machine, with wheels of a few bytes, that can be made to fail in the
 * ways that the real one may.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { TextReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import type { LibraryOptions, Machine } from "../../../lib/engine/library/mod.ts";

/** A wheel that exists only in memory. */
export interface FakeWheel {
  readonly file: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** A wheel called `file` that holds `members`. */
export async function makeWheel(
  file: string,
  members: Readonly<Record<string, string>>,
): Promise<FakeWheel> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, level: 0 });
  for (const [name, text] of Object.entries(members)) {
    await zip.add(name, new TextReader(text));
  }
  const bytes = new Uint8Array(await zip.close());
  return { file, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** The name that TensorFlow's CPU wheel for Linux has. */
export const cpuWheelName = "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl";

/** A CPU wheel: `size` bytes of library and things that set-up must leave out. */
export async function cpuWheel(size = 1000): Promise<FakeWheel> {
  return await makeWheel(cpuWheelName, {
    "tensorflow/libtensorflow_cc.so.2": "c".repeat(size),
    "tensorflow/libtensorflow_framework.so.2": "framework",
    "tensorflow/THIRD_PARTY_NOTICES.txt": "notices",
    "tensorflow/python/_pywrap.so": "not wanted",
    "tensorflow_cpu-2.21.0.dist-info/METADATA": "Name: tensorflow_cpu\n",
  });
}

/** What the server does other than answer. */
export interface Faults {
  /** Breaks off the first answers to a wheel after so many bytes each. */
  readonly cutAfter?: readonly number[];
  /** Falls silent in the first answer to a wheel after so many bytes. */
  readonly stallAfter?: number;
  /** States this sha256 in the index. */
  readonly statedSha256?: string;
  /** Sends these bytes in place of the wheel's. */
  readonly otherBytes?: Uint8Array<ArrayBuffer>;
  /** Asks for this "name:password". */
  readonly password?: string;
  /** Answers in JSON (PEP 691). */
  readonly json?: boolean;
  /** Waits so long before a wheel. */
  readonly delayMilliseconds?: number;
}

/** A running index. */
export interface PackageServer extends AsyncDisposable {
  /** The address of its simple index. */
  readonly index: string;
  /** "path" or "path from N" of every request. */
  readonly requests: string[];
}

/** Serves `wheels` on 127.0.0.1. */
export function servePackages(
  wheels: readonly FakeWheel[],
  faults: Faults = {},
): PackageServer {
  const requests: string[] = [];
  const cuts = [...(faults.cutAfter ?? [])];
  let stallAfter = faults.stallAfter;

  function page(project: string): Response {
    const offered = wheels.filter((wheel) =>
      wheel.file.split("-")[0]?.replaceAll("_", "-") === project
    );
    if (offered.length === 0) return new Response("not here", { status: 404 });
    const sha256 = (wheel: FakeWheel) => faults.statedSha256 ?? wheel.sha256;
    if (faults.json) {
      return new Response(
        JSON.stringify({
          files: offered.map((wheel) => ({
            filename: wheel.file,
            url: `../../files/${wheel.file}`,
            hashes: { sha256: sha256(wheel) },
          })),
        }),
        { headers: { "content-type": "application/vnd.pypi.simple.v1+json" } },
      );
    }
    const links = offered.map((wheel) =>
      `<a href="../../files/${wheel.file}#sha256=${sha256(wheel)}">${wheel.file}</a>`
    );
    return new Response(
      `<!DOCTYPE html><html><body>${links.join("<br>")}</body></html>`,
      {
        headers: { "content-type": "text/html" },
      },
    );
  }

  function wheelBytes(wheel: FakeWheel, offset: number): Response {
    const bytes = (faults.otherBytes ?? wheel.bytes).subarray(offset);
    const stall = stallAfter;
    stallAfter = undefined;
    const cut = stall ?? cuts.shift();
    const sent = cut === undefined ? bytes : bytes.subarray(0, cut);
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((done) => setTimeout(done, faults.delayMilliseconds ?? 0));
        controller.enqueue(sent);
        if (sent.length === bytes.length) controller.close();
        else if (stall === undefined) controller.error(new Error("cut off"));
        else await new Promise(() => {});
      },
    });
    const headers = new Headers({ "content-length": String(bytes.length) });
    const end = offset + bytes.length;
    if (offset > 0) headers.set("content-range", `bytes ${offset}-${end - 1}/${end}`);
    return new Response(body, { status: offset > 0 ? 206 : 200, headers });
  }

  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {}, onError: () => new Response() },
    (request) => {
      const path = new URL(request.url).pathname;
      const offset = Number(
        request.headers.get("range")?.match(/bytes=(\d+)-/)?.[1] ?? 0,
      );
      requests.push(offset > 0 ? `${path} from ${offset}` : path);
      if (
        faults.password !== undefined &&
        request.headers.get("authorization") !== `Basic ${btoa(faults.password)}`
      ) return new Response("who are you?", { status: 401 });
      const project = path.match(/^\/simple\/([^/]+)\/$/)?.[1];
      if (project !== undefined) return page(project);
      const wheel = wheels.find((one) => path === `/files/${one.file}`);
      return wheel === undefined
        ? new Response("not here", { status: 404 })
        : wheelBytes(wheel, offset);
    },
  );
  return {
    index: `http://127.0.0.1:${server.addr.port}/simple`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A Linux machine on x86_64, with `nvidiaCards` cards. */
export function linuxMachine(nvidiaCards = 0): Machine {
  return {
    os: "linux",
    arch: "x86_64",
    deno: "2.9.6",
    cLibrary: () => ({ kind: "glibc", version: "2.36" }),
    nvidiaCards: () => nvidiaCards,
  };
}

/** A folder that is gone after the test. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "mimkit-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Options with nothing of this machine in them: its pip settings and cache do not count. */
export function isolated(
  variables: Readonly<Record<string, string>>,
  options: LibraryOptions = {},
): LibraryOptions {
  const all: Readonly<Record<string, string>> = {
    PIP_CONFIG_FILE: "/dev/null",
    ...variables,
  };
  return {
    environment: (name) => all[name],
    machine: linuxMachine(),
    onProgress: () => {},
    ...options,
  };
}

/** Pinned checksums that accept `wheels`. */
export function pin(...wheels: readonly FakeWheel[]): Readonly<Record<string, string>> {
  return Object.fromEntries(wheels.map((wheel) => [wheel.file, wheel.sha256]));
}

/** Every file and folder below `folder`, but for the lock. */
export function everythingIn(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const name = prefix + entry.name;
    if (entry.isDirectory) {
      return [name, ...everythingIn(`${folder}/${entry.name}`, `${name}/`)];
    }
    return entry.name === ".lock" ? [] : [name];
  });
}
