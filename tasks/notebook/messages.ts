/**
 * Jupyter's messages on the wire: five frames after a delimiter, signed with the key of the
 * connection file (https://jupyter-client.readthedocs.io/en/stable/messaging.html).
 */
import type { Frames } from "./zmtp.ts";

/** A message from the kernel: its type, the id of the request that caused it, its content. */
export interface KernelMessage {
  readonly type: string;
  readonly parent: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** A request's id and its frames, ready to be sent. */
export interface SignedRequest {
  readonly id: string;
  readonly frames: Frames;
}

const DELIMITER = "<IDS|MSG>";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Returns a function that makes signed requests of one session. */
export async function requestSigner(
  key: string,
): Promise<(type: string, content: unknown) => Promise<SignedRequest>> {
  const session = crypto.randomUUID();
  const hmac = await crypto.subtle.importKey(
    "raw",
    encoder.encode(key),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return async (type, content) => {
    const id = crypto.randomUUID();
    const header = {
      msg_id: id,
      msg_type: type,
      session,
      username: "mimkit",
      date: new Date().toISOString(),
      version: "5.3",
    };
    const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    const signature = await crypto.subtle.sign(
      "HMAC",
      hmac,
      encoder.encode(parts.join("")),
    );
    const frames = [DELIMITER, new Uint8Array(signature).toHex(), ...parts];
    return { id, frames: frames.map((frame) => encoder.encode(frame)) };
  };
}

/** Reads a message's frames; null for what is not a Jupyter message. */
export function parseMessage(frames: Frames): KernelMessage | null {
  const texts = frames.map((frame) => decoder.decode(frame));
  // iopub puts a topic before the delimiter, shell an identity or nothing.
  const start = texts.indexOf(DELIMITER);
  const [header, parent, , content] = texts.slice(start + 2);
  if (start < 0 || header === undefined || content === undefined) return null;
  return {
    type: JSON.parse(header).msg_type,
    parent: JSON.parse(parent ?? "{}").msg_id ?? "",
    content: JSON.parse(content),
  };
}
