/**
 * The checksums of ImageNet's official archives, as on image-net.org's download page and in
 * torchvision's `imagenet.py`. The development kit is left out: two editions of it are about.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** MD5, in hexadecimal. */
export const imagenetMd5 = {
  train: "1d675b47d978889d74fa0da5fadfb00e",
  val: "29b22e2961454d5413ddabcf34fc5622",
} as const;

/**
 * Compares a whole archive with its MD5; the 138 GB of the training pictures take some minutes.
 *
 * @throws {Error} if they differ, in one sentence.
 *
 * @example
 * ```ts ignore
 * import { checkMd5, imagenetMd5 } from "./imagenet_checksums.ts";
 * await checkMd5("ILSVRC2012_img_val.tar", imagenetMd5.val);
 * ```
 */
export async function checkMd5(path: string, expected: string): Promise<void> {
  const hash = createHash("md5");
  using file = await Deno.open(path, { read: true });
  const buffer = new Uint8Array(1 << 20);
  for (let count = await file.read(buffer); count !== null;) {
    hash.update(buffer.subarray(0, count));
    count = await file.read(buffer);
  }
  const found = hash.digest("hex");
  if (found !== expected) {
    throw new Error(
      `${path} is not the official archive: its MD5 is ${found}, not ${expected}; get it again`,
    );
  }
}
