/**
 * How busy an NVIDIA card is, from NVIDIA's management library (NVML, part of every driver). Without
 * that library there is nothing to tell, which is no error.
 *
 * @module
 */
import { nvmlPaths } from "./library/nvidia_cards.ts";

/** What a card does. A number that the card cannot tell is left out. */
export interface CardUse {
  /** The share of the driver's last sample (up to a second) in which a kernel ran. */
  gpuUse?: number;
  /** Memory taken on the card, by all processes. */
  gpuMemoryBytes?: number;
}

// nvml.h of NVIDIA's driver: nvmlReturn_t is an enum, nvmlDevice_t an opaque pointer.
const nvmlSymbols = {
  nvmlInit_v2: { parameters: [], result: "i32" },
  nvmlDeviceGetHandleByIndex_v2: { parameters: ["u32", "buffer"], result: "i32" },
  nvmlDeviceGetHandleByUUID: { parameters: ["buffer", "buffer"], result: "i32" },
  nvmlDeviceGetUtilizationRates: { parameters: ["pointer", "buffer"], result: "i32" },
  nvmlDeviceGetMemoryInfo: { parameters: ["pointer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** NVML's functions, as far as they are used. */
export type Nvml = Deno.StaticForeignLibraryInterface<typeof nvmlSymbols>;

/** NVML, or undefined where it is not, or must not be opened. */
function openNvml(): Nvml | undefined {
  for (const path of nvmlPaths) {
    try {
      return Deno.dlopen(path, nvmlSymbols).symbols;
    } catch {
      // Most machines have no NVIDIA driver.
    }
  }
  return undefined;
}

const success = 0; // NVML_SUCCESS

/**
 * Which card of NVML's CUDA means by a number, as NVML can look it up: a number or a UUID.
 *
 * @param visible CUDA_VISIBLE_DEVICES. Its numbers are taken for NVML's, which they are for cards of one
 *   kind, or with CUDA_DEVICE_ORDER=PCI_BUS_ID.
 */
function cardName(number: number, visible: string | undefined): number | string {
  if (!visible?.trim()) return number;
  const name = visible.split(",")[number]?.trim() ?? "";
  return /^\d+$/.test(name) ? Number(name) : name;
}

function findCard(nvml: Nvml, name: number | string): Deno.PointerValue {
  const handle = new BigUint64Array(1);
  const found = typeof name === "number"
    ? nvml.nvmlDeviceGetHandleByIndex_v2(name, handle)
    : nvml.nvmlDeviceGetHandleByUUID(new TextEncoder().encode(`${name}\0`), handle);
  return found === success ? Deno.UnsafePointer.create(handle[0]!) : null;
}

/**
 * Opens NVML for one card.
 *
 * @param number the card's, from 0, among those that CUDA shows to the process
 * @returns what asks the card, or undefined where there is no driver or no such card
 */
export function nvidiaCard(
  number: number,
  { nvml = openNvml(), visible }: {
    /** Its functions. Default: the driver's. */
    nvml?: Nvml | undefined;
    /** CUDA_VISIBLE_DEVICES. */
    visible?: string | undefined;
  } = {},
): (() => CardUse) | undefined {
  if (nvml === undefined || nvml.nvmlInit_v2() !== success) return undefined;
  const card = findCard(nvml, cardName(number, visible));
  if (card === null) return undefined;
  // struct nvmlUtilization_t { unsigned int gpu, memory; }, in percent.
  const utilization = new Uint32Array(2);
  // struct nvmlMemory_t { unsigned long long total, free, used; }
  const memory = new BigUint64Array(3);
  return () => ({
    ...nvml.nvmlDeviceGetUtilizationRates(card, utilization) === success
      ? { gpuUse: utilization[0]! / 100 }
      : {},
    ...nvml.nvmlDeviceGetMemoryInfo(card, memory) === success
      ? { gpuMemoryBytes: Number(memory[2]) }
      : {},
  });
}
