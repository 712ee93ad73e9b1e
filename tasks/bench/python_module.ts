/**
 * A Python module in a process of its own, whose functions are called from here: JSON lines over
 * its standard input and output.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { compilerCache } from "./python_environment.ts";

const server = fileURLToPath(new URL("python/serve.py", import.meta.url));

// Enough to hold an error's last lines.
const keptLines = 20;

type Reply = { result: unknown } | { error: string };

/** A started module. */
export class PythonModule implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #replies: AsyncIterator<string>;
  readonly #complaints: string[] = [];
  readonly #complaining: Promise<void>;

  /** @param folder where the module lies, if it is not one of `python/`. */
  constructor(python: string, readonly name: string, folder?: string) {
    this.#process = new Deno.Command(python, {
      args: ["-u", server, name],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: {
        TORCHINDUCTOR_CACHE_DIR: compilerCache,
        PYTHONDONTWRITEBYTECODE: "1",
        ...(folder === undefined ? {} : { PYTHONPATH: folder }),
      },
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#replies = linesOf(this.#process.stdout)[Symbol.asyncIterator]();
    this.#complaining = this.#listen();
  }

  async #listen(): Promise<void> {
    for await (const line of linesOf(this.#process.stderr)) {
      this.#complaints.push(line);
      if (this.#complaints.length > keptLines) this.#complaints.shift();
    }
  }

  /**
   * Calls a function of the module with keyword arguments.
   *
   * @throws {Error} with Python's own message when the function fails or the process ends.
   */
  async call<Result>(
    name: string,
    keywords: Record<string, unknown> = {},
  ): Promise<Result> {
    const request = JSON.stringify({ function: name, arguments: keywords }) + "\n";
    // A process that has ended takes no input; why it ended is told below.
    await this.#input.write(new TextEncoder().encode(request)).catch(() => {});
    const line = await this.#replies.next();
    if (line.done) {
      const { code, signal } = await this.#process.status;
      await this.#complaining;
      const last = this.#complaints.at(-1) ?? "it said nothing";
      throw new Error(
        `The Python process of ${this.name} ended with ${
          signal ?? `status ${code}`
        } in ` +
          `${name}: ${last}`,
      );
    }
    const reply = JSON.parse(line.value) as Reply;
    if ("error" in reply) {
      throw new Error(`${this.name}.${name} failed in Python: ${reply.error}`);
    }
    return reply.result as Result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#process.status;
    await this.#complaining;
  }
}

function linesOf(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  return createInterface({
    input: Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]),
    crlfDelay: Infinity,
  });
}
