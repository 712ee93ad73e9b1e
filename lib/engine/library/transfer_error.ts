/**
 * Why a file did not arrive; whoever wanted it knows what to do about that, and says so.
 *
 * @module
 */

/** A file's checksum, in hexadecimal: all of it, or its first digits where no more is published. */
export interface Checksum {
  readonly algorithm: "sha256" | "md5";
  readonly hex: string;
}

/** What was in the way. */
export type Obstacle =
  | { readonly kind: "refused"; readonly status: number }
  /** A web page came in place of a file. */
  | { readonly kind: "page" }
  /** The connection broke, again and again; what came in is on disk. */
  | { readonly kind: "broken"; readonly bytes: number; readonly reason: string }
  | { readonly kind: "damaged"; readonly found: string; readonly expected: Checksum };

/** A file did not arrive. */
export class TransferError extends Error {
  override readonly name = "TransferError";
  constructor(readonly obstacle: Obstacle) {
    super(`The transfer failed: ${obstacle.kind}`);
  }
}
