import { assert, assertEquals } from "@std/assert";
import { hardwareMeter } from "../../lib/engine/mod.ts";
import { nvidiaCard, type Nvml } from "../../lib/engine/nvidia_use.ts";

/** Two cards, the second one busy; it fills the structs as nvml.h lays them out. */
function fakeNvml(changes: Partial<Nvml> = {}): Nvml & { asked: (number | string)[] } {
  const asked: (number | string)[] = [];
  const give = (buffer: AllowSharedBufferSource | null, index: number): number => {
    (buffer as BigUint64Array)[0] = BigInt(0x1000 + index);
    return 0;
  };
  const indexOf = (device: Deno.PointerValue): number =>
    Number(Deno.UnsafePointer.value(device)) - 0x1000;
  return {
    asked,
    nvmlInit_v2: () => 0,
    nvmlDeviceGetHandleByIndex_v2(index, handle) {
      asked.push(index);
      return index < 2 ? give(handle, index) : 2; // NVML_ERROR_INVALID_ARGUMENT
    },
    nvmlDeviceGetHandleByUUID(uuid, handle) {
      const text = new TextDecoder().decode(uuid as Uint8Array<ArrayBuffer>);
      asked.push(text);
      return text === "GPU-b\0" ? give(handle, 1) : 2;
    },
    nvmlDeviceGetUtilizationRates(device, utilization) {
      // nvmlUtilization_t: unsigned int gpu, then memory.
      const view = new DataView((utilization as Uint32Array<ArrayBuffer>).buffer);
      assertEquals(view.byteLength, 8);
      view.setUint32(0, indexOf(device) === 1 ? 97 : 0, true);
      view.setUint32(4, 55, true);
      return 0;
    },
    nvmlDeviceGetMemoryInfo(device, memory) {
      // nvmlMemory_t: unsigned long long total, free, used.
      const view = new DataView((memory as BigUint64Array<ArrayBuffer>).buffer);
      assertEquals(view.byteLength, 24);
      [80n, 20n, indexOf(device) === 1 ? 60n : 1n]
        .forEach((value, at) => view.setBigUint64(8 * at, value << 30n, true));
      return 0;
    },
    ...changes,
  };
}

Deno.test("nvidiaCard() reads how busy a card is out of NVML's structs", () => {
  const ask = nvidiaCard(1, { nvml: fakeNvml() });
  assertEquals(ask?.(), { gpuUse: 0.97, gpuMemoryBytes: 60 * 2 ** 30 });
  const other = nvidiaCard(0, { nvml: fakeNvml() });
  assertEquals(other?.(), { gpuUse: 0, gpuMemoryBytes: 2 ** 30 });
});

Deno.test("nvidiaCard() takes the card that CUDA_VISIBLE_DEVICES means", () => {
  const asked = (number: number, visible: string): unknown[] => {
    const nvml = fakeNvml();
    const card = nvidiaCard(number, { nvml, visible });
    return [...nvml.asked, card === undefined ? "none" : "found"];
  };
  assertEquals(asked(0, "1"), [1, "found"]);
  assertEquals(asked(1, "0, 1"), [1, "found"]);
  assertEquals(asked(0, ""), [0, "found"]);
  assertEquals(asked(0, "GPU-b"), ["GPU-b\0", "found"]);
  assertEquals(asked(0, "7"), [7, "none"]);
  assertEquals(asked(3, "0"), ["\0", "none"]);
});

Deno.test("nvidiaCard() is nothing without a driver, and leaves out what a card cannot tell", () => {
  const broken = fakeNvml({ nvmlInit_v2: () => 9 }); // NVML_ERROR_DRIVER_NOT_LOADED
  assertEquals(nvidiaCard(0, { nvml: broken }), undefined);
  const silent = fakeNvml({ nvmlDeviceGetUtilizationRates: () => 3 }); // …NOT_SUPPORTED
  assertEquals(nvidiaCard(1, { nvml: silent })?.(), { gpuMemoryBytes: 60 * 2 ** 30 });
});

Deno.test("hardwareMeter() measures at once, and then not before its time", () => {
  let asked = 0;
  const card = () => ({ gpuUse: ++asked / 10 });
  const sample = hardwareMeter({ milliseconds: 3_600_000, card });
  const first = sample();
  assert(first !== undefined && first.processors >= 0);
  assert(first.residentBytes > 2 ** 20, `${first.residentBytes} bytes`);
  assertEquals(first.gpuUse, 0.1);
  assertEquals([sample(), sample(), asked], [undefined, undefined, 1]);
  const eager = hardwareMeter({ milliseconds: 0, card: undefined });
  eager();
  const later = eager();
  assert(later !== undefined && !("gpuUse" in later));
});

Deno.test("hardwareMeter() counts the processors that worked", () => {
  const sample = hardwareMeter({ milliseconds: 0, card: undefined });
  sample();
  const before = performance.now();
  while (performance.now() - before < 120);
  const { processors } = sample()!;
  // Others may take the processor away, but some of it was ours.
  assert(processors > 0.02, `${processors} processors`);
});
