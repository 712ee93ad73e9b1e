/**
 * The instruction sets that decide how fast a matrix product runs on this processor.
 *
 * @module
 */

// In Linux's and macOS's spelling; oneDNN, TensorFlow's kernels on a CPU, chooses by these.
const x86Names = [
  "avx",
  "avx2",
  "fma",
  "avx512f",
  "avx512_vnni",
  "avx512_bf16",
  "avx512_fp16",
  "amx_tile",
  "amx_bf16",
  "amx_int8",
];
const armNames = ["asimd", "asimddp", "fphp", "bf16", "i8mm", "sve", "sve2"];
const macNames = ["FEAT_DotProd", "FEAT_FP16", "FEAT_BF16", "FEAT_I8MM", "FEAT_SME"];

// A page of text per core; the first core's is enough.
const readBytes = 16384;

// Deno lets no program read /proc without --allow-all; the C library, which FFI may call, does.
function readCpuinfo(): string {
  const libc = Deno.dlopen("libc.so.6", {
    fopen: { parameters: ["buffer", "buffer"], result: "pointer" },
    fread: { parameters: ["buffer", "usize", "usize", "pointer"], result: "usize" },
    fclose: { parameters: ["pointer"], result: "i32" },
  });
  const encoder = new TextEncoder();
  const file = libc.symbols.fopen(
    encoder.encode("/proc/cpuinfo\0"),
    encoder.encode("r\0"),
  );
  if (file === null) return "";
  const bytes = new Uint8Array(readBytes);
  const count = Number(libc.symbols.fread(bytes, 1n, BigInt(readBytes), file));
  libc.symbols.fclose(file);
  return new TextDecoder().decode(bytes.subarray(0, count));
}

function linuxFlags(): string[] {
  const line = readCpuinfo().match(/^(?:flags|Features)\s*:(.*)$/m)?.[1] ?? "";
  const flags = new Set(line.trim().split(/\s+/));
  return [...x86Names, ...armNames].filter((name) => flags.has(name));
}

function macFeatures(): string[] {
  const system = Deno.dlopen("/usr/lib/libSystem.B.dylib", {
    sysctlbyname: {
      parameters: ["buffer", "buffer", "buffer", "pointer", "usize"],
      result: "i32",
    },
  });
  return macNames.filter((name) => {
    const value = new Uint8Array(8);
    const size = new BigUint64Array([BigInt(value.length)]);
    const key = new TextEncoder().encode(`hw.optional.arm.${name}\0`);
    return system.symbols.sysctlbyname(key, value, size, null, 0n) === 0 &&
      value[0] === 1;
  });
}

/** The instruction sets of this processor that matter to TensorFlow, such as "avx2". */
export function instructionSets(): string[] {
  return Deno.build.os === "darwin" ? macFeatures() : linuxFlags();
}
