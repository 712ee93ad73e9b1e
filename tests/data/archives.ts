// Archives made for tests, and some that other programs made.

/** A member of an archive: its name and content. */
export type Member = readonly [name: string, content: Uint8Array | string];

/** A plain ustar archive. */
export function tarArchive(
  members: readonly Member[],
  { ended = true } = {},
): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [name, content] of members) {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    const header = new Uint8Array(512);
    const write = (text: string, at: number) =>
      header.set(new TextEncoder().encode(text), at);
    write(name, 0);
    write("0000644\0", 100);
    write(bytes.length.toString(8).padStart(11, "0") + "\0", 124);
    write("        ", 148);
    write("0", 156);
    write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    write(sum.toString(8).padStart(6, "0") + "\0 ", 148);
    blocks.push(header, bytes, new Uint8Array((512 - bytes.length % 512) % 512));
  }
  if (ended) blocks.push(new Uint8Array(1024));
  return concatenated(blocks);
}

/** Arrays one after the other. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  return new Uint8Array(await new Response(source.pipeThrough(stream)).arrayBuffer());
}

/** Packed with gzip. */
export function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  return through(bytes, new CompressionStream("gzip"));
}

const gnuFormat =
  "H4sIAAAAAAACA+3XTQ6CMBAF4B6lJ+gPtHTrAbgDqYYgisVgNXgkz+HFJC5MJCQmalHC+zZt19N5" +
  "nVpOghOdRKn72umvA/tERhGhmozgePC2oZTMlOVLttkXv6y/jIzq1d8IrQgVqH9wLcBEEfgY44wv" +
  "0toVaem2AfN/IPcfmR8L2c9/owyhKfI/ON/Y0vFT3pyzqrsFmbO7PJvE8XoJPrig/l85vp7/9XP/" +
  "x5GSGvPfGNZ5VdVogxm//yvmW/9n/38jZIz+BwAAAAAAAAAAAAB41w0ajBjVACgAAA==";

const paxFormat =
  "H4sIAAAAAAACA+3XPw6CMBQG8M6eghPQP7QwmTg6egNStQENIqnV4JE8hxcTHUwgJCYYUML3W9pO" +
  "HV7e11dNSe9YJZTytVaaa8s+5KEgniIDOJ+cttWVZJo0Xfv7Ivll/bmIZKP+EeeSeAz1710JMFIE" +
  "vuZTny5WulwavTW2v/xvyf135gdc1POfM8E58Urkf+8EE16hXTp3Vu9yejH2GmfHPIlzfTDxKI73" +
  "23OCmaGXuxii7J/nf1Xv/0BIpTD/DSE1WXZEG0z4/d/4rnR/9v+PmArQ/wAAAAAAAAAAAAAAXT0A" +
  "1uiToAAoAAA=";

function unpacked(base64: string): Promise<Uint8Array> {
  return through(Uint8Array.fromBase64(base64), new DecompressionStream("gzip"));
}

/**
 * By Python 3.11's tarfile: a folder `a/`, `a/b.jpg` of 700 times "x", a name of 190 letters that
 * holds "hello", and `./c.txt`, which is empty.
 */
export const pythonTars: Readonly<Record<"gnu" | "pax", () => Promise<Uint8Array>>> = {
  gnu: () => unpacked(gnuFormat),
  pax: () => unpacked(paxFormat),
};

/**
 * By SciPy 1.17.1 (`savemat(…, do_compression=True)`): `synsets` like ImageNet's, a 4 × 1 array of
 * structs. Three are classes, with 2, 1 and 3 training pictures and the numbers 3, 1 and 2; the
 * fourth is a group of them. And an array of numbers, `other`.
 */
export const metaMat: Uint8Array = Uint8Array.fromBase64(
  "TUFUTEFCIDUuMCBNQVQtZmlsZSBQbGF0Zm9ybTogcG9zaXgsIENyZWF0ZWQgb246IFNhdCBOb3Yg" +
    "MjEgMjM6MDU6MDYgMjAyNgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
    "AAAAAAAAAAAAAAABSU0PAAAAlgEAAHic7VXRSsMwFL3r6nQIQwWfRMkH9KHbOtfHwXzYQERU9LHE" +
    "LbbBLoUkZfgH/oX+iz9msrVbV4edm+LLAre355Zz0ntPSWsA8L4HUFFZJTBgunYSbKooJbGrQrww" +
    "QaRQz004TOqvKvqXt/c33YZdb3j9Cy3wcDXNszWO+FBkC34YiYUCi0feIKDhkBM2KSyAVIMR6QWE" +
    "+oFMKJJjyjw6wj4RUFNFG+b97Of6KWUCJv0ZUFZZ8zoZnrmEV83wDhLM7Lrj2O1zJ6lrnV6BzlFO" +
    "R2NJ2CCw0B1lA4ykvs713AK9Sk5PY4yeqAjgyzyqBfMwkrs8r5LjpSvlpbq/td8qvhlr8kqwod/N" +
    "VrOd6fe6QOckp6OxH4VD7ZCFuphjIWgsEI45lrGY6W59/96/db+XDqznu+u4LTvTb5HvpzmdMxU+" +
    "J1iicUAlQSLA/NlCPo8+3ghHPUy3vq9yTv+UZ8Imvtt2vdV03Uy/Ref7cU5HY8zUDyq00CQr7x8J" +
    "ZT78j9/pHLP7LptjeWGO6Xss9+EvfdfrE3U5ZyMPAAAAMAAAAHic42NgYAgAYjYg5oDSIMAK5TMC" +
    "MTOUBonll2SkFgFpTiCWYEAHH+yhDAcAiwQEPA==",
);
