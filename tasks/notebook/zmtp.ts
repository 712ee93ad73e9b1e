/**
 * The few lines of ZeroMQ's wire protocol (ZMTP 3.0, RFC 23) that a Jupyter client needs: a
 * DEALER or SUB socket that connects to a kernel on this machine. npm's zeromq addon loads in
 * Deno, but its sockets stay asleep until some timer wakes the event loop, so a reply can be
 * waited for forever; plain TCP also needs no FFI permission and no 34 MB of prebuilt binaries.
 */

/** One ZeroMQ message: its frames. */
export type Frames = readonly Uint8Array[];

/** A connected socket: send messages, iterate over those that arrive, close. */
export interface ZmtpSocket {
  send(frames: Frames): Promise<void>;
  receive(): AsyncGenerator<Frames, void>;
  close(): void;
}

const FLAG_MORE = 0x01;
const FLAG_LONG = 0x02;
const FLAG_COMMAND = 0x04;
const GREETING_BYTES = 64;

const encoder = new TextEncoder();

/** Connects to `127.0.0.1:port`, trying again until `deadline` (ms, as `Date.now()`). */
export async function connectZmtp(
  port: number,
  type: "DEALER" | "SUB",
  deadline: number,
): Promise<ZmtpSocket> {
  const connection = await connectUntil(port, deadline);
  connection.setNoDelay(true);
  const reader = byteReader(connection);
  let writing: Promise<void> = Promise.resolve();
  // Two messages sent at once must not mix their bytes.
  const write = (bytes: Uint8Array): Promise<void> =>
    writing = writing.then(() => writeAll(connection, bytes));

  await write(greeting());
  const peer = await reader.take(GREETING_BYTES);
  if (peer === null || peer[0] !== 0xff || (peer[10] ?? 0) < 3) {
    throw new Error(`What listens on port ${port} does not speak ZMTP 3.`);
  }
  await write(frameBytes(FLAG_COMMAND, readyCommand(type)));
  // An empty prefix subscribes to everything.
  if (type === "SUB") await write(frameBytes(0, Uint8Array.of(1)));

  async function* receive(): AsyncGenerator<Frames, void> {
    let frames: Uint8Array[] = [];
    while (true) {
      const frame = await readFrame(reader);
      if (frame === null) return;
      // READY, and heartbeats that a kernel on the same machine does not need answered.
      if (frame.flags & FLAG_COMMAND) continue;
      frames.push(frame.body);
      if (frame.flags & FLAG_MORE) continue;
      yield frames;
      frames = [];
    }
  }

  return {
    send: (frames) =>
      write(
        concat(frames.map((body, index) =>
          frameBytes(index < frames.length - 1 ? FLAG_MORE : 0, body)
        )),
      ),
    receive,
    close: () => connection.close(),
  };
}

async function connectUntil(port: number, deadline: number): Promise<Deno.TcpConn> {
  while (true) {
    try {
      return await Deno.connect({ hostname: "127.0.0.1", port });
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused) || Date.now() > deadline) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function greeting(): Uint8Array {
  const bytes = new Uint8Array(GREETING_BYTES);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes.set(encoder.encode("NULL"), 12);
  return bytes;
}

function readyCommand(type: string): Uint8Array {
  return concat([
    shortString("READY"),
    property("Socket-Type", type),
    property("Identity", ""),
  ]);
}

function shortString(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  return concat([Uint8Array.of(bytes.length), bytes]);
}

function property(name: string, value: string): Uint8Array {
  const bytes = encoder.encode(value);
  return concat([shortString(name), bigEndian(bytes.length, 4), bytes]);
}

function frameBytes(flags: number, body: Uint8Array): Uint8Array {
  return body.length < 256
    ? concat([Uint8Array.of(flags, body.length), body])
    : concat([Uint8Array.of(flags | FLAG_LONG), bigEndian(body.length, 8), body]);
}

function bigEndian(value: number, bytes: 4 | 8): Uint8Array {
  const out = new Uint8Array(bytes);
  const view = new DataView(out.buffer);
  if (bytes === 8) view.setBigUint64(0, BigInt(value));
  else view.setUint32(0, value);
  return out;
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await connection.write(bytes.subarray(written));
  }
}

interface ByteReader {
  /** Exactly `length` bytes, or null once the connection has ended. */
  take(length: number): Promise<Uint8Array | null>;
}

function byteReader(connection: Deno.TcpConn): ByteReader {
  const chunk = new Uint8Array(64 * 1024);
  let pending: Uint8Array = new Uint8Array(0);
  return {
    async take(length) {
      const parts: Uint8Array[] = [pending];
      let available = pending.length;
      while (available < length) {
        // Closing the socket on our side ends a read that waits with BadResource or Interrupted.
        const count = await connection.read(chunk).catch(() => null);
        if (count === null) return null;
        parts.push(chunk.slice(0, count));
        available += count;
      }
      const bytes = parts.length === 1 ? pending : concat(parts);
      pending = bytes.subarray(length);
      return bytes.subarray(0, length);
    },
  };
}

async function readFrame(
  reader: ByteReader,
): Promise<{ flags: number; body: Uint8Array } | null> {
  const flags = (await reader.take(1))?.[0];
  if (flags === undefined) return null;
  const size = await reader.take(flags & FLAG_LONG ? 8 : 1);
  if (size === null) return null;
  const length = flags & FLAG_LONG
    ? Number(new DataView(size.buffer, size.byteOffset).getBigUint64(0))
    : size[0] ?? 0;
  const body = await reader.take(length);
  return body === null ? null : { flags, body };
}
