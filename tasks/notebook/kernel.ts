/**
 * A Deno kernel of our own to run notebooks headless: starts `deno jupyter --kernel`, speaks
 * Jupyter's message protocol with it and, unlike nbclient, does not call a cell finished at
 * `idle`: the kernel may publish outputs after that.
 */
import { writeConnectionFile } from "./connection_file.ts";
import { type KernelMessage, parseMessage, requestSigner } from "./messages.ts";
import { connectZmtp, type ZmtpSocket } from "./zmtp.ts";

/** What the kernel answered to one cell. */
export interface CellReply {
  readonly status: "ok" | "error";
  /** Of an error: its name, message and trace, as the kernel gives them. */
  readonly name: string;
  readonly message: string;
  readonly traceback: readonly string[];
}

/** A running kernel. */
export interface Kernel {
  /**
   * Runs one cell and returns when its outputs have arrived; `onMessage` gets them, also those
   * that are published while later cells run.
   *
   * @throws {Error} if the kernel dies or the cell takes longer than `timeout` milliseconds.
   */
  execute(
    code: string,
    onMessage: (message: KernelMessage) => void,
    timeout: number,
  ): Promise<CellReply>;
  /** Ends the process and removes its connection file. */
  stop(): Promise<void>;
}

/** How to start a kernel. */
export interface KernelOptions {
  /** The notebook's folder: `./x.ts` and the nearest deno.json are looked for from here. */
  readonly directory: string;
  /** Environment variables in addition to those of this process. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A first run may have to fetch npm packages before the kernel answers. */
const START_TIMEOUT = 180_000;
/** Milliseconds without a message, for what a cell publishes without awaiting it. */
const QUIET = 50;
/** For how long a cell's outputs are waited for after its end; it takes milliseconds. */
const DRAIN_TIMEOUT = 30_000;
/**
 * A message that no Jupyter client knows, sent by a silent request after each cell: it travels
 * behind all that the cell has published. In a measurement 38 to 56 of 240 outputs came after
 * the kernel had called the cell idle.
 */
const DRAINED = "mimkit_drained";
const STDERR_LINES = 20;

/** Starts a Deno kernel and returns once it answers. */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  const deadline = Date.now() + START_TIMEOUT;
  const connection = await writeConnectionFile(options.directory);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--kernel", "--conn", connection.file],
    cwd: options.directory,
    env: { ...options.environment },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = lastLines(child.stderr, STDERR_LINES);
  let running = true;
  let sockets: ZmtpSocket[] = [];
  const died: Promise<never> = child.status.then(async (status) => {
    running = false;
    await stderr.ended;
    const how = status.signal
      ? `killed by ${status.signal}`
      : `exit status ${status.code}`;
    throw new Error(`the kernel ended (${how})${stderr.text("\n")}`);
  });
  died.catch(() => {});
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.close();
    sockets = [];
    if (running) child.kill("SIGKILL");
    await died.catch(() => {});
    await Deno.remove(connection.file).catch(() => {});
  };

  const listeners = new Map<string, (message: KernelMessage) => void>();
  const listen = async (socket: ZmtpSocket): Promise<void> => {
    for await (const frames of socket.receive()) {
      const message = parseMessage(frames);
      if (message) listeners.get(message.parent)?.(message);
    }
  };
  const sign = await requestSigner(connection.key);

  try {
    const [shell, iopub] = await Promise.race([
      died,
      Promise.all([
        connectZmtp(connection.shellPort, "DEALER", deadline),
        connectZmtp(connection.iopubPort, "SUB", deadline),
      ]),
    ]);
    sockets = [shell, iopub];
    void listen(shell);
    void listen(iopub);

    const request = async (
      type: string,
      content: unknown,
      listener: (message: KernelMessage) => void,
    ): Promise<void> => {
      const { id, frames } = await sign(type, content);
      listeners.set(id, listener);
      await shell.send(frames);
    };
    const run = (code: string, silent: boolean) => ({
      code,
      silent,
      store_history: !silent,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: false,
    });

    /** Resolves when the message that `isLast` waits for has come, or rejects with the kernel. */
    const until = (
      send: (listener: (message: KernelMessage) => void) => Promise<void>,
      isLast: (message: KernelMessage) => boolean,
      timeout: number,
      complaint: string,
    ): Promise<void> => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const finished = new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(complaint)), timeout);
        send((message) => {
          if (isLast(message)) resolve();
        }).catch(reject);
      });
      return Promise.race([died, finished]).finally(() => clearTimeout(timer));
    };

    // A subscription takes effect a moment after it is sent: ask until iopub is heard.
    let heard = false;
    while (!heard) {
      await until(
        (listener) => request("kernel_info_request", {}, listener),
        (message) => message.type === "status",
        250,
        "not heard",
      ).then(() => heard = true).catch((error) => {
        if (!running || Date.now() > deadline) throw error;
      });
    }

    return {
      stop,
      async execute(code, onMessage, timeout) {
        let lastMessage = Date.now();
        const publish = (message: KernelMessage): void => {
          lastMessage = Date.now();
          onMessage(message);
        };
        let reply: CellReply | undefined;
        let idle = false;
        await until(
          (listener) =>
            request("execute_request", run(code, false), (message) => {
              if (message.type === "execute_reply") reply = readReply(message.content);
              else if (message.type !== "status") publish(message);
              else idle ||= message.content.execution_state === "idle";
              listener(message);
            }),
          () => reply !== undefined && idle,
          timeout,
          `the cell did not finish within ${
            timeout / 1000
          } s (an error thrown in a timer ` +
            "or an event handler leaves the kernel waiting)",
        );
        await until(
          (listener) =>
            request(
              "execute_request",
              run(`await Deno.jupyter.broadcast("${DRAINED}", {})`, true),
              // The kernel signs what the cell publishes late with the newest request.
              (message) => {
                publish(message);
                listener(message);
              },
            ),
          (message) => message.type === DRAINED,
          DRAIN_TIMEOUT,
          "not drained",
        ).catch((error) => {
          if (!running) throw error;
        });
        while (Date.now() - lastMessage < QUIET) {
          await new Promise((resolve) => setTimeout(resolve, QUIET));
        }
        return reply ?? readReply({});
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readReply(content: Readonly<Record<string, unknown>>): CellReply {
  return {
    status: content.status === "ok" ? "ok" : "error",
    name: String(content.ename ?? "Error"),
    message: String(content.evalue ?? ""),
    traceback: Array.isArray(content.traceback) ? content.traceback.map(String) : [],
  };
}

/** Keeps the last lines of a stream, for the message about a kernel that died. */
function lastLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  count: number,
): { ended: Promise<void>; text(prefix: string): string } {
  let kept = "";
  const ended = (async () => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      kept = (kept + chunk).split("\n").slice(-count).join("\n");
    }
  })();
  return { ended, text: (prefix) => kept.trim() === "" ? "" : prefix + kept.trim() };
}
