/**
 * The file that tells a kernel which ports of this machine to listen on, and the key that signs
 * the messages.
 */

/** Where the file lies and what of it a client needs. */
export interface Connection {
  readonly file: string;
  readonly key: string;
  readonly shellPort: number;
  readonly iopubPort: number;
}

/** Writes a connection file with free ports and a new key into `directory`. */
export async function writeConnectionFile(directory: string): Promise<Connection> {
  const [shellPort = 0, iopubPort = 0, stdinPort, controlPort, heartbeatPort] = freePorts(
    5,
  );
  const key = crypto.randomUUID();
  const file = `${directory}/.kernel-${crypto.randomUUID()}.json`;
  const content = {
    ip: "127.0.0.1",
    transport: "tcp",
    shell_port: shellPort,
    iopub_port: iopubPort,
    stdin_port: stdinPort,
    control_port: controlPort,
    hb_port: heartbeatPort,
    key,
    signature_scheme: "hmac-sha256",
    kernel_name: "deno",
  };
  // Whoever reads the key can run code in the kernel, hence the mode.
  await Deno.writeTextFile(file, JSON.stringify(content), { mode: 0o600 });
  return { file, key, shellPort, iopubPort };
}

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map((listener) => (listener.addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}
