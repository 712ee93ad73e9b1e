/**
 * Asks NVIDIA's management library (NVML, part of every driver) which cards there are. Deno lets
 * no program look into /dev or /proc without --allow-all, and nvidia-smi may not be on the PATH.
 *
 * @module
 */

/** An NVIDIA card, as its driver describes it. */
export interface NvidiaCard {
  readonly name: string;
  readonly memoryBytes: number;
}

/** The driver's version and the cards that it serves. */
export interface NvidiaDriver {
  readonly version: string;
  readonly cards: readonly NvidiaCard[];
}

/** Where NVML is: WSL 2 keeps the driver where the loader does not look. */
export const nvmlPaths: readonly string[] = [
  "libnvidia-ml.so.1",
  "/usr/lib/wsl/lib/libnvidia-ml.so.1",
];
// NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE and NVML_DEVICE_NAME_V2_BUFFER_SIZE are 80 and 96.
const textBytes = 96;

const nvmlSymbols = {
  nvmlInit_v2: { parameters: [], result: "i32" },
  nvmlShutdown: { parameters: [], result: "i32" },
  nvmlSystemGetDriverVersion: { parameters: ["buffer", "u32"], result: "i32" },
  nvmlDeviceGetCount_v2: { parameters: ["buffer"], result: "i32" },
  nvmlDeviceGetHandleByIndex_v2: { parameters: ["u32", "buffer"], result: "i32" },
  nvmlDeviceGetName: { parameters: ["pointer", "buffer", "u32"], result: "i32" },
  nvmlDeviceGetMemoryInfo: { parameters: ["pointer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

function openNvml(): Deno.DynamicLibrary<typeof nvmlSymbols> | undefined {
  for (const name of nvmlPaths) {
    try {
      return Deno.dlopen(name, nvmlSymbols);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
    }
  }
  return undefined;
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The NVIDIA driver and its cards, or undefined where there is no working driver. */
export function readNvidiaDriver(): NvidiaDriver | undefined {
  const library = openNvml();
  if (library === undefined) return undefined;
  const nvml = library.symbols;
  try {
    if (nvml.nvmlInit_v2() !== 0) return undefined;
    const version = new Uint8Array(textBytes);
    nvml.nvmlSystemGetDriverVersion(version, textBytes);
    const count = new Uint32Array(1);
    nvml.nvmlDeviceGetCount_v2(count);
    const cards: NvidiaCard[] = [];
    for (let index = 0; index < (count[0] ?? 0); index++) {
      const handle = new BigUint64Array(1);
      if (nvml.nvmlDeviceGetHandleByIndex_v2(index, handle) !== 0) continue;
      const device = Deno.UnsafePointer.create(handle[0] ?? 0n);
      const name = new Uint8Array(textBytes);
      nvml.nvmlDeviceGetName(device, name, textBytes);
      // struct nvmlMemory_t { unsigned long long total, free, used; }
      const memory = new BigUint64Array(3);
      nvml.nvmlDeviceGetMemoryInfo(device, memory);
      cards.push({ name: text(name), memoryBytes: Number(memory[0] ?? 0n) });
    }
    nvml.nvmlShutdown();
    return { version: text(version), cards };
  } finally {
    library.close();
  }
}

/** How many NVIDIA cards the driver serves; 0 without a driver. */
export function countNvidiaCards(): number {
  return readNvidiaDriver()?.cards.length ?? 0;
}
